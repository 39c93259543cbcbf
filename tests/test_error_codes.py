"""Specification of the explanations of the CMS failure codes."""

import re

import pytest

from flaskr.cms.v1.error_codes import ERROR_CODES

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
LISTED = [code for code in DOCUMENTED if code.endswith("DoesNotExist") and code not in UNLISTED]


@pytest.mark.parametrize("code", DOCUMENTED)
def test_each_documented_failure_code_is_explained(code: str) -> None:
    assert code in ERROR_CODES


def test_only_failure_codes_that_servers_send_are_explained() -> None:
    assert set(ERROR_CODES) == {*DOCUMENTED, "unrecognisedObject"}


def test_both_spellings_of_the_unrecognized_object_are_explained_alike() -> None:
    assert ERROR_CODES["unrecognisedObject"] == ERROR_CODES["unrecognizedObject"]


def test_no_two_failure_codes_share_an_explanation() -> None:
    explanations = [text for code, text in ERROR_CODES.items() if code != "unrecognisedObject"]
    assert len(set(explanations)) == len(explanations)


def test_the_failure_codes_are_in_alphabetical_order() -> None:
    assert list(ERROR_CODES) == sorted(ERROR_CODES, key=str.casefold)


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_explanation_says_what_happened_and_then_what_to_do(code: str) -> None:
    sentences = re.split(r"(?<=\.) ", ERROR_CODES[code])
    assert len(sentences) == 2
    assert all(re.fullmatch(r"[A-Z].*\.", sentence) for sentence in sentences)


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_explanation_is_neither_a_catchword_nor_an_essay(code: str) -> None:
    assert 80 <= len(ERROR_CODES[code]) <= 240


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_explanation_is_spaced_as_prose_on_one_line(code: str) -> None:
    assert ERROR_CODES[code] == " ".join(ERROR_CODES[code].split())


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_explanation_names_only_paths_that_the_api_has(code: str) -> None:
    named = re.findall(r"(?<![\w/])/\w+(?:/\w+)*", ERROR_CODES[code])
    assert set(named) <= set(PATHS)


@pytest.mark.parametrize("code", LISTED)
def test_the_explanation_of_a_missing_object_names_a_list_to_find_it_in(code: str) -> None:
    assert re.search(r"\bGET /\w", ERROR_CODES[code])


@pytest.mark.parametrize("code", ERROR_CODES)
def test_an_explanation_neither_begs_nor_blames(code: str) -> None:
    assert not re.search(r"\bplease\b|\byou\b", ERROR_CODES[code], re.IGNORECASE)
