"""Nodes of the CMS API with some of their parameters, as its description has them.

Written apart from the simulated CMS, which has a table of its own: each catches the other's
mistakes. What comes of more than what a client set (URIs, call IDs, syncs, calls) is not here.
"""

from __future__ import annotations

from typing import NamedTuple

ALL_METHODS = ("POST", "PUT", "DELETE")
ONLY_READ: tuple[str, ...] = ()
NO_CHANGE = ("POST", "DELETE")


class KnownValue(NamedTuple):
    """A parameter: its name, its kind or words, and the node that it is an ID of, if it is one.

    required: whether CMS refuses an object without it. essential: whether an object says nothing
    without what it refers to, and is gone when that is deleted.
    """

    name: str
    kind: str
    words: tuple[str, ...]
    refers_to: str
    required: bool
    essential: bool


class KnownNode(NamedTuple):
    """A node: path and element, parameters, filters by reference, whether usage can be asked for.

    unknown: the failure code for an ID that is none's. methods: what there is beside GET.
    single: whether there is one object only, without an ID.
    """

    path: str
    element: str
    values: tuple[KnownValue, ...]
    filters: tuple[str, ...]
    usage: bool
    unknown: str
    methods: tuple[str, ...]
    single: bool

    @property
    def above(self) -> str:
        """Return the path of the node above; empty at the top."""
        return self.path.rpartition("/*/")[0]


def node(
    path: str, element: str, values: str = "", filters: str = "", *, usage: bool = False,
    unknown: str = "", methods: tuple[str, ...] = ALL_METHODS, single: bool = False,
) -> KnownNode:
    """Return a node; values are written `name`, `name:kind`, `name:word|word`, `name>node`.

    The kind is text where there is none, the node name + s. `!` follows what is required, `&`
    what is essential.
    """
    parsed = tuple(map(_value, values.split()))
    code = unknown or f"{element}DoesNotExist"
    return KnownNode(path, element, parsed, tuple(filters.split()), usage, code, methods, single)


def _value(written: str) -> KnownValue:
    required, essential, text = "!" in written, "&" in written, written.rstrip("!&")
    name, is_reference, target = text.partition(">")
    if is_reference:
        return KnownValue(name, "ID", (), target or f"{name}s", required, essential)
    name, _, kind = text.partition(":")
    words = tuple(kind.split("|")) if "|" in kind else ()
    return KnownValue(name, "words" if words else kind or "text", words, "", required, essential)


PROFILES = "callLegProfile> callProfile> dtmfProfile> userProfile> ivrBrandingProfile>"

KNOWN_NODES = {
    each.path: each
    for each in (
        node(
            "coSpaces", "coSpace",
            "name cdrTag:short defaultLayout:allEqual|speakerOnly|onePlusN nonMemberAccess:boolean "
            "streamUrl:url meetingScheduler panePlacementHighestImportance:number tenant> "
            "callLegProfile> callProfile> callBrandingProfile> dialInSecurityProfile>",
            "tenant callLegProfile",
        ),
        node(
            "coSpaces/*/coSpaceUsers", "coSpaceUser",
            "canDestroy:boolean canChangeName:boolean canRemoveSelf:boolean callLegProfile> "
            "userJid:user!",
            "callLegProfile",
        ),
        node(
            "coSpaces/*/accessMethods", "accessMethod",
            "name importance:number scope:public|private callLegProfile> dialInSecurityProfile>",
            "callLegProfile",
        ),
        node(
            "coSpaceTemplates", "coSpaceTemplate",
            "name description callProfile> callLegProfile> dialInSecurityProfile>",
        ),
        node(
            "coSpaceTemplates/*/accessMethodTemplates", "accessMethodTemplate",
            "name callLegProfile> generateUniqueCallId:boolean dialInSecurityProfile>",
            "callLegProfile", unknown="coSpaceAccessMethodTemplateDoesNotExist",
        ),
        node(
            "cospaceBulkParameterSets", "cospaceBulkParameterSet",
            "startIndex:number endIndex:number tenant> callProfile> callBrandingProfile> "
            "nonMemberAccess:boolean",
        ),
        node(
            "outboundDialPlanRules", "outboundDialPlanRule",
            "domain! priority:number localContactDomain localFromDomain sipProxy tenant> "
            "trunkType:sip|lync|avaya failureAction:stop|continue callRouting:default|traversal "
            "sipControlEncryption:auto|encrypted|unencrypted",
            "tenant",
        ),
        node(
            "inboundDialPlanRules", "inboundDialPlanRule",
            "domain! priority:number resolveTocoSpaces:boolean resolveToIvrs:boolean "
            "resolveToLyncConferences:boolean tenant>",
            "tenant",
        ),
        node(
            "forwardingDialPlanRules", "forwardingDialPlanRule",
            "matchPattern destinationDomain action:forward|reject priority:number tenant> "
            "callerIdMode:regenerate|preserve",
            "tenant",
        ),
        node(
            "dialTransforms", "dialTransform",
            "type:raw|strip|phone match transform priority:number action:accept|acceptPhone|deny",
        ),
        node(
            "callProfiles", "callProfile",
            "participantLimit:number locked:boolean recordingMode:disabled|manual|automatic "
            "streamingMode:disabled|manual|automatic passcodeMode:required|timeout "
            "passcodeTimeout:number gatewayAudioCallOptimization:boolean sipRecorderUri",
            usage=True,
        ),
        node(
            "callLegProfiles", "callLegProfile",
            "needsActivation:boolean defaultLayout:allEqual|stacked participantLabels:boolean "
            "presentationDisplayMode:dualStream|singleStream muteSelfAllowed:boolean "
            "sipMediaEncryption:optional|required|prohibited maxCallDurationTime:number "
            "layoutTemplate>",
            usage=True,
        ),
        node("layoutTemplates", "layoutTemplate", "name"),
        node(
            "callBrandingProfiles", "callBrandingProfile",
            "invitationTemplate:url resourceLocation:url", usage=True,
        ),
        node("dtmfProfiles", "dtmfProfile", "lockCall unlockCall nextLayout endCall", usage=True),
        node(
            "ivrs", "ivr",
            "tenant> tenantGroup> ivrBrandingProfile> resolveCoSpaceCallIds:boolean "
            "resolveLyncConferenceIds:boolean",
            "tenant",
        ),
        node("ivrBrandingProfiles", "ivrBrandingProfile", "resourceLocation:url", usage=True),
        node("users", "user", "userJid:user tenant>", "tenant", methods=ONLY_READ),
        node(
            "users/*/userCoSpaceTemplates", "userCoSpaceTemplate", "coSpaceTemplate>&",
            methods=NO_CHANGE,
        ),
        node("userProfiles", "userProfile", "canCreateCalls:boolean", usage=True),
        node(
            "system/profiles", "profiles",
            f"{PROFILES} callBrandingProfile> compatibilityProfile> webBridgeProfile>",
            single=True,
        ),
        node(
            "turnServers", "turnServer",
            "serverAddress clientAddress username type:acano|cms|expressway|lyncEdge|standard "
            "numRegistrations:number tcpPortNumberOverride:number callBridge> callBridgeGroup>",
        ),
        node(
            "webBridges", "webBridge",
            "url:url tenant> tenantGroup> callBridge> callBridgeGroup> webBridgeProfile>",
            "tenant",
        ),
        node(
            "webBridgeProfiles", "webBridgeProfile",
            "name resourceArchive:url allowPasscodes:boolean allowSecrets:boolean "
            "resolveCoSpaceUris:off|domainSuggestionDisabled|domainSuggestionEnabled",
            usage=True,
        ),
        node("callBridges", "callBridge", "address sipDomain callBridgeGroup>"),
        node(
            "callBridgeGroups", "callBridgeGroup",
            "name loadBalancingEnabled:boolean loadBalanceUserCalls:boolean",
        ),
        node("recorders", "recorder", "url:url callBridge> callBridgeGroup>"),
        node("streamers", "streamer", "url:url callBridge> callBridgeGroup>"),
        node(
            "compatibilityProfiles", "compatibilityProfile",
            "sipUdt:boolean sipMultistream:boolean sipMediaPayloadTypeMode:auto|broadsoft "
            "h264CHPMode:auto|basic",
            usage=True,
        ),
        node(
            "ldapServers", "ldapServer",
            "address! portNumber:number! secure:boolean! name username usePagedResults:boolean",
        ),
        node("ldapMappings", "ldapMapping"),
        node(
            "ldapSources", "ldapSource",
            "server>ldapServers! mapping>ldapMappings! baseDn! tenant> userProfile>", "tenant",
        ),
        node(
            "directorySearchLocations", "directorySearchLocation",
            "ldapServer>! tenant> baseDn label priority:number firstName email", "tenant",
        ),
        node(
            "ldapUserCoSpaceTemplateSources", "ldapUserCoSpaceTemplateSource",
            "coSpaceTemplate> ldapSource>",
        ),
        node(
            "tenants", "tenant",
            f"name! tenantGroup> {PROFILES} callBrandingProfile> participantLimit:number "
            "dialInSecurityProfile> webBridgeProfile>",
            "callLegProfile",
        ),
        node("tenantGroups", "tenantGroup"),
        node(
            "dialInSecurityProfiles", "dialInSecurityProfile",
            "name minPasscodeLength:number allowOutOfPolicy:boolean",
        ),
    )
}
