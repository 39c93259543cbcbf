"""The simulated mail server."""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from support.cms_answers import Send

from flaskr.pod import BadInput, Pod
from flaskr.pod.mail.service import MailService
from flaskr.pod.mail.state import KEPT_MAIL
from flaskr.pod.wire.body import MAX_BODY
from flaskr.pod.wire.smtp import SmtpSession

FROM, TO = "spaces@pod6.example", "pod6user1@pod6.example"
Mail = list[dict[str, Any]]
Connect = Callable[..., smtplib.SMTP]


@pytest.fixture
def connect(pod: Pod) -> Iterator[Connect]:
    """Connect to the mail server as its settings say, and log in unless told not to."""
    opened: list[smtplib.SMTP] = []

    def open_one(log_in: bool = True) -> smtplib.SMTP:
        settings = pod.settings
        place = (settings["SMTP_HOSTNAME"], int(settings["SMTP_PORT"]))
        context = ssl.create_default_context(cafile=settings["SMTP_TLS_VERIFY"])
        client: smtplib.SMTP
        if settings["SMTP_TLS"] == "tls":
            client = smtplib.SMTP_SSL(*place, timeout=5, context=context)
        else:
            client = smtplib.SMTP(*place, timeout=5)
        opened.append(client)
        if settings["SMTP_TLS"] == "starttls" and pod.switches.mail_tls == "starttls":
            client.starttls(context=context)
        if log_in:
            client.login(settings["SMTP_USERNAME"], settings["SMTP_PASSWORD"])
        return client

    yield open_one
    for client in opened:
        client.close()


@pytest.fixture
def plain(pod: Pod) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server without TLS, for commands of one's own."""
    with smtplib.SMTP("127.0.0.1", pod.port("mail"), timeout=5) as client:
        yield client


@pytest.fixture
def mail(control: Send) -> Callable[[], Mail]:
    """What the control port shows."""
    return lambda: list(control("GET", "/mail").json())


def letter(text: str = "Good morning") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = FROM, TO, "Your Space, Zoë"
    message.set_content(text)
    return message


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_is_taken_over_tls_and_shown(
    pod: Pod, connect: Connect, mail: Callable[[], Mail], tls: str
) -> None:
    pod.switches.mail_tls = tls
    text = "Grüße\n.\n..\nfrom <b>me</b>\n"
    connect().send_message(letter(text), to_addrs=[TO, "anyone@elsewhere.example"])
    [shown] = mail()
    assert (shown["from"], shown["to"]) == (FROM, [TO, "anyone@elsewhere.example"])
    assert (shown["subject"], shown["text"]) == ("Your Space, Zoë", text)
    assert (shown["user"], shown["tls"]) == (pod.settings["SMTP_USERNAME"], True)
    assert shown["headers"]["To"] == TO
    assert shown["received"].endswith("Z")
    assert "\r\n\r\n" in shown["source"]


def test_the_newest_mail_is_shown_first(connect: Connect, mail: Callable[[], Mail]) -> None:
    client = connect()
    for text in ("first", "second"):
        client.send_message(letter(text))
    assert [each["text"] for each in mail()] == ["second\n", "first\n"]


def test_tls_is_wanted_before_anything_else(plain: smtplib.SMTP) -> None:
    plain.ehlo()
    assert plain.has_extn("starttls") and not plain.has_extn("auth")
    assert plain.docmd("AUTH PLAIN AGEAYg==")[0] == 538
    assert plain.mail(FROM)[0] == 530


def test_what_was_sent_before_tls_is_forgotten(pod: Pod, plain: smtplib.SMTP) -> None:
    assert plain.sock
    plain.ehlo()
    plain.sock.sendall(b"STARTTLS\r\nNOOP\r\n")
    assert plain.getreply()[0] == 220
    context = ssl.create_default_context(cafile=pod.ca_file)
    plain.sock = context.wrap_socket(plain.sock, server_hostname="127.0.0.1")
    plain.file = None
    assert plain.mail(FROM)[0] == 503
    code, said = plain.ehlo()
    assert (code, b"STARTTLS" in said, b"AUTH PLAIN LOGIN" in said) == (250, False, True)


def test_starttls_may_not_be_offered(
    pod: Pod, plain: smtplib.SMTP, mail: Callable[[], Mail]
) -> None:
    pod.switches.mail_tls = "none"
    with pytest.raises(smtplib.SMTPNotSupportedError):
        plain.starttls()
    assert plain.docmd("STARTTLS")[0] == 502
    plain.login(pod.settings["SMTP_USERNAME"], pod.settings["SMTP_PASSWORD"])
    plain.send_message(letter())
    assert [each["tls"] for each in mail()] == [False]


def test_the_certificate_can_be_wrong_with_starttls_too(pod: Pod, connect: Connect) -> None:
    for tls in ("starttls", "tls"):
        pod.switches.update({"mail_tls": tls, "mail_handshake": "expired"})
        with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
            connect()
        pod.switches.mail_handshake = "cut"
        with pytest.raises((ssl.SSLError, OSError)):
            connect()


@pytest.mark.parametrize("way", ["PLAIN", "LOGIN"])
@pytest.mark.parametrize("at_once", [True, False])
def test_clients_log_in_in_two_ways(
    pod: Pod, connect: Connect, way: str, at_once: bool
) -> None:
    client = connect(log_in=False)
    client.ehlo()
    client.user, client.password = pod.settings["SMTP_USERNAME"], pod.settings["SMTP_PASSWORD"]
    how = client.auth_plain if way == "PLAIN" else client.auth_login
    assert client.auth(way, how, initial_response_ok=at_once)[0] == 235
    assert client.docmd("AUTH PLAIN AGEAYg==")[0] == 503
    assert client.mail(FROM)[0] == 250


def test_wrong_credentials_are_refused(connect: Connect, pod: Pod) -> None:
    client = connect(log_in=False)
    for user, password in (("pod6portal", "wrong"), ("nobody", pod.settings["SMTP_PASSWORD"])):
        with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
            client.login(user, password)
        assert caught.value.smtp_code == 535
    assert client.docmd("AUTH", "CRAM-MD5")[0] == 504
    assert client.docmd("AUTH", "PLAIN ?")[0] == 501
    assert client.docmd("AUTH", "PLAIN")[0] == 334
    assert client.docmd("*")[0] == 501
    assert client.mail(FROM) == (530, b"5.7.0 Log in first")


def test_credentials_need_not_be_wanted(
    pod: Pod, connect: Connect, mail: Callable[[], Mail]
) -> None:
    pod.switches.mail_authentication = False
    assert "SMTP_USERNAME" not in pod.settings
    client = connect(log_in=False)
    client.ehlo()
    assert not client.has_extn("auth")
    assert client.docmd("AUTH PLAIN AGEAYg==")[0] == 502
    client.send_message(letter())
    assert [each["user"] for each in mail()] == [""]


def test_the_credentials_are_options() -> None:
    settings = Pod(mail_username="a", mail_password="b").settings
    assert (settings["SMTP_USERNAME"], settings["SMTP_PASSWORD"]) == ("a", "b")


def test_commands_have_their_order(connect: Connect) -> None:
    client = connect()
    for command, code in (
        ("RCPT TO:<a@b>", 503), ("DATA", 503), ("MAIL FROM:a@b", 501), ("MAIL", 501),
        ("MAIL FROM:<a@b> SIZE=99999999", 552), ("MAIL FROM:<a@b> BODY=8BITMIME SIZE=99", 250),
        ("MAIL FROM:<a@b>", 503), ("DATA", 503), ("RCPT TO:<nobody>", 553), ("RCPT TO:<a@b>", 250),
        ("NOOP", 250), ("VRFY a", 252), ("RSET", 250), ("DATA", 503), ("MAIL FROM:<>", 250),
        ("EHLO", 501), ("EHLO a", 250), ("MAIL FROM:<>", 250), ("STARTTLS", 502), ("ETRN a", 502),
        ("MESSAGE", 500), ("CONNECT", 500), ("?", 500), ("", 500), ("HELO a", 250), ("QUIT", 221),
    ):
        assert client.docmd(command)[0] == code, command
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


def test_there_are_only_so_many_recipients(connect: Connect) -> None:
    client = connect()
    client.mail(FROM)
    codes = [client.rcpt(f"user{number}@pod6.example")[0] for number in range(101)]
    assert codes == [250] * 100 + [452]


def test_a_message_that_is_too_large_is_refused(
    connect: Connect, mail: Callable[[], Mail]
) -> None:
    client = connect()
    lines = ("a" * 998 + "\r\n") * (MAX_BODY // 1000 + 2)
    client.mail(FROM)
    client.rcpt(TO)
    assert client.data(lines)[0] == 552
    assert (client.mail(FROM)[0], mail()) == (250, [])


@pytest.mark.parametrize(("limits", "code"), [
    ({"method": "RCPT", "path": "nobody@*"}, 550), ({"method": "RCPT"}, 451),
    ({"method": "AUTH"}, 535), ({"method": "MESSAGE"}, 451), ({"method": "DATA"}, 421),
    ({"method": "CONNECT"}, 421), ({"method": "MAIL"}, 452), ({"method": "STARTTLS"}, 454),
])
def test_a_command_can_be_refused_with_any_reply(
    pod: Pod, connect: Connect, mail: Callable[[], Mail], limits: dict[str, str], code: int
) -> None:
    pod.faults.add("status", code, server="mail", **limits)
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)) as caught:
        connect().send_message(letter(), to_addrs="nobody@pod6.example")
    assert str(code) in str(caught.value)
    pod.faults.clear()
    assert mail() == []
    connect().send_message(letter(), to_addrs="nobody@pod6.example")
    assert len(mail()) == 1


def test_a_recipient_that_is_refused_is_none(
    pod: Pod, connect: Connect, mail: Callable[[], Mail]
) -> None:
    pod.faults.add("status", 550, server="mail", method="RCPT", path="NOBODY@*")
    refused = connect().send_message(letter(), to_addrs=["nobody@pod6.example", TO])
    assert [code for code, _ in refused.values()] == [550]
    assert [each["to"] for each in mail()] == [[TO]]


def test_the_mail_server_can_be_busy(pod: Pod, connect: Connect) -> None:
    pod.faults.add("busy", server="mail", method="MAIL")
    assert connect().mail(FROM) == (451, b"4.3.2 Try again later")


@pytest.mark.parametrize("takes_effect", [True, False])
def test_a_reply_can_be_lost_after_mail_was_taken_or_before(
    pod: Pod, connect: Connect, mail: Callable[[], Mail], takes_effect: bool
) -> None:
    client = connect()
    pod.faults.add("cut", server="mail", method="MESSAGE", takes_effect=takes_effect)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.send_message(letter())
    assert len(mail()) == takes_effect


@pytest.mark.parametrize("method", ["CONNECT", "STARTTLS", "AUTH", "DATA"])
def test_a_connection_can_be_cut_at_any_command(pod: Pod, connect: Connect, method: str) -> None:
    pod.faults.add("cut", server="mail", method=method)
    began = time.monotonic()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionResetError)):
        connect().send_message(letter())
    assert time.monotonic() - began < 3


def test_the_mail_server_can_be_slow(pod: Pod, plain: smtplib.SMTP) -> None:
    pod.switches.mail_latency = 200
    began = time.monotonic()
    plain.noop()
    assert time.monotonic() - began > 0.2


def test_faults_of_http_are_none_of_the_mail_server(pod: Pod, connect: Connect) -> None:
    with pytest.raises(BadInput, match="The fault html is one of servers over HTTP alone."):
        pod.faults.add("html", server="mail")
    fault = pod.faults.add("html")
    connect().send_message(letter())
    assert fault.acted == 0


def test_what_is_said_is_in_the_journal_but_for_what_is_secret(
    pod: Pod, connect: Connect, control: Send
) -> None:
    client = connect()
    client.send_message(letter())
    client.noop()  # a reply is noted before the next command is read
    report = control("GET", "/requests").json()
    asked = [(each["method"], each["path"], each["status"]) for each in report["requests"]]
    assert asked[:9] == [
        ("CONNECT", "", 220), ("EHLO", asked[1][1], 250), ("STARTTLS", "", 220),
        ("EHLO", asked[1][1], 250), ("AUTH", "PLAIN", 235), ("MAIL", FROM, 250),
        ("RCPT", TO, 250), ("DATA", "", 354), ("MESSAGE", TO, 250),
    ]
    assert report["servers"]["mail"]["handshakes"] == 1


def test_a_reset_throws_the_mail_away_and_cuts_connections(
    pod: Pod, connect: Connect, mail: Callable[[], Mail]
) -> None:
    client = connect()
    client.send_message(letter())
    pod.reset()
    assert mail() == []
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()


@pytest.mark.parametrize(("source", "text"), [
    (b"Subject: a\r\n\r\nb\r\n", "b\n"), (b"no header at all", "no header at all\n"), (b"", ""),
    (b"Content-Type: text/html\r\n\r\n<p>a</p>", "<p>a</p>\n"),
    (b"Content-Type: image/png\r\n\r\na", ""),
    (b"Content-Type: text/plain; charset=x-pod6\r\n\r\n\xe4", None),
    (b"Subject: \xe4\r\n\r\n\xe4", "\ufffd\n"),
    (b"Content-Transfer-Encoding: base64\r\n\r\nw6Q=\r\n", "\ufffd\ufffd"),
    (b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
     b"\xc3\xa4", "ä\n"),
])
def test_whatever_is_sent_is_shown(
    connect: Connect, mail: Callable[[], Mail], source: bytes, text: str | None
) -> None:
    connect().sendmail(FROM, [TO], source)
    [shown] = mail()
    assert shown["text"] == (shown["source"] if text is None else text)


def test_the_last_mail_is_kept(pod: Pod) -> None:
    service = pod.services["mail"]
    assert isinstance(service, MailService)
    for number in range(KEPT_MAIL + 2):
        service.state.add(SmtpSession(sender=str(number)), b"")
    kept = [each["from"] for each in service.state.shown()]
    assert (len(kept), kept[0], kept[-1]) == (KEPT_MAIL, str(KEPT_MAIL + 1), "2")


def test_a_client_that_stops_in_the_middle_leaves_nothing(
    pod: Pod, connect: Connect, mail: Callable[[], Mail]
) -> None:
    client = connect()
    client.mail(FROM)
    client.rcpt(TO)
    client.docmd("DATA")
    client.send("half a message")
    client.close()
    with socket.create_connection(("127.0.0.1", pod.port("mail"))) as other:
        other.sendall(b"NOOP")
    assert mail() == []


def test_a_line_without_end_ends_the_connection(pod: Pod) -> None:
    with socket.create_connection(("127.0.0.1", pod.port("mail")), timeout=5) as connection:
        connection.sendall(b"a" * 12_288)
        said = b""
        while piece := connection.recv(100):
            said += piece
    assert said.startswith(b"220 ") and said.count(b"\n") == 1


def test_it_stops_though_clients_with_any_password_are_connected_over_starttls() -> None:
    with Pod(mail_password="pä ss") as pod:
        client = smtplib.SMTP("127.0.0.1", pod.port("mail"), timeout=5)
        client.starttls(context=ssl.create_default_context(cafile=pod.ca_file))
        client.ehlo()
        said = base64.b64encode("\0pod6portal\0pä ss".encode()).decode()
        assert client.docmd("AUTH PLAIN", said)[0] == 235
        began = time.monotonic()
    assert time.monotonic() - began < 2
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.noop()
