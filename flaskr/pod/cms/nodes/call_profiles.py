"""Profiles of calls, call legs and users, and of how to get along with other makers' devices.

Source: API description, 'Call Profile Methods', 'Call Leg Profile Methods', 'User Profile
Methods', 'Compatibility Profile Methods'.

What a profile leaves unset is inherited from the profile of the level above, so no parameter has
a value for that here.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.nodes.spaces import LAYOUTS
from flaskr.pod.cms.parameters import boolean, booleans, choice, number, reference, text

MAX_JOIN_TONE = 100

# What a call leg can have of its own too, so all but the name. Down to participantCounter in the
# order of the examples.
LEG_PARAMETERS = (
    boolean("participantLabels"),
    number("joinToneParticipantThreshold", most=MAX_JOIN_TONE),
    number("leaveToneParticipantThreshold"),
    # disconnectOthersAllowed isn't in the list of parameters, but in the examples.
    *booleans(
        "muteOthersAllowed videoMuteOthersAllowed muteSelfAllowed videoMuteSelfAllowed "
        "endCallAllowed disconnectOthersAllowed changeLayoutAllowed callLockAllowed "
        "allowAllMuteSelfAllowed changeJoinAudioMuteOverrideAllowed recordingControlAllowed "
        "streamingControlAllowed"
    ),
    choice("participantCounter", "never auto always"),
    boolean("needsActivation"),
    choice("defaultLayout", LAYOUTS),
    choice("presentationDisplayMode", "dualStream singleStream"),
    # addParticipantAllowed isn't in the list of parameters, but in the table of the trace.
    *booleans(
        "presentationContributionAllowed allowAllPresentationContributionAllowed "
        "presentationViewingAllowed addParticipantAllowed setImportanceAllowed"
    ),
    choice("videoMode", "auto disabled"),
    *booleans("rxAudioMute txAudioMute rxVideoMute txVideoMute"),
    choice("sipMediaEncryption", "optional required prohibited"),
    number("audioPacketSizeMs"),
    # Misspelt in the lists of a call leg's and a participant's parameters, not where it is shown.
    choice("deactivationMode", "deactivate disconnect remainActivated"),
    number("deactivationModeTime"),
    *booleans("telepresenceCallsAllowed sipPresentationChannelEnabled"),
    # A boolean in those two lists.
    choice("bfcpMode", "serverOnly serverAndClient"),
    number("maxCallDurationTime"),
    choice("qualityMain", "unrestricted max1080p30 max720p30 max480p30"),
    choice("qualityPresentation", "unrestricted max1080p30 max720p5"),
    boolean("controlRemoteCameraAllowed"),
    reference("layoutTemplate"),
    # The description names agc only, the Postman collection both.
    choice("audioGainMode", "disabled agc"),
)

NODES = (
    collection(
        "callProfiles", "callProfile",
        number("participantLimit"),
        # Gone in 3.0.
        boolean("messageBoardEnabled"),
        boolean("locked"),
        choice("recordingMode", "disabled manual automatic"),
        choice("lockMode", "all needsActivation"),
        text("sipRecorderUri"),
        text("sipStreamerUri"),
        choice("streamingMode", "disabled manual automatic"),
        choice("passcodeMode", "required timeout"),
        number("passcodeTimeout"),
        boolean("gatewayAudioCallOptimization"),
        choice("lyncConferenceMode", "dualHomeCluster dualHomeCallBridge gateway"),
        # The example of the list has the ID only of a profile that has values.
        usage=True,
    ),
    collection(
        "callLegProfiles", "callLegProfile",
        text("name"),
        LEG_PARAMETERS,
        # The table has nearly all parameters in the list too, its example has this one.
        listed="needsActivation",
        usage=True,
    ),
    collection(
        "userProfiles", "userProfile",
        # These five gone in 3.0, and the last two.
        booleans(
            "canCreateCoSpaces canCreateCalls canUseExternalDevices canMakePhoneCalls "
            "userToUserMessagingAllowed"
        ),
        # From here on in the table of the answer only; the Postman collection sends four of them.
        booleans(
            "audioParticipationAllowed videoParticipationAllowed "
            "presentationParticipationAllowed hasLicense canReceiveCalls canSendEmailInvite"
        ),
        # The examples are of an object without values.
        listed=(
            "canCreateCoSpaces canCreateCalls canUseExternalDevices canMakePhoneCalls "
            "userToUserMessagingAllowed audioParticipationAllowed videoParticipationAllowed "
            "presentationParticipationAllowed hasLicense canReceiveCalls canSendEmailInvite"
        ),
        usage=True,
    ),
    collection(
        "compatibilityProfiles", "compatibilityProfile",
        booleans("sipUdt sipMultistream"),
        choice("sipMediaPayloadTypeMode", "auto broadsoft"),
        choice("chromeWebRtcVideoCodec", "auto avoidH264"),
        choice("chromeWebRtcH264interopMode", "auto none"),
        choice("h264CHPMode", "auto basic"),
        boolean("sipH224"),
        choice("distributionLinkMediaTraversal", "enabled disabled"),
        listed=(
            "sipUdt sipMultistream sipMediaPayloadTypeMode chromeWebRtcVideoCodec h264CHPMode"
        ),
        usage=True,
    ),
)
