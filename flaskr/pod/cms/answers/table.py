"""The nodes that compute an answer. A new one is a class beside this file, and a line here."""

from __future__ import annotations

from flaskr.pod.cms.answers.alarms import SystemAlarms
from flaskr.pod.cms.answers.answers import Answers
from flaskr.pod.cms.answers.bridges import BridgeStatuses
from flaskr.pod.cms.answers.calls import CallAnswers
from flaskr.pod.cms.answers.cdr_receiver import DeprecatedCdrReceiver
from flaskr.pod.cms.answers.database import SystemDatabase
from flaskr.pod.cms.answers.layout_templates import LayoutTemplateAnswers
from flaskr.pod.cms.answers.licence_usage import LicenceUsage
from flaskr.pod.cms.answers.licensing import Licensing
from flaskr.pod.cms.answers.spaces import SpaceAnswers
from flaskr.pod.cms.answers.status import SystemStatus
from flaskr.pod.cms.answers.web_bridge_profile import EffectiveWebBridgeProfile

ANSWERS: tuple[type[Answers], ...] = (
    SystemStatus,
    SpaceAnswers,
    CallAnswers,
    LayoutTemplateAnswers,
    DeprecatedCdrReceiver,
    SystemDatabase,
    SystemAlarms,
    Licensing,
    LicenceUsage,
    BridgeStatuses,
    EffectiveWebBridgeProfile,
)
