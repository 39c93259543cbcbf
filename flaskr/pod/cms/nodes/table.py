"""All nodes of the API that hold objects. A new one is an entry in a file beside this one."""

from __future__ import annotations

from flaskr.pod.cms.node import Node
from flaskr.pod.cms.nodes import (
    bridges, call_profiles, calls, dial_plan, ivr, ldap, spaces, system, templates, tenants,
)

NODES: tuple[Node, ...] = (
    *spaces.NODES, *templates.NODES, *dial_plan.NODES, *ivr.NODES, *system.NODES,
    *bridges.NODES, *ldap.NODES, *tenants.NODES, *call_profiles.NODES,
    *calls.NODES,
)
BY_PATH = {node.path: node for node in NODES}
