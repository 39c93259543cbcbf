"""What the failure codes of the Cisco Meeting Server (CMS) API mean, and what to do about them.

The codes are those of the CMS API description, "Failure Reasons"; the explanations are our own.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from flaskr.result import Reason


class FailureCode(NamedTuple):
    """What a failure code means: for code, and in words that say what to do."""

    reason: Reason
    explanation: str


_UNRECOGNIZED_OBJECT = (
    "The path names something this CMS does not know: a misspelling, or an object of another "
    "version (coSpaceTemplates from 2.9, recorders before 3.0). Correct it; GET /system/status "
    "shows the version."
)

# The codes that mean something other than that CMS won't do what was asked.
_REASONS: Mapping[str, Reason] = {
    "coSpaceDoesNotExist": Reason.NO_SPACE,
    "databaseNotReady": Reason.BUSY,
    "duplicateCoSpaceId": Reason.CALL_ID_TAKEN,
    "duplicateCoSpaceUri": Reason.URI_TAKEN,
    "invalidVersion": Reason.NOT_SUPPORTED,
    "parameterError": Reason.BAD_PARAMETER,
    "passcodeTooShort": Reason.PASSCODE_TOO_SHORT,
    "unrecognisedObject": Reason.NOT_SUPPORTED,
    "unrecognizedObject": Reason.NOT_SUPPORTED,
}

# In paths, ID, TEXT and URI stand for what to fill in.
_EXPLANATIONS: Mapping[str, str] = {
    "accessMethodDoesNotExist": (
        "This Space has no access method with that ID: it was deleted, or belongs to another "
        "Space. Take the ID from GET /coSpaces/ID/accessMethods of the right Space."
    ),
    "callBrandingProfileDoesNotExist": (
        "No call branding profile has this ID. Take one from GET /callBrandingProfiles, and "
        "correct the Space, tenant or /system/profiles entry that still names a removed one."
    ),
    "callBridgeDoesNotExist": (
        "No Call Bridge of this cluster has that ID; it may have been taken out of the cluster. "
        "GET /callBridges lists the clustered Call Bridges."
    ),
    "callBridgeGroupDoesNotExist": (
        "No Call Bridge group has this ID. Take it from GET /callBridgeGroups; "
        "GET /callBridges/ID shows which group a Call Bridge is in."
    ),
    "callBridgeGroupUnavailable": (
        "No Call Bridge of the group took the new participant. Check GET /system/status and "
        "GET /system/load on its members; try again once one is free, or name another "
        "callBridgeGroup."
    ),
    "callBridgeUnavailable": (
        "The Call Bridge named for the new participant is down or did not take the call. Check "
        "its GET /system/load and its limits in GET /system/configuration/cluster; try later, or "
        "leave callBridge out."
    ),
    "callDoesNotExist": (
        "No active call has this ID: most likely it has ended. GET /calls lists the active ones; "
        "in a cluster, callCorrelator finds the same call on the other Call Bridges."
    ),
    "callLegCannotBeDeleted": (
        "CMS refuses to disconnect this call leg. Look at its type with GET /callLegs/ID; to get "
        "the person out of the call, remove the participant instead with DELETE /participants/ID."
    ),
    "callLegDoesNotExist": (
        "This Call Bridge has no active call leg with that ID. It may have hung up, or be on "
        "another Call Bridge of the cluster: GET /participants/ID names the callBridge to ask."
    ),
    "callLegProfileDoesNotExist": (
        "No call leg profile has this ID. Take one from GET /callLegProfiles; before one is "
        "deleted, GET /callLegProfiles/ID/usage shows the Spaces, access methods and tenants that "
        "need it."
    ),
    "callProfileDoesNotExist": (
        "No call profile has this ID: it was removed, or the ID was copied wrongly. Set "
        "callProfile of the Space, tenant or /system/profiles to one from GET /callProfiles."
    ),
    "callRecordingCannotBeModified": (
        "Recording can't be started or stopped in this call. Check recordingMode in the call "
        "profile in force (of the Space, its tenant or /system/profiles): only manual leaves it "
        "to the users."
    ),
    "callStreamingCannotBeModified": (
        "Streaming can't be started or stopped in this call. Check streamingMode in the call "
        "profile in force: with disabled the call is never streamed, with automatic always, so "
        "set it to manual."
    ),
    "cdrReceiverDoesNotExist": (
        "No CDR receiver has this ID. Take it from GET /system/cdrReceivers; one that is emptied "
        "and set again through the old /system/cdrReceiver gets a new ID."
    ),
    "compatibilityProfileDoesNotExist": (
        "No compatibility profile has this ID. GET /compatibilityProfiles lists them; with "
        "usageFilter=referenced, only those that are in use."
    ),
    "coSpaceAccessMethodTemplateDoesNotExist": (
        "This Space template has no access method template with that ID. Check both IDs: "
        "GET /coSpaceTemplates/ID/accessMethodTemplates lists those of one Space template only."
    ),
    "coSpaceDoesNotExist": (
        "No Space has this ID; probably it was deleted after it was looked up. Look it up again, "
        "by user ID in the portal or with GET /coSpaces?filter=TEXT, and create it if it is gone."
    ),
    "coSpaceTemplateDoesNotExist": (
        "No Space template has this ID. GET /coSpaceTemplates (from CMS 2.9) lists them; if the "
        "template was deleted, assign another one."
    ),
    "coSpaceUserDoesNotExist": (
        "The Space has no member with this ID. Take the member's ID from "
        "GET /coSpaces/ID/coSpaceUsers: it can differ from the ID of the same person in "
        "GET /users."
    ),
    "databaseNotReady": (
        "CMS can't use its database yet. Wait a minute and send the same request again; if that "
        "does not help, GET /system/database shows which database nodes are up and how far they "
        "are behind."
    ),
    "dialInSecurityProfileDoesNotExist": (
        "No dial-in security profile has this ID. Take one from GET /dialInSecurityProfiles (from "
        "CMS 3.0) for the Space, access method, template, tenant or /system/profiles."
    ),
    "directorySearchLocationDoesNotExist": (
        "No directory search location has this ID. GET /directorySearchLocations lists them; with "
        "tenantFilter=ID, only those of one tenant."
    ),
    "dtmfProfileDoesNotExist": (
        "No DTMF profile has this ID. Set dtmfProfile of the tenant or of /system/profiles to one "
        "from GET /dtmfProfiles."
    ),
    "duplicateCallBridgeName": (
        "Another Call Bridge of the cluster has this name. Choose one that GET /callBridges does "
        "not show, and make uniqueName in that server's /system/configuration/cluster the same."
    ),
    "duplicateCoSpaceId": (
        "Another Space has this call ID, and all call IDs of Spaces are one set of numbers. Choose "
        "another callId, or leave it out."
    ),
    "duplicateCoSpaceIdPasscode": (
        "This Space or one of its access methods already has the same call ID with the same "
        "passcode. Compare GET /coSpaces/ID and GET /coSpaces/ID/accessMethods, then change the "
        "passcode or the callId."
    ),
    "duplicateCoSpaceUri": (
        "Another Space has this URI as its uri or secondaryUri: the user may have a Space "
        "already, or share a telephone number. Find it with GET /coSpaces?filter=URI, then modify "
        "it or choose another URI."
    ),
    "duplicateCoSpaceUriPasscode": (
        "In this Space, the same URI with the same passcode exists already, on the Space itself "
        "or an access method. Choose another passcode; GET /coSpaces/ID/accessMethods shows those "
        "in use."
    ),
    "duplicateSipEndpointUri": (
        "Another registered SIP endpoint has this URI. Give this endpoint a URI of its own, or "
        "change the other one first."
    ),
    "duplicateUserCoSpaceTemplate": (
        "The user has this Space template already, so there is nothing left to do. "
        "GET /users/ID/userCoSpaceTemplates shows all that the user has."
    ),
    "forwardingDialPlanRuleDoesNotExist": (
        "No call forwarding rule has this ID. GET /forwardingDialPlanRules lists them; in the web "
        "interface they are under Configuration > Incoming calls."
    ),
    "inboundDialPlanRuleDoesNotExist": (
        "No rule for incoming calls has this ID. Find the rule by its domain in "
        "GET /inboundDialPlanRules; someone may have deleted it in the web interface."
    ),
    "inboundDialPlanRuleUriConflict": (
        "With this rule, one URI would lead to two places, such as two tenants' Spaces of the "
        "same URI. Set the rule's tenant, or change the URI of one of the Spaces, and try again."
    ),
    "invalidOperation": (
        "CMS does not offer this operation on this object, and trying again won't help. What "
        "comes from an LDAP sync (autoGenerated is true) is removed by changing the LDAP source "
        "or mapping and syncing again."
    ),
    "invalidVersion": (
        "CMS does not know the API version in the request's path, which has to begin with "
        "/api/v1. Correct the client's base URL, or the proxy that rewrites it."
    ),
    "ivrBrandingProfileDoesNotExist": (
        "No IVR branding profile has this ID. Set ivrBrandingProfile of the IVR, tenant or "
        "/system/profiles to one from GET /ivrBrandingProfiles."
    ),
    "ivrDoesNotExist": (
        "No IVR has this ID. Find it by its URI in GET /ivrs; if it was deleted, create it again "
        "with POST /ivrs."
    ),
    "ivrUriConflict": (
        "The IVR's URI would clash with one that is in use. POST /uriUsageQuery (from CMS 2.3) "
        "names the Space, user or IVR that has it; choose another URI for one of the two."
    ),
    "layoutTemplateDescriptionTooLong": (
        "The layout template's JSON is larger than CMS allows. Shorten it and send it again; "
        "templateSize in GET /layoutTemplates shows how many bytes the stored ones have."
    ),
    "layoutTemplateDoesNotExist": (
        "No layout template has this ID. Take one from GET /layoutTemplates (from CMS 2.8) for "
        "the call leg profile, call leg or participant."
    ),
    "ldapMappingDoesNotExist": (
        "No LDAP mapping has this ID. GET /ldapMappings lists them, and GET /ldapSources shows "
        "which of them each LDAP source uses."
    ),
    "ldapServerDoesNotExist": (
        "No LDAP server has this ID. Find it by its address in GET /ldapServers, and correct the "
        "LDAP source or directory search location that names it."
    ),
    "ldapSourceDoesNotExist": (
        "No LDAP source has this ID. GET /ldapSources lists them, with the baseDn and tenant to "
        "tell them by; an LDAP sync can also do without ldapSource."
    ),
    "ldapSyncCannotBeCancelled": (
        "This LDAP sync has begun or is over, and only one in the state pending can be cancelled. "
        "Let it finish; GET /ldapSyncs/ID shows its state."
    ),
    "ldapSyncDoesNotExist": (
        "No LDAP sync has this ID, most likely because it has finished. Start a sync with "
        "removeWhenFinished=false to find its outcome in GET /ldapSyncs afterwards."
    ),
    "ldapUserCoSpaceTemplateSourceDoesNotExist": (
        "No entry that gives the users of an LDAP source a Space template has this ID. "
        "GET /ldapUserCoSpaceTemplateSources (from CMS 2.9) lists these entries."
    ),
    "loadBalancingDisabled": (
        "The Call Bridge group does not balance outgoing calls. Set loadBalancingEnabled and "
        "loadBalanceOutgoingCalls to true with PUT /callBridgeGroups/ID, or name a callBridge "
        "instead of the group."
    ),
    "messageDoesNotExist": (
        "The Space's message board has no message with this ID. DELETE /coSpaces/ID/messages "
        "removes messages by minAge and maxAge, all without them; from CMS 3.0 there are no "
        "message boards."
    ),
    "outboundDialPlanRuleDoesNotExist": (
        "No rule for outgoing calls has this ID. Find the rule by its domain in "
        "GET /outboundDialPlanRules, with tenantFilter=ID if it belongs to a tenant."
    ),
    "parameterError": (
        "CMS does not accept a value in the request. The details given with this code name the "
        "parameter and its error: correct that value, then send the request again."
    ),
    "participantCannotBeDeleted": (
        "CMS can't remove this participant, for instance because another Call Bridge hosts it. "
        "GET /participants/ID names that callBridge: send the DELETE with the same ID there."
    ),
    "participantCannotBeModified": (
        "CMS can't change this participant; it may be hosted by another deployment. Change it "
        "there; within a cluster, GET /participants/ID names the callBridge that hosts it."
    ),
    "participantLimitReached": (
        "The call is full. Raise participantLimit in the call profile in force (of the Space, its "
        "tenant or /system/profiles), or wait until someone has left."
    ),
    "passcodeTooShort": (
        "The passcode is shorter than minPasscodeLength in the dial-in security profile in force. "
        "Choose a longer one; the profile is that of the access method, else of the Space, tenant "
        "or /system/profiles."
    ),
    "recorderDoesNotExist": (
        "No recorder has this ID. GET /recorders lists them before CMS 3.0; from 3.0 there are "
        "none, and sipRecorderUri in the call profile says where recordings go."
    ),
    "recordingLimitReached": (
        "No more calls can be recorded at the same time. Stop another recording or try later; "
        "before CMS 3.0, also check the recording licence in GET /system/licensing."
    ),
    "recordingNotAllowedByLicensing": (
        "The recording licence is missing or has expired. GET /clusterLicensing shows its status "
        "and expiry date; trying again helps only once it is renewed."
    ),
    "sipEndpointDoesNotExist": (
        "No registered SIP endpoint has this ID. The API description names no list of them to "
        "look in, so check whether the client was made for another CMS version."
    ),
    "streamerDoesNotExist": (
        "No streamer has this ID. GET /streamers lists them from CMS 2.1 until 3.0, which has "
        "none: there, sipStreamerUri in the call profile says where streams go."
    ),
    "streamingLimitReached": (
        "No more calls can be streamed at the same time. End another stream or try later; before "
        "CMS 3.0, GET /system/licensing shows the status and limit of the streaming licence."
    ),
    "streamingNotAllowedByLicensing": (
        "CMS has no valid licence for streaming. Compare what is licensed in "
        "GET /clusterLicensing and have the licence added; until then, streaming fails each time."
    ),
    "tenantDoesNotExist": (
        "No tenant has this ID; it may have been removed, or come from another CMS. Take one from "
        "GET /tenants, or leave tenant out."
    ),
    "tenantGroupCoSpaceIdConflict": (
        "With this change, tenants that must not share a call ID would have Spaces with the same "
        "one. Give one of these Spaces another callId, then repeat the change."
    ),
    "tenantGroupDoesNotExist": (
        "No tenant group has this ID. GET /tenantGroups lists them, and GET /tenants shows which "
        "tenants are in which group."
    ),
    "tenantParticipantLimitReached": (
        "The calls of this tenant have as many participants as they may have together. Raise "
        "participantLimit with PUT /tenants/ID, or wait until someone has left."
    ),
    "tooManyCdrReceivers": (
        "All places for CDR receivers are taken. GET /system/cdrReceivers shows the receivers and "
        "their maximum (2 in version 1.8): delete one, or change its address."
    ),
    "tooManyLdapSyncs": (
        "CMS takes no further LDAP sync for now. Try again when those in GET /ldapSyncs have "
        "finished, or cancel one whose state is pending."
    ),
    "unrecognisedObject": _UNRECOGNIZED_OBJECT,
    "unrecognizedObject": _UNRECOGNIZED_OBJECT,
    "userCoSpaceTemplateDeletionProhibited": (
        "The user has this Space template from an LDAP sync (autoGenerated is true). Change its "
        "entry in GET /ldapUserCoSpaceTemplateSources and sync again to withdraw it."
    ),
    "userCoSpaceTemplateDoesNotExist": (
        "This user has no Space template under that ID. Take it from "
        "GET /users/ID/userCoSpaceTemplates: the assignment has an ID of its own, besides that of "
        "the template."
    ),
    "userDoesNotExist": (
        "No user has this ID on CMS. Find the user with GET /users?filter=TEXT; CMS gets its "
        "users from LDAP alone, so check the LDAP source and sync if one is missing."
    ),
    "userProfileDoesNotExist": (
        "No user profile has this ID. Set userProfile of the LDAP source, tenant or "
        "/system/profiles to one from GET /userProfiles."
    ),
}

ERROR_CODES: Final[Mapping[str, FailureCode]] = {
    code: FailureCode(_REASONS.get(code, Reason.REFUSED), explanation)
    for code, explanation in _EXPLANATIONS.items()
}
UNKNOWN_CODE: Final = FailureCode(Reason.REFUSED, "The portal does not know this failure code.")
