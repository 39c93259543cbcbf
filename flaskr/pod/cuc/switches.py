"""The switches of the Unity Connection."""

from __future__ import annotations

from dataclasses import dataclass

from flaskr.pod.checks import boolean, choice, number, text, whole
from flaskr.pod.switches import SwitchGroup, switch
from flaskr.pod.wire.switches import handshake, latency

# The most PINs of a mailbox that are remembered.
MOST_PREVIOUS = 25


@dataclass
class CucSwitches(SwitchGroup):
    """How this Unity Connection behaves where others behave otherwise."""

    cuc_latency: int = latency("Unity Connection")
    cuc_handshake: str = handshake("Unity Connection")
    cuc_version: str = switch(
        "12.5.1.14009-13", text(50), "the release that the Unity Connection says it is"
    )
    cuc_at_a_time: int = switch(
        5, whole(1, 10_000), "how many requests the Unity Connection works on at a time"
    )
    cuc_queue: int = switch(
        255, whole(0, 10_000), "how many further requests wait for their turn; to more of them it "
        "answers 503"
    )
    cuc_queue_seconds: float = switch(
        20.0, number(0, 3600), "after how many seconds of waiting a request is answered 503"
    )
    cuc_retry_after: int = switch(
        0, whole(0, 3600), "the seconds that such a 503 says in Retry-After; 0 for no Retry-After"
    )
    cuc_session_limit: int = switch(
        0, whole(0, 1_000_000), "how many sessions the Unity Connection has at once, 0 for any "
        "number; with 1, who comes without the cookies of the first is refused"
    )
    cuc_session_refusal: str = switch(
        "503", choice("503", "401"), "the status for a log-in beyond the limit of sessions"
    )
    cuc_session_seconds: float = switch(
        1800.0, number(0, 100_000), "after how many idle seconds a session ends"
    )
    cuc_refusal_body: str = switch(
        "html", choice("html", "details", "none"), "what comes with a 401, and with a 404 for a "
        "path that the Unity Connection doesn't have"
    )
    cuc_unknown_id_body: str = switch(
        "details", choice("details", "html", "none"), "what comes with a 404 for an object that "
        "doesn't exist"
    )
    cuc_one_row: str = switch(
        "object", choice("object", "list"), "what a list of one row is in JSON"
    )
    cuc_default_rows: int = switch(
        2001, whole(1, 100_000), "the most rows of a list where rowsPerPage doesn't say it"
    )
    cuc_import_total: bool = switch(
        True, boolean(), "whether the list of users to import says a total"
    )
    cuc_import_phone: bool = switch(
        True, boolean(), "whether the list of users to import has their telephone numbers"
    )
    cuc_ldap: bool = switch(
        True, boolean(), "whether LDAP is set up, so that there are users to import"
    )
    cuc_extension_demanded: bool = switch(
        False, boolean(), "whether an import must say dtmfAccessId, also of a user with a telephone"
    )
    cuc_unknown_template_status: str = switch(
        "400", choice("400", "404"), "the status for a templateAlias that doesn't exist"
    )
    cuc_delete_status: str = switch(
        "204", choice("204", "200"), "the status for a mailbox that was deleted"
    )
    cuc_pin_length: int = switch(5, whole(1, 64), "how many digits a PIN has at least")
    cuc_pin_trivial_refused: bool = switch(
        True, boolean(), "whether the Unity Connection refuses a trivial PIN, such as 12345"
    )
    cuc_pin_previous: int = switch(
        5, whole(0, MOST_PREVIOUS), "how many PINs of before can't be used again"
    )
    cuc_pin_error: str = switch(
        "The credential is invalid.", text(200), "the message for a PIN that is refused"
    )
