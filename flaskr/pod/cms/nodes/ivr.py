"""What callers hear, see and press: IVRs, branding, layout templates, DTMF, passcode policy.

Source: API description, 'IVR Related Methods', 'Layout template related Methods', 'Call Branding
Profile Methods', 'DTMF Profile Methods', 'coSpace Chat/Message Board Methods'. Dial-in security
profiles have no section there: their parameters are those of the Postman collection.
"""

from __future__ import annotations

from flaskr.pod.cms.node import collection
from flaskr.pod.cms.parameters import boolean, number, references, text, url, user_part

# In the order of the example, which shows those that aren't set as empty elements.
DTMF_SEQUENCES = (
    "muteSelfAudio", "unmuteSelfAudio", "toggleMuteSelfAudio", "lockCall", "unlockCall",
    "muteAllExceptSelfAudio", "unmuteAllExceptSelfAudio", "endCall", "nextLayout",
    "previousLayout", "startRecording", "stopRecording", "startStreaming", "stopStreaming",
    "allowAllMuteSelf", "cancelAllowAllMuteSelf", "allowAllPresentationContribution",
    "cancelAllowAllPresentationContribution", "muteAllNewAudio", "unmuteAllNewAudio",
    "defaultMuteAllNewAudio", "muteAllNewAndAllExceptSelfAudio",
    "unmuteAllNewAndAllExceptSelfAudio", "getTotalParticipantCount",
)

NODES = (
    collection(
        "ivrs", "ivr",
        user_part("uri"),
        references("tenant tenantGroup ivrBrandingProfile"),
        boolean("resolveCoSpaceCallIds", unset="true"),
        boolean("resolveLyncConferenceIds", unset="false"),
        listed="uri",
        search="uri",
        filters="tenant",
    ),
    collection(
        "ivrBrandingProfiles", "ivrBrandingProfile",
        url("resourceLocation"),
        listed="resourceLocation",
        usage=True,
    ),
    collection(
        "layoutTemplates", "layoutTemplate",
        text("name"),
        order="name templateSize",
        listed="name templateSize",
        search="name",
    ),
    collection(
        "callBrandingProfiles", "callBrandingProfile",
        url("invitationTemplate"),
        url("resourceLocation"),
        listed="invitationTemplate resourceLocation",
        usage=True,
    ),
    collection(
        "dtmfProfiles", "dtmfProfile",
        tuple(text(name, unset="") for name in DTMF_SEQUENCES),
        # The example of the list has IDs only, though its table names thirteen sequences.
        usage=True,
    ),
    collection(
        "dialInSecurityProfiles", "dialInSecurityProfile",
        text("name"),
        number("minPasscodeLength"),
        boolean("allowOutOfPolicy"),
        listed="name minPasscodeLength allowOutOfPolicy",
        search="name",
    ),
    # Gone in 3.0. Nothing reads messages back.
    collection(
        "coSpaces/*/messages", "message",
        text("message", required=True),
        text("from"),
        methods="create delete",
        within="coSpace",
    ),
)
