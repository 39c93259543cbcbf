"""All nodes of the API that hold objects. A new one is an entry in a file beside this one."""

from __future__ import annotations

from flaskr.pod.cms.node import Node
from flaskr.pod.cms.nodes import (
    bridges, dial_plan, ivr, ldap, spaces, stub, system, templates, tenants,
)

NODES: tuple[Node, ...] = (
    *spaces.NODES, *templates.NODES, *dial_plan.NODES, *ivr.NODES, *system.NODES,
    *bridges.NODES, *ldap.NODES, *tenants.NODES, *stub.NODES,
)
BY_PATH = {node.path: node for node in NODES}
