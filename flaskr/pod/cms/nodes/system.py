"""What is set for the whole system, or for one Call Bridge: profiles, CDRs, cluster, XMPP.

Source: API description, 'CDR Receiver URI Methods', 'Global Profile Methods', 'XMPP Methods',
'Call Bridge Cluster Methods', 'System Diagnostics Methods'.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection, single
from flaskr.pod.cms.parameters import guid, number, references, text, url

BASIS_POINTS = 10_000

NODES = (
    single(
        "system/profiles", "profiles",
        references(
            "callLegProfile callProfile dtmfProfile userProfile ivrBrandingProfile "
            "callBrandingProfile compatibilityProfile dialInSecurityProfile webBridgeProfile"
        ),
    ),
    collection(
        "system/cdrReceivers", "cdrReceiver",
        # Answers have `uri` only; requests are described with either name.
        url("uri"),
        url("url", kept=False),
        listed="uri",
        local=True,
    ),
    single(
        "system/configuration/cluster", "cluster",
        text("uniqueName", unset=""),
        number("peerLinkBitRate"),
        # Among the elements of the answer only, where its default is named too.
        number("maxPeerVideoStreams", unset=""),
        number("participantLimit", unset=""),
        number("loadLimit", unset=""),
        number("newConferenceLoadLimitBasisPoints", most=BASIS_POINTS, unset="5000"),
        # 8000 in the answer's table and its example, 5000 in the list of parameters.
        number("existingConferenceLoadLimitBasisPoints", most=BASIS_POINTS, unset="8000"),
        methods="create read modify",
        local=True,
    ),
    # The Postman collection, which is of 3.0, doesn't have it any more.
    single(
        "system/configuration/xmpp", "xmpp",
        text("uniqueName"),
        text("domain"),
        # In the answer's table, but not in its example.
        text("sharedSecret", shown=False),
        text("serverAddressOverride"),
        methods="create read modify",
        local=True,
    ),
    # Made by asking a call or a Space for them. They outlive both, so no references.
    collection(
        "system/diagnostics", "diagnostics",
        text("label"),
        guid("coSpace"),
        guid("callCorrelator"),
        text("timestamp"),
        number("contentsSize"),
        listed="label",
        filters="coSpace callCorrelator",
        methods="list read",
        local=True,
    ),
)
