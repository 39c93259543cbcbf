"""What goes on at a Call Bridge: calls, their participants, and the call legs of these.

Source: API description, 'Call Methods', 'Call Leg Methods', 'Participant Methods', with the
sections on the participants of a call and the call legs of a participant.
"""

from __future__ import annotations

from dataclasses import replace

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.nodes.call_profiles import LEG_PARAMETERS
from flaskr.pod.cms.nodes.spaces import LAYOUTS
from flaskr.pod.cms.parameters import (
    boolean, choice, guid, number, number_or, reference, text,
)

# In the description it is bytes of UTF-8.
MAX_NAME_LABEL = 50

CONFIGURATION = "configuration"
NAME_LABEL = text("nameLabelOverride", MAX_NAME_LABEL, inside=CONFIGURATION)
IMPORTANCE = number("importance", inside=CONFIGURATION)
# Shown of a call leg only, in its status.
DEACTIVATED = boolean("deactivated", shown=False)
DTMF_SEQUENCE = text("dtmfSequence", kept=False)
CONFIGURED_LEG = (
    # Anything that the client wants to have back, so no reference.
    guid("ownerId", inside=CONFIGURATION),
    choice("chosenLayout", LAYOUTS, inside=CONFIGURATION),
    *(replace(each, inside=CONFIGURATION) for each in LEG_PARAMETERS),
    NAME_LABEL,
)
OF_A_LEG = (
    *CONFIGURED_LEG,
    # What is shown are the values that the call leg has itself, not where others come from.
    reference("callLegProfile", shown=False),
    # An old name of defaultLayout.
    choice("layout", LAYOUTS, kept=False),
    DTMF_SEQUENCE,
)
OF_A_NEW_LEG = (
    number("bandwidth", only="POST", shown=False),
    boolean("confirmation", only="POST", shown=False),
)

LEG_ORDER = " ".join((
    "name remoteParty originalRemoteParty localAddress call tenant type subtype lyncSubType",
    "direction canMove movedCallLeg movedCallLegCallBridge",
    *(each.name for each in CONFIGURED_LEG),
    "status/state status/durationSeconds status/direction status/sipCallID status/groupId",
    "status/recording status/streaming status/deactivated status/encryptedMedia",
    "status/unencryptedMedia status/cipherSuite status/layout status/activeLayout",
    "status/availableVideoStreams status/layoutTemplate status/cameraControlAvailable",
    "status/lyncRole",
))
LISTED_LEG = "name remoteParty originalRemoteParty call tenant"
SEARCHED_IN_LEGS = "name remoteParty"
LEG_FILTERS = "participant tenant"
LISTED_PARTICIPANT = "name call tenant callBridge"
SEARCHED_IN_PARTICIPANTS = "name uri"

NODES = (
    # Values that aren't parameters are found at POST or computed at GET.
    collection(
        "calls", "call",
        # Marked as required, but either this or the name will do.
        reference("coSpace", only="POST"),
        text("name", only="POST"),
        # A parameter in the Postman collection only.
        guid("callCorrelator"),
        boolean("locked"),
        boolean("recording"),
        boolean("streaming"),
        boolean("allowAllMuteSelf"),
        boolean("allowAllPresentationContribution", unset="false"),
        boolean("joinAudioMuteOverride"),
        text("messageText"),
        choice("messagePosition", "top middle bottom"),
        number_or("messageDuration", "permanent"),
        boolean("activeWhenEmpty", unset="true"),
        number("panePlacementHighestImportance", 1),
        choice("panePlacementSelfPaneMode", "skip self blank unset"),
        order=(
            "name callType coSpace ownerName callCorrelator tenant durationSeconds numCallLegs "
            "maxCallLegs numParticipantsLocal numParticipantsRemote numDistributedInstances "
            "presenterCallLeg locked recording recordingStatus streaming streamingStatus "
            "allowAllMuteSelf allowAllPresentationContribution joinAudioMuteOverride messageText "
            "messagePosition messageDuration messageTimeRemaining activeWhenEmpty "
            "endpointRecording lyncAudienceMute"
        ),
        listed="name coSpace callCorrelator tenant",
        filters="coSpace tenant",
        local=True,
    ),
    collection(
        "calls/*/callLegs", "callLeg",
        text("remoteParty", required=True, only="POST"),
        OF_A_NEW_LEG,
        OF_A_LEG,
        listed=LISTED_LEG,
        search=SEARCHED_IN_LEGS,
        filters=LEG_FILTERS,
        methods="list create",
        within="call",
        holds="callLegs",
        local=True,
    ),
    # The call and the participant aren't parameters: deleting one deletes its call legs, while a
    # reference to it would only be unset.
    collection(
        "callLegs", "callLeg",
        OF_A_LEG,
        order=LEG_ORDER,
        listed=LISTED_LEG,
        search=SEARCHED_IN_LEGS,
        filters=LEG_FILTERS,
        methods="list read modify delete",
        local=True,
    ),
    collection(
        "calls/*/participants", "participant",
        # Either this or movedParticipant is needed.
        text("remoteParty", only="POST", shown=False),
        # No reference, for it can be at another Call Bridge, and is gone afterwards.
        guid("movedParticipant", only="POST", kept=False),
        OF_A_NEW_LEG,
        OF_A_LEG,
        # Where to call from. What is shown as callBridge is where the participant came to be.
        reference("callBridge", kept=False),
        reference("callBridgeGroup", kept=False),
        IMPORTANCE,
        DEACTIVATED,
        listed=LISTED_PARTICIPANT,
        search=SEARCHED_IN_PARTICIPANTS,
        filters="tenant callBridge",
        # To modify and to delete one by this path is in the Postman collection only.
        methods="list create modify delete",
        within="call",
        holds="participants",
        local=True,
    ),
    collection(
        "participants", "participant",
        # The rest of a participant is set when it is made, or by the path of its call.
        IMPORTANCE,
        DTMF_SEQUENCE,
        NAME_LABEL,
        DEACTIVATED,
        order=(
            "call tenant callBridge numCallLegs name uri originalUri userJid isActivator canMove "
            "movedParticipant movedParticipantCallBridge importance nameLabelOverride "
            "configuration/defaultLayout configuration/layoutTemplate status/state "
            "status/cameraControlAvailable"
        ),
        # The table has all values in the list too, its example hasn't.
        listed=LISTED_PARTICIPANT,
        search=SEARCHED_IN_PARTICIPANTS,
        filters="tenant callBridge",
        methods="list read modify delete",
        local=True,
    ),
    collection(
        "participants/*/callLegs", "callLeg",
        listed=LISTED_LEG,
        methods="list",
        within="participant",
        holds="callLegs",
        local=True,
    ),
)
