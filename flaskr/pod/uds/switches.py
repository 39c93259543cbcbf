"""The switches of the UDS."""

from __future__ import annotations

from dataclasses import dataclass

from flaskr.pod.checks import boolean, choice, whole
from flaskr.pod.switches import SwitchGroup, switch
from flaskr.pod.wire.switches import handshake, latency


@dataclass
class UdsSwitches(SwitchGroup):
    """How this UDS behaves where others behave otherwise."""

    uds_latency: int = latency("UDS")
    uds_handshake: str = handshake("UDS")
    uds_authentication: bool = switch(
        False, boolean(), "whether the UDS wants a user name and password for its users"
    )
    uds_user_authentication: bool = switch(
        True, boolean(), "whether the UDS shows one user by ID only to that user, who has the "
        "password of the UDS too, and to its reader"
    )
    uds_case_sensitive: bool = switch(
        False, boolean(), "whether username tells capital letters from small ones"
    )
    uds_ignores_username: bool = switch(
        False, boolean(), "whether the UDS answers all users, whatever username says"
    )
    uds_ignore_unknown_parameters: bool = switch(
        False, boolean(), "whether the UDS overlooks a parameter that it doesn't know"
    )
    uds_max_refused: bool = switch(
        False, boolean(), "whether the UDS refuses a max above 500 (415), instead of showing 500"
    )
    uds_total_cap: int = switch(
        0, whole(0, 10_000), "where totalCount stops counting, as it does at 64 on some releases; "
        "0 for nowhere"
    )
    uds_error_body: str = switch(
        "html", choice("html", "none"), "what comes with an error status of the UDS"
    )
