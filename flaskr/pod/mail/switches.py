"""The switches of the mail server."""

from __future__ import annotations

from dataclasses import dataclass

from flaskr.pod.checks import boolean, choice
from flaskr.pod.switches import SwitchGroup, switch
from flaskr.pod.wire.switches import handshake, latency


@dataclass
class MailSwitches(SwitchGroup):
    """How this mail server behaves where others behave otherwise."""

    mail_latency: int = latency("mail server")
    mail_handshake: str = handshake("mail server")
    mail_tls: str = switch(
        "starttls", choice("starttls", "tls", "none"),
        "when TLS begins: when the client says STARTTLS, which is wanted then; as it connects; or "
        "never: no STARTTLS is offered, and all is taken in clear"
    )
    mail_authentication: bool = switch(
        True, boolean(), "whether the mail server wants a user name and password"
    )
