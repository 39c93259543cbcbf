"""What the failure codes of CMS mean: the whole table, a rule a test, which names who breaks it."""

import re
from collections.abc import Callable

from flaskr.cms.v1.error_codes import ERROR_CODES, UNKNOWN_CODE
from flaskr.result import Reason

# The CMS API description, "Failure Reasons".
DOCUMENTED = """
    accessMethodDoesNotExist
    callBrandingProfileDoesNotExist
    callBridgeDoesNotExist
    callBridgeGroupDoesNotExist
    callBridgeGroupUnavailable
    callBridgeUnavailable
    callDoesNotExist
    callLegCannotBeDeleted
    callLegDoesNotExist
    callLegProfileDoesNotExist
    callProfileDoesNotExist
    callRecordingCannotBeModified
    callStreamingCannotBeModified
    cdrReceiverDoesNotExist
    compatibilityProfileDoesNotExist
    coSpaceAccessMethodTemplateDoesNotExist
    coSpaceDoesNotExist
    coSpaceTemplateDoesNotExist
    coSpaceUserDoesNotExist
    databaseNotReady
    dialInSecurityProfileDoesNotExist
    directorySearchLocationDoesNotExist
    dtmfProfileDoesNotExist
    duplicateCallBridgeName
    duplicateCoSpaceId
    duplicateCoSpaceIdPasscode
    duplicateCoSpaceUri
    duplicateCoSpaceUriPasscode
    duplicateSipEndpointUri
    duplicateUserCoSpaceTemplate
    forwardingDialPlanRuleDoesNotExist
    inboundDialPlanRuleDoesNotExist
    inboundDialPlanRuleUriConflict
    invalidOperation
    invalidVersion
    ivrBrandingProfileDoesNotExist
    ivrDoesNotExist
    ivrUriConflict
    layoutTemplateDescriptionTooLong
    layoutTemplateDoesNotExist
    ldapMappingDoesNotExist
    ldapServerDoesNotExist
    ldapSourceDoesNotExist
    ldapSyncCannotBeCancelled
    ldapSyncDoesNotExist
    ldapUserCoSpaceTemplateSourceDoesNotExist
    loadBalancingDisabled
    messageDoesNotExist
    outboundDialPlanRuleDoesNotExist
    parameterError
    participantCannotBeDeleted
    participantCannotBeModified
    participantLimitReached
    passcodeTooShort
    recorderDoesNotExist
    recordingLimitReached
    recordingNotAllowedByLicensing
    sipEndpointDoesNotExist
    streamerDoesNotExist
    streamingLimitReached
    streamingNotAllowedByLicensing
    tenantDoesNotExist
    tenantGroupCoSpaceIdConflict
    tenantGroupDoesNotExist
    tenantParticipantLimitReached
    tooManyCdrReceivers
    tooManyLdapSyncs
    unrecognizedObject
    userCoSpaceTemplateDeletionProhibited
    userCoSpaceTemplateDoesNotExist
    userDoesNotExist
    userProfileDoesNotExist
""".split()

# The CMS API description, "Object Hierarchy" and the chapters; ID stands for an object's.
PATHS = """
    /api/v1
    /callBrandingProfiles
    /callBridgeGroups
    /callBridgeGroups/ID
    /callBridges
    /callBridges/ID
    /callLegProfiles
    /callLegProfiles/ID/usage
    /callLegs/ID
    /callProfiles
    /calls
    /clusterLicensing
    /compatibilityProfiles
    /coSpaces
    /coSpaces/ID
    /coSpaces/ID/accessMethods
    /coSpaces/ID/coSpaceUsers
    /coSpaces/ID/messages
    /coSpaceTemplates
    /coSpaceTemplates/ID/accessMethodTemplates
    /dialInSecurityProfiles
    /directorySearchLocations
    /dtmfProfiles
    /forwardingDialPlanRules
    /inboundDialPlanRules
    /ivrBrandingProfiles
    /ivrs
    /layoutTemplates
    /ldapMappings
    /ldapServers
    /ldapSources
    /ldapSyncs
    /ldapSyncs/ID
    /ldapUserCoSpaceTemplateSources
    /outboundDialPlanRules
    /participants/ID
    /recorders
    /streamers
    /system/cdrReceiver
    /system/cdrReceivers
    /system/configuration/cluster
    /system/database
    /system/licensing
    /system/load
    /system/profiles
    /system/status
    /tenantGroups
    /tenants
    /tenants/ID
    /uriUsageQuery
    /userProfiles
    /users
    /users/ID/userCoSpaceTemplates
""".split()

# Messages can't be listed, and the API description has no path for registered SIP endpoints.
UNLISTED = {"messageDoesNotExist", "sipEndpointDoesNotExist"}
EXPLANATIONS = {code: meaning.explanation for code, meaning in ERROR_CODES.items()}


def breaking(rule: Callable[[str], object]) -> list[str]:
    """Return the failure codes whose explanations break a rule."""
    return [code for code, explanation in EXPLANATIONS.items() if not rule(explanation)]


def is_one_fact_and_one_remedy(explanation: str) -> bool:
    sentences = re.split(r"(?<=\.) ", explanation)
    return len(sentences) == 2 and all(re.fullmatch(r"[A-Z].*\.", each) for each in sentences)


def names_only_paths_that_the_api_has(explanation: str) -> bool:
    return set(re.findall(r"(?<![\w/])/\w+(?:/\w+)*", explanation)) <= set(PATHS)


def test_the_documented_failure_codes_are_explained_and_no_others() -> None:
    assert set(ERROR_CODES) ^ {*DOCUMENTED, "unrecognisedObject"} == set()


def test_both_spellings_of_the_unrecognized_object_are_explained_alike() -> None:
    assert ERROR_CODES["unrecognisedObject"] == ERROR_CODES["unrecognizedObject"]


def test_no_two_failure_codes_share_an_explanation() -> None:
    different = [text for code, text in EXPLANATIONS.items() if code != "unrecognisedObject"]
    assert sorted(different) == sorted(set(different))


def test_the_failure_codes_are_in_alphabetical_order() -> None:
    assert list(ERROR_CODES) == sorted(ERROR_CODES, key=str.casefold)


def test_an_explanation_says_what_happened_and_then_what_to_do() -> None:
    assert breaking(is_one_fact_and_one_remedy) == []


def test_an_explanation_is_neither_a_catchword_nor_an_essay() -> None:
    assert breaking(lambda explanation: 80 <= len(explanation) <= 240) == []


def test_an_explanation_is_spaced_as_prose_on_one_line() -> None:
    assert breaking(lambda explanation: explanation == " ".join(explanation.split())) == []


def test_an_explanation_names_only_paths_that_the_api_has() -> None:
    assert breaking(names_only_paths_that_the_api_has) == []


def test_the_explanation_of_a_missing_object_names_a_list_to_find_it_in() -> None:
    unnamed = breaking(lambda explanation: re.search(r"\bGET /\w", explanation))
    assert {code for code in unnamed if code.endswith("DoesNotExist")} <= UNLISTED


def test_an_explanation_neither_begs_nor_blames() -> None:
    assert breaking(lambda text: not re.search(r"\bplease\b|\byou\b", text, re.IGNORECASE)) == []


def test_a_failure_code_that_the_portal_does_not_know_is_a_refusal() -> None:
    assert UNKNOWN_CODE == (Reason.REFUSED, "The portal does not know this failure code.")


def test_the_failure_codes_that_mean_more_than_a_refusal_have_reasons_of_their_own() -> None:
    meanings = {
        code: reason for code, (reason, _) in ERROR_CODES.items() if reason is not Reason.REFUSED
    }
    assert meanings == {
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
