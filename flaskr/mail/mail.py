"""The client of a mail server: it sends texts to people."""

import logging
import smtplib
import time
from collections.abc import Callable, Mapping
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr

from urllib3.exceptions import HTTPError

from flaskr.mail.session import MailSession
from flaskr.places import Place
from flaskr.rest.v1.errors import Explanation, explain
from flaskr.rest.v1.transport import tls_context
from flaskr.result import MAYBE_DONE, Failure, Outcome, Reason

logger = logging.getLogger(__name__)

SERVER = "mail"  # in one word for code: the codes of its failures begin with it
STARTTLS, TLS = "starttls", "tls"
_MOST_SHOWN = 200  # characters of what the server says

_SETTINGS: Mapping[str, str] = {
    "prefix": "SMTP",
    "host": "SMTP_HOSTNAME",
    "address": "SMTP_HOSTNAME and SMTP_PORT",
    "login": "SMTP_USERNAME and SMTP_PASSWORD",
    "timeout_setting": "PORTAL_TIMEOUT",
}
_BUSY = Explanation(Reason.BUSY, "it can't take it now ({cause}). Try again later.")
_REFUSED = Explanation(Reason.REFUSED, "it refuses this: {cause}")
_CREDENTIALS = Explanation(
    Reason.REFUSED_CREDENTIALS,
    "it refuses the credentials (code {cause}). Check {login}, and what that account is allowed "
    "to do.",
)
_NO_MAIL_SERVER = Explanation(
    Reason.UNREADABLE, "what answers there is no mail server. Check {address}."
)
_LACKS = Explanation(Reason.NOT_SUPPORTED, "it does not offer what this takes: {cause}")


class Mail:
    """A client of a mail server, over TLS only, safe to use from many threads.

    `tls` is `starttls`, or `tls` for a port where TLS comes at once, such as 465. `tls_verify` is
    True, False, or the path of a CA bundle (raises OSError where that is not one). `sender` is whom
    mails are from: an address, or a name with an address in angle brackets. `timeout` is in seconds
    and bounds a mail as a whole.
    """

    title = "Mail server"
    settings_prefix = "SMTP"

    def __init__(
        self,
        host: str,
        username: str | None = None,
        password: str | None = None,
        port: int = 587,
        *,
        sender: str,
        tls: str = STARTTLS,
        tls_verify: bool | str = True,
        timeout: float = 10.0,
    ) -> None:
        self.place = Place(host, port)
        self.timeout = timeout
        self._login = (username, password or "") if username else None
        self._sender = sender
        self._is_tls_at_once = tls == TLS
        self._context = tls_context(tls_verify)

    def send(self, address: str, subject: str, text: str) -> Outcome:
        """Send a text to one address, once. Raises Failure."""
        start = time.monotonic()
        session = MailSession(start + self.timeout)
        said = "sent"
        try:
            self._send(session, address, self._written(address, subject, text))
        except (OSError, HTTPError, UnicodeError, MessageError) as error:
            failure = self._failure(error, session)
            said = failure.reason.value
            raise failure from None
        finally:
            milliseconds = (time.monotonic() - start) * 1000
            logger.info("mail place=%s outcome=%s ms=%.0f", self.place, said, milliseconds)
        return Outcome(f"{self.title} at {self.place}: sent to {address}.")

    def _send(self, session: MailSession, address: str, message: EmailMessage) -> None:
        with session.open_to(self.place, self._context, self._is_tls_at_once):
            if self._login:
                session.login(*self._login)
            session.send_message(message, parseaddr(self._sender)[1], [address])

    def _written(self, address: str, subject: str, text: str) -> EmailMessage:
        """Return the mail, in ASCII whatever the text, as not all servers take more."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = address
        message["Subject"] = " ".join(subject.split())
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, cte="quoted-printable")
        return message

    def _failure(self, error: Exception, session: MailSession) -> Failure:
        """Return what an error means, and whether the mail may have been sent all the same."""
        (reason, text), cause = _explained(error, session)
        said = text.format(cause=cause, timeout=f"{self.timeout:g}", **_SETTINGS)
        is_open = session.has_begun and reason in MAYBE_DONE
        end = "It may have been sent all the same." if is_open else "Nothing was sent."
        return Failure(reason, f"{self.title} at {self.place}: {said} {end}", (), SERVER)


def _explained(error: Exception, session: MailSession) -> tuple[Explanation, str]:
    """Return what an error means, and its cause in words."""
    if session.is_over and isinstance(error, smtplib.SMTPException):
        return explain(TimeoutError())  # whatever was made of a line that was cut
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return explain(error)
    meanings = (meaning for kind, meaning in _MEANINGS if isinstance(error, kind))
    return next(meanings, explain)(error)


def _of_code(code: int, said: bytes | str) -> tuple[Explanation, str]:
    """Return what a reply means by its code (RFC 5321, section 4.2.1)."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    shown = "".join(filter(str.isprintable, f"{code} {text}"))[:_MOST_SHOWN]
    if 400 <= code < 500:
        return _BUSY, shown
    return (_REFUSED, f"{shown}.") if code >= 500 else (_NO_MAIL_SERVER, shown)


def _of_credentials(error: smtplib.SMTPAuthenticationError) -> tuple[Explanation, str]:
    """Return the same where it is about credentials, which its words might repeat."""
    if 400 <= error.smtp_code < 500:
        return _BUSY, str(error.smtp_code)
    return _CREDENTIALS, str(error.smtp_code)


def _of_recipient(error: smtplib.SMTPRecipientsRefused) -> tuple[Explanation, str]:
    code, said = next(iter(error.recipients.values()))
    return _of_code(code, said)


# The first row that fits an error explains it.
_MEANINGS: tuple[tuple[type[Exception], Callable[..., tuple[Explanation, str]]], ...] = (
    (smtplib.SMTPAuthenticationError, _of_credentials),
    (smtplib.SMTPRecipientsRefused, _of_recipient),
    (smtplib.SMTPResponseException, lambda error: _of_code(error.smtp_code, error.smtp_error)),
    (smtplib.SMTPException, lambda error: (_LACKS, str(error))),
    (MessageError, lambda error: (_REFUSED, "the mail can't be written.")),
    (UnicodeError, lambda error: (_REFUSED, "the mail can't be written.")),
)
