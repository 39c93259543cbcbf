"""The switches: how this pod behaves where real ones differ, or where nobody could confirm it.

One table, `Switches`: the command line, the control port's help and all validation come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from flaskr.pod.checks import BadInput, Check, boolean, choice, number, text, whole

MAX_LATENCY_MS = 600_000
HANDSHAKES = choice("normal", "expired", "other_name", "other_ca", "cut", "silent")
HANDSHAKE_MEANING = (
    "what a client meets when it connects to the {}: the right certificate, an expired one, one "
    "for another name, one of another CA, a connection that is cut, or one that says nothing"
)


def _switch(default: object, check: Check, meaning: str) -> Any:
    return field(default=default, metadata={"check": check, "meaning": meaning})


@dataclass
class Switches:
    """All the switches; setting one checks it and raises BadInput with a whole sentence."""

    cms_latency: int = _switch(
        0, whole(0, MAX_LATENCY_MS), "milliseconds that the CMS takes for each answer"
    )
    uds_latency: int = _switch(
        0, whole(0, MAX_LATENCY_MS), "milliseconds that the UDS takes for each answer"
    )
    cms_handshake: str = _switch("normal", HANDSHAKES, HANDSHAKE_MEANING.format("CMS"))
    uds_handshake: str = _switch("normal", HANDSHAKES, HANDSHAKE_MEANING.format("UDS"))
    idle_timeout: float = _switch(
        60.0, number(0.1, 3600), "seconds after which an idle connection is closed"
    )
    connection_requests: int = _switch(
        0, whole(0, 1_000_000), "after how many requests a connection is closed, unannounced, as "
        "the next one arrives; 0 for never"
    )
    keep_alive: bool = _switch(
        False, boolean(), "whether answers say in Keep-Alive when their connection will be closed"
    )
    software_version: str = _switch("3.9.2", text(50), "the release that the CMS says it runs")
    page_cap: int = _switch(
        10, whole(1, 10_000), "the most Spaces that the CMS puts into one answer"
    )
    unknown_id_status: str = _switch(
        "404", choice("404", "400"), "the status for an ID that doesn't exist"
    )
    filter_case_sensitive: bool = _switch(
        False, boolean(), "whether filter on coSpaces tells capital letters from small ones"
    )
    filter_finds_call_id: bool = _switch(
        True, boolean(), "whether filter on coSpaces looks into callId too"
    )
    ignore_unknown_parameters: bool = _switch(
        False, boolean(), "whether the CMS overlooks a parameter that it doesn't know"
    )
    parameter_error: str = _switch(
        "invalidValue", text(50), "what parameterError has in its attribute error"
    )
    auto_generated_failure: str = _switch(
        "invalidOperation",
        choice("invalidOperation", "parameterError", "coSpaceDoesNotExist"),
        "the failure code for deleting a Space that LDAP sync made",
    )
    unrecognised_spelling: bool = _switch(
        False, boolean(), "whether the CMS writes unrecognisedObject for unrecognizedObject"
    )
    uds_authentication: bool = _switch(
        False, boolean(), "whether the UDS wants a user name and password for its users"
    )
    uds_case_sensitive: bool = _switch(
        False, boolean(), "whether username tells capital letters from small ones"
    )
    uds_ignores_username: bool = _switch(
        False, boolean(), "whether the UDS answers all users, whatever username says"
    )
    uds_total_cap: int = _switch(
        0, whole(0, 10_000), "where totalCount stops counting, as it does at 64 on some releases; "
        "0 for nowhere"
    )
    uds_error_body: str = _switch(
        "html", choice("html", "none"), "what comes with an error status of the UDS"
    )

    def __setattr__(self, name: str, value: object) -> None:
        try:
            object.__setattr__(self, name, table()[name].metadata["check"](value))
        except KeyError:
            raise BadInput(f"There is no switch {name!r}.") from None
        except ValueError as error:
            raise BadInput(f"The switch {name} {error}.") from None

    def handshake(self, server: str) -> str:
        """What clients of that server (cms, uds) meet when they connect."""
        return str(getattr(self, f"{server}_handshake"))

    def latency(self, server: str) -> float:
        """The seconds that the server (cms, uds) takes for each answer."""
        return float(getattr(self, f"{server}_latency")) / 1000

    def update(self, values: Mapping[str, object]) -> None:
        """Set several switches: all of them, or none where one value won't do."""
        checked = asdict(Switches(**asdict(self) | known(values)))
        for name in values:
            setattr(self, name, checked[name])


def known(values: Mapping[str, object]) -> dict[str, Any]:
    """The values, once it is sure that there is a switch for each of them."""
    for name in values:
        if name not in table():
            raise BadInput(f"There is no switch {name!r}.")
    return dict(values)


def table() -> dict[str, Field[Any]]:
    """The table: each switch's default, and its check and meaning as metadata, by name."""
    return {entry.name: entry for entry in fields(Switches)}
