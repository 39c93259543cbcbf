"""The switches of the CMS."""

from __future__ import annotations

from dataclasses import dataclass

from flaskr.pod.checks import boolean, choice, text, whole
from flaskr.pod.switches import SwitchGroup, switch
from flaskr.pod.wire.switches import handshake, latency


@dataclass
class CmsSwitches(SwitchGroup):
    """How this CMS behaves where others behave otherwise."""

    cms_latency: int = latency("CMS")
    cms_handshake: str = handshake("CMS")
    software_version: str = switch("3.9.2", text(50), "the release that the CMS says it runs")
    page_cap: int = switch(
        10, whole(1, 10_000), "the most Spaces that the CMS puts into one answer"
    )
    unknown_id_status: str = switch(
        "404", choice("404", "400"), "the status for an ID that doesn't exist"
    )
    filter_case_sensitive: bool = switch(
        False, boolean(), "whether filter on coSpaces tells capital letters from small ones"
    )
    filter_finds_call_id: bool = switch(
        True, boolean(), "whether filter on coSpaces looks into callId too"
    )
    ignore_unknown_parameters: bool = switch(
        False, boolean(), "whether the CMS overlooks a parameter that it doesn't know"
    )
    parameter_error: str = switch(
        "invalidValue", text(50), "what parameterError has in its attribute error"
    )
    auto_generated_failure: str = switch(
        "invalidOperation",
        choice("invalidOperation", "parameterError", "coSpaceDoesNotExist"),
        "the failure code for deleting a Space that LDAP sync made",
    )
    unrecognised_spelling: bool = switch(
        False, boolean(), "whether the CMS writes unrecognisedObject for unrecognizedObject"
    )
