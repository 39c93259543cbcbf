"""The switches of Webex."""

from __future__ import annotations

from dataclasses import dataclass

from flaskr.pod.checks import boolean, choice
from flaskr.pod.switches import SwitchGroup, switch
from flaskr.pod.wire.switches import handshake, latency


@dataclass
class WebexSwitches(SwitchGroup):
    """How this Webex behaves where others behave otherwise."""

    webex_latency: int = latency("Webex")
    webex_handshake: str = handshake("Webex")
    webex_bot_in_room: bool = switch(
        True, boolean(), "whether the bot is in the room of WEBEX_ROOM_ID: else it is not found"
    )
    webex_unknown_person: str = switch(
        "404", choice("404", "400"), "the status for an address that no person has"
    )
    webex_null_max: bool = switch(
        False, boolean(), "whether the address of a list's next page says max=null, which is "
        "refused"
    )
