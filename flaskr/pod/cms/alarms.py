"""The alarms that a CMS can raise (API description, 'Retrieving System Alarm Status')."""

from __future__ import annotations

from typing import NamedTuple


class AlarmType(NamedTuple):
    """What is shown beside the type of an alarm.

    reason: why, where a reason is shown. element, path: the element with the ID of the object that
    it is about, and the path of that object's node.
    """

    reason: str = ""
    element: str = ""
    path: str = ""


# Which types have a reason is not described. These have the one that their explanation names.
ALARM_TYPES = {
    "callBrandingResourceInvalid": AlarmType(
        "dataFormatInvalid", "callBrandingProfiles", "callBrandingProfiles"
    ),
    "callBridgeConnectionFailure": AlarmType("connectFailure", "callBridge", "callBridges"),
    "callDistributionFailure": AlarmType("", "call", "calls"),
    "cdrConnectionFailure": AlarmType(),
    "c2wConnectionFailure": AlarmType("connectFailure"),
    "databaseClusternodeOutofSync": AlarmType(),
    "databaseConnectionError": AlarmType(),
    "guestAccountConnectionFailure": AlarmType("connectFailure"),
    "ivrBrandingResourceInvalid": AlarmType(
        "dataFormatInvalid", "ivrBrandingProfile", "ivrBrandingProfiles"
    ),
    "recorderLowDiskSpace": AlarmType("", "recorder", "recorders"),
    "recorderUnavailable": AlarmType("", "recorder", "recorders"),
    "turnServerUnavailable": AlarmType("", "turnServer", "turnServers"),
    "webBridgeArchivePushFailure": AlarmType("connectFailure"),
    "webBridgeArchiveRetrievalFailure": AlarmType("fileNotFound"),
    "webBridgeBackgroundImagePushFailure": AlarmType("connectFailure"),
    "webBridgeBackgroundImageRetrievalFailure": AlarmType("fileNotFound"),
    "webBridgeLoginLogoImagePushFailure": AlarmType("connectFailure"),
    "webBridgeLoginLogoImageRetrievalFailure": AlarmType("fileNotFound"),
    "xmppAuthenticationRegistrationFailure": AlarmType("authenticationFailure"),
    "xmppRegistrationFailure": AlarmType("connectFailure"),
}
