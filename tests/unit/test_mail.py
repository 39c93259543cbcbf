"""The client of a mail server: what it sends, never in the clear, and what it says went wrong."""

import logging
import socket
import time
from collections.abc import Iterator

import pytest
from support.failures import failure_of
from support.mail_servers import END, GREETING, Reply, ScriptedMailServer, running_mail_server
from support.scripted import Pause
from support.timing import timed

from flaskr.mail.mail import Mail
from flaskr.pod.wire.certificates import Certificates
from flaskr.result import Reason

PASSWORD = "s3cret-of-mail"
PLAIN = "AHBvcnRhbABzM2NyZXQtb2YtbWFpbA=="  # of AUTH PLAIN
BEYOND = Pause(20)  # longer than any test waits
TEXT = "You are invited to Zoë's Space.\n\n.\nPasscode: 135790\n" + "a long line " * 20


@pytest.fixture(scope="module")
def certificates() -> Iterator[Certificates]:
    made = Certificates()
    yield made
    made.remove()


@pytest.fixture
def server(certificates: Certificates) -> Iterator[ScriptedMailServer]:
    with running_mail_server(certificates) as server:
        yield server


def client(server: ScriptedMailServer, timeout: float = 5.0, **more: str) -> Mail:
    settings = {"username": "portal", "password": PASSWORD, **more}
    return Mail(
        "127.0.0.1", port=server.port, sender="The portal <portal@pod6.example>",
        tls="tls" if server.tls_at_once else "starttls", tls_verify=server.ca_file,
        timeout=timeout, **settings,
    )


def send(mail: Mail) -> str:
    return mail.send("kim@pod6.example", "Join Zoë's Space", TEXT).message


@pytest.mark.parametrize("tls_at_once", [False, True])
def test_a_mail_comes_as_it_was_written(server: ScriptedMailServer, tls_at_once: bool) -> None:
    server.tls_at_once = tls_at_once
    assert send(client(server)) == f"Mail server at 127.0.0.1:{server.port}: sent to " \
        "kim@pod6.example."
    (mail,) = server.mails
    assert mail["From"] == "The portal <portal@pod6.example>"
    assert mail["To"] == "kim@pod6.example"
    assert mail["Subject"] == "Join Zoë's Space"
    assert mail["Message-ID"].endswith("@pod6.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.timestamp() == pytest.approx(time.time(), abs=5)
    assert mail.get_content().splitlines() == TEXT.splitlines()
    assert mail.as_bytes().isascii()
    envelope = [each.text.partition(":")[2] for each in server.heard if ":<" in each.text]
    assert envelope == ["<portal@pod6.example>", "<kim@pod6.example>"]


@pytest.mark.parametrize("tls_at_once", [False, True])
def test_nothing_but_the_way_to_tls_is_said_in_the_clear(
    server: ScriptedMailServer, tls_at_once: bool
) -> None:
    server.tls_at_once = tls_at_once
    send(client(server))
    clear = [command.text.split()[0] for command in server.heard if not command.is_encrypted]
    assert clear == ([] if tls_at_once else ["ehlo", "STARTTLS"])
    assert f"AUTH PLAIN {PLAIN}" in [each.text for each in server.heard if each.is_encrypted]


def test_without_a_user_nobody_logs_in(server: ScriptedMailServer) -> None:
    send(client(server, username=""))
    assert "AUTH" not in server.verbs
    assert len(server.mails) == 1


def test_this_machine_is_called_by_its_address(server: ScriptedMailServer) -> None:
    send(client(server))
    assert {each.text for each in server.heard if each.text[:4] == "ehlo"} == {"ehlo [127.0.0.1]"}


@pytest.mark.parametrize("name", ["a\r\nBcc: eve@x.example", "a\nb", "\n", "x" * 2000, "a\u2028b"])
def test_a_name_of_a_space_makes_no_header_of_its_own(
    server: ScriptedMailServer, name: str
) -> None:
    client(server).send("kim@pod6.example", f"Join {name}", "x")
    (mail,) = server.mails
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }
    assert mail["Subject"] == " ".join(f"Join {name}".split())
    assert server.verbs.count("RCPT") == 1


# What goes wrong. Where the message had not been begun, it says that nothing was sent.
SENT_MAYBE = "It may have been sent all the same."
NOTHING = "Nothing was sent."


@pytest.mark.parametrize(
    ("verb", "reply", "code", "said"),
    [
        (GREETING, b"421 too many", "mail_busy", "it can't take it now (421 too many)"),
        (GREETING, b"554 no", "mail_refused", "it refuses this: 554 no. Nothing"),
        (GREETING, b"HTTP/1.1 400 Bad", "mail_unreadable_answer", "there is no mail server"),
        (GREETING, b"hello", "mail_unreadable_answer", "Check SMTP_HOSTNAME and SMTP_PORT."),
        (GREETING, None, "mail_answer_lost", f"in between. {NOTHING}"),
        ("EHLO", None, "mail_answer_lost", NOTHING),
        ("EHLO", b"421 going down", "mail_busy", "(421 going down). Try again later. Nothing"),
        ("EHLO", b"502 what?", "mail_refused", "it refuses this: 502 what?. Nothing was sent."),
        ("EHLO", b"250 mail.pod6.example", "mail_not_supported", "STARTTLS extension not"),
        ("STARTTLS", b"454 not now", "mail_busy", "454 not now"),
        ("STARTTLS", b"554 no", "mail_refused", "554 no"),
        ("STARTTLS", None, "mail_answer_lost", NOTHING),
        ("AUTH", b"535 wrong " + PASSWORD.encode(), "mail_refused_credentials", "(code 535). Check"
         " SMTP_USERNAME and SMTP_PASSWORD, and what"),
        ("AUTH", b"454 later " + PASSWORD.encode(), "mail_busy", "it can't take it now (454)"),
        ("AUTH", None, "mail_answer_lost", NOTHING),
        ("MAIL", b"550 not yours", "mail_refused", "it refuses this: 550 not yours. Nothing"),
        ("MAIL", b"451 later", "mail_busy", "451 later"),
        ("RCPT", b"550 5.1.1 no such user", "mail_refused", "this: 550 5.1.1 no such user. Noth"),
        ("RCPT", b"450 greylisted", "mail_busy", "(450 greylisted). Try again later. Nothing"),
        ("RCPT", None, "mail_answer_lost", NOTHING),
        ("DATA", b"554 no", "mail_refused", NOTHING),
        ("DATA", b"451 later", "mail_busy", NOTHING),
        (END, b"552 too large", "mail_refused", f"552 too large. {NOTHING}"),
        (END, b"451 later", "mail_busy", NOTHING),
        (END, None, "mail_answer_lost", SENT_MAYBE),
        (END, b"\xff\x1b[31m", "mail_unreadable_answer", SENT_MAYBE),
    ],
)
def test_what_went_wrong_is_told_in_words(
    server: ScriptedMailServer, caplog: pytest.LogCaptureFixture,
    verb: str, reply: Reply, code: str, said: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.replies[verb] = reply
    failure = failure_of(send, client(server))
    assert (failure.code, said in failure.message) == (code, True), failure.message
    assert f"outcome={failure.reason.value}" in caplog.text
    for secret in (PASSWORD, PLAIN, "\x1b"):
        assert secret not in failure.message + caplog.text


@timed
@pytest.mark.parametrize("verb", [GREETING, "EHLO", "STARTTLS", "AUTH", "RCPT", "DATA", END])
def test_it_ends_in_time_whatever_the_server_is_at(server: ScriptedMailServer, verb: str) -> None:
    server.replies[verb] = BEYOND
    start = time.monotonic()
    failure = failure_of(send, client(server, timeout=0.3))
    assert time.monotonic() - start < 2
    assert failure.reason is Reason.TIMED_OUT
    assert "no whole answer within 0.3 s" in failure.message
    assert failure.message.endswith(SENT_MAYBE if verb in ("DATA", END) else NOTHING)


@timed
@pytest.mark.parametrize("tls_at_once", [False, True])
def test_a_server_that_drips_does_not_hold_anyone(
    server: ScriptedMailServer, tls_at_once: bool
) -> None:
    """Each of its bytes comes in time, and never the end of its line."""
    server.tls_at_once = tls_at_once
    server.drips = "EHLO"
    start = time.monotonic()
    failure = failure_of(send, client(server, timeout=0.3))
    assert time.monotonic() - start < 2
    assert failure.reason is Reason.TIMED_OUT


@pytest.mark.parametrize("tls_at_once", [False, True])
@pytest.mark.parametrize(
    ("handshake", "code", "said"),
    [
        ("expired", "mail_untrusted", "certificate has expired"),
        ("other_ca", "mail_untrusted", "SMTP_TLS_VERIFY must name the CA bundle"),
        ("other_name", "mail_untrusted", "for the name in SMTP_HOSTNAME"),
    ],
)
def test_a_certificate_that_does_not_verify_gets_no_password(
    server: ScriptedMailServer, tls_at_once: bool, handshake: str, code: str, said: str
) -> None:
    server.tls_at_once, server.handshake = tls_at_once, handshake
    failure = failure_of(send, client(server))
    assert (failure.code, said in failure.message) == (code, True), failure.message
    assert "AUTH" not in server.verbs


def test_tls_where_the_server_speaks_none_is_told_and_nothing_is_said(
    server: ScriptedMailServer,
) -> None:
    at_once = Mail(
        "127.0.0.1", "portal", PASSWORD, server.port, sender="a@b.example", tls="tls",
        tls_verify=server.ca_file,
    )
    failure = failure_of(send, at_once)
    assert failure.code == "mail_unreachable"
    assert all(PASSWORD not in each.text for each in server.heard)


def test_an_offer_of_tls_that_was_taken_out_on_the_way_gets_no_password(
    server: ScriptedMailServer,
) -> None:
    server.replies["EHLO"] = b"250-mail.pod6.example\r\n250 AUTH PLAIN LOGIN"
    failure = failure_of(send, client(server))
    assert failure.code == "mail_not_supported"
    assert server.verbs in (["EHLO"], ["EHLO", "QUIT"])


def test_what_was_said_before_tls_does_not_count_after_it(server: ScriptedMailServer) -> None:
    server.replies["STARTTLS"] = b"220 go on\r\n250-evil\r\n250 AUTH PLAIN"
    send(client(server))
    assert server.verbs[:3] == ["EHLO", "STARTTLS", "EHLO"]


def test_where_nothing_listens_it_says_so(server: ScriptedMailServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    nowhere = Mail("127.0.0.1", port=port, sender="a@b.example", timeout=1)
    failure = failure_of(send, nowhere)
    assert failure.code == "mail_unreachable"
    assert failure.message == (
        f"Mail server at 127.0.0.1:{port}: could not connect: connection refused. Check "
        "SMTP_HOSTNAME and SMTP_PORT, and that the server is up. Nothing was sent."
    )


def test_a_name_that_does_not_resolve_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", unknown)
    failure = failure_of(send, Mail("mail.nowhere.invalid", sender="a@b.example"))
    assert failure.code == "mail_unreachable"
    assert "the host name does not resolve" in failure.message


def test_an_address_outside_ascii_takes_a_server_that_takes_it(
    server: ScriptedMailServer,
) -> None:
    failure = failure_of(client(server).send, "zoë@pod6.example", "x", "y")
    assert failure.code == "mail_not_supported"
    server.replies["EHLO"] = b"250-mail\r\n250-STARTTLS\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n" \
        b"250 SMTPUTF8"
    client(server).send("zoë@pod6.example", "x", "y")
    assert len(server.mails) == 1
