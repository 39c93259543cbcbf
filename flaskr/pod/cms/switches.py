"""The switches of the CMS."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flaskr.pod.checks import boolean, choice, number, pattern, text, whole
from flaskr.pod.cms.alarms import ALARM_TYPES
from flaskr.pod.database import MAX_LAG
from flaskr.pod.switches import SwitchGroup, switch
from flaskr.pod.wire.switches import handshake, latency

NAMES = pattern(
    re.compile(r"(cms[2-8]?(,cms[2-8]?)*)?"), "names of Call Bridges with commas between"
)
_TYPE = "|".join(ALARM_TYPES)
TYPES = pattern(
    re.compile(f"(({_TYPE})(,({_TYPE}))*)?"), "types of alarms with commas between"
)


@dataclass
class CmsSwitches(SwitchGroup):
    """How this CMS behaves where others behave otherwise."""

    cms_latency: int = latency("CMS")
    cms_handshake: str = handshake("CMS")
    software_version: str = switch("3.9.2", text(50), "the release that the CMS says it runs")
    call_bridges_down: str = switch(
        "", NAMES, "the Call Bridges that are down, as cms2,cms3"
    )
    lagging: str = switch("", NAMES, "the Call Bridges that lag behind the others, as cms2,cms3")
    lag: float = switch(
        5.0, number(0, MAX_LAG),
        "how many seconds they lag: what was changed through another one meanwhile they don't show"
    )
    without_database: str = switch(
        "", NAMES,
        "the Call Bridges that can't reach the database, as cms,cms2: databaseNotReady for what is "
        "kept in it"
    )
    alarms: str = switch(
        "", TYPES, "the alarms that are active, as cdrConnectionFailure,turnServerUnavailable"
    )
    media_processing_load: int = switch(
        0, whole(0, 1_000_000), "the load that system/load tells"
    )
    web_bridge_status: str = switch(
        "success", choice("success", "unused", "connectionFailure", "dnsFailure"),
        "what the status of a web bridge is"
    )
    licence: str = switch(
        "activated", choice("activated", "grace", "expired", "noLicense"),
        "the status of the licences"
    )
    page_cap: int = switch(
        20, whole(1, 10_000), "the most Spaces that the CMS puts into one answer"
    )
    list_cap: int = switch(
        10, whole(1, 10_000), "the most objects of another kind that the CMS puts into one answer"
    )
    unknown_id_status: str = switch(
        "400", choice("404", "400"), "the status for an ID that doesn't exist"
    )
    sync_wait: float = switch(
        0.2, number(0, 3600), "how many seconds a sync (ldapSyncs, cospaceBulkSyncs) waits"
    )
    sync_seconds: float = switch(
        0.3, number(0, 3600), "how many seconds a sync runs"
    )
    ldap_down: bool = switch(
        False, boolean(), "whether the LDAP servers can't be reached, so that LDAP syncs fail"
    )
    filter_case_sensitive: bool = switch(
        False, boolean(), "whether filter tells capital letters from small ones"
    )
    filter_finds_call_id: bool = switch(
        True, boolean(), "whether filter on coSpaces looks into callId too"
    )
    ignore_unknown_parameters: bool = switch(
        True, boolean(), "whether the CMS overlooks a parameter that it doesn't know"
    )
    lenient_names: bool = switch(
        True, boolean(), "whether the CMS takes the names of parameters in capital letters or small"
    )
    lenient_booleans: bool = switch(
        True, boolean(), "whether the CMS takes True for true"
    )
    non_member_access_shown: bool = switch(
        True, boolean(), "whether a Space shows nonMemberAccess where it isn't set"
    )
    email_invitation: bool = switch(
        True, boolean(), "whether the CMS has emailInvitation, as from release 3.2 on"
    )
    uri_usage_element: str = switch(
        "coSpaceId", choice("coSpaceId", "coSpace", "none"),
        "the element by which uriUsageQuery names a Space"
    )
    sip_domain: str = switch("pod6.example", text(200), "the domain of full URIs")
    web_bridge: str = switch(
        "https://join.pod6.example", text(200),
        "where people join in a browser, none for a CMS without a web bridge"
    )
    ivr_number: str = switch(
        "none", text(50), "the telephone number of the IVR, none for a CMS without one"
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
