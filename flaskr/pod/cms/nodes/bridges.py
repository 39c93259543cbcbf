"""The servers of a deployment: Call Bridges, web bridges, TURN servers, recorders, streamers.

Source: API description, 'TURN Server Methods', 'Web Bridge Methods', 'Web Bridge Profile Methods',
'Call Bridge Methods', 'Call Bridge Group Methods', 'Recorder Methods', 'Streamer methods'.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.parameters import (
    boolean, booleans, choice, number, reference, references, text, url,
)

NODES = (
    collection(
        "callBridges", "callBridge",
        text("name"),
        text("address"),
        text("sipDomain", unset=""),
        reference("callBridgeGroup"),
        listed="name",
    ),
    collection(
        "callBridgeGroups", "callBridgeGroup",
        text("name"),
        booleans(
            "loadBalancingEnabled loadBalanceLyncCalls loadBalanceOutgoingCalls", unset="false"
        ),
        boolean("loadBalanceUserCalls", unset="true"),
        boolean("loadBalanceIndirectCalls", unset="false"),
        listed="name",
    ),
    collection(
        "webBridges", "webBridge",
        url("url"),
        # From here to showSignIn gone in 3.0, which has them in the web bridge profile.
        url("resourceArchive"),
        boolean("resolveCoSpaceCallIds", unset="true"),
        boolean("resolveLyncConferenceIds", unset="false"),
        choice("idEntryMode", "disabled secure legacy", unset="secure"),
        booleans("allowWeblinkAccess showSignIn", unset="true"),
        references("tenant tenantGroup callBridge callBridgeGroup webBridgeProfile"),
        # The description has no table of the list; that of release 2.0 has these two.
        listed="url resourceArchive",
        search="url",
        filters="tenant",
    ),
    # A POST sets the defaults of what it doesn't give; what a PUT unsets is inherited.
    collection(
        "webBridgeProfiles", "webBridgeProfile",
        text("name"),
        url("resourceArchive"),
        booleans(
            "allowPasscodes allowSecrets userPortalEnabled allowUnauthenticatedGuests "
            "resolveCoSpaceCallIds resolveLyncConferenceIds"
        ),
        choice("resolveCoSpaceUris", "off domainSuggestionDisabled domainSuggestionEnabled"),
        listed="name",
        usage=True,
    ),
    # The table at the GET of an object belongs to its status; the example is of the object.
    collection(
        "turnServers", "turnServer",
        text("serverAddress"),
        text("clientAddress"),
        number("numRegistrations", unset="0"),
        text("username"),
        text("password", shown=False),
        choice("type", "acano cms expressway lyncEdge standard", unset="standard"),
        number("tcpPortNumberOverride"),
        references("callBridge callBridgeGroup"),
        order="serverAddress clientAddress numRegistrations username type",
        listed="serverAddress clientAddress",
        search="serverAddress clientAddress",
    ),
    # Both gone in 3.0.
    collection(
        "recorders", "recorder",
        url("url"),
        references("callBridge callBridgeGroup"),
        listed="url callBridge callBridgeGroup",
    ),
    collection(
        "streamers", "streamer",
        url("url"),
        references("callBridge callBridgeGroup"),
        listed="url callBridge callBridgeGroup",
    ),
)
