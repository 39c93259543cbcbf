"""The simulated servers that there are, and what follows from them: all switches, all faults."""

from __future__ import annotations

from dataclasses import Field, replace
from typing import Any

from flaskr.pod.cms.service import CmsService
from flaskr.pod.cuc.service import CucService
from flaskr.pod.faults.catalogue import FaultCatalogue
from flaskr.pod.faults.generic import GENERIC_KINDS, HTTP_KINDS
from flaskr.pod.faults.fault_kind import FaultKind
from flaskr.pod.mail.service import MailService
from flaskr.pod.service import Service, WebService
from flaskr.pod.switches import SwitchGroup
from flaskr.pod.uds.service import UdsService
from flaskr.pod.webex.service import WebexService
from flaskr.pod.wire.switches import ConnectionSwitches

# A new server is a folder with a subclass of Service, and its class here.
SERVERS: tuple[type[Service], ...] = (
    CmsService, UdsService, CucService, WebexService, MailService,
)


def table() -> dict[str, Field[Any]]:
    """Return each switch by name: its default, and as metadata its check and meaning."""
    groups: list[type[SwitchGroup]] = [
        ConnectionSwitches, *(server.switch_group for server in SERVERS)
    ]
    return {name: entry for group in groups for name, entry in group.table().items()}


def _kinds() -> dict[str, FaultKind]:
    own = {
        name: replace(kind, servers=server.names(), owner=server.name)
        for server in SERVERS
        for name, kind in server.kinds.items()
    }
    web = [name for each in SERVERS if issubclass(each, WebService) for name in each.names()]
    over_http = {
        name: replace(kind, servers=tuple(web), owner="servers over HTTP")
        for name, kind in HTTP_KINDS.items()
    }
    return {**GENERIC_KINDS, **over_http, **own}


# The kinds of fault by name; those that only some servers have act on these alone.
KINDS = _kinds()
CATALOGUE = FaultCatalogue(
    KINDS, {name: server.base for server in SERVERS for name in server.names()}
)
parse = CATALOGUE.parse
