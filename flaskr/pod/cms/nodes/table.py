"""All nodes of the API that hold objects. A new one is an entry in a file beside this one."""

from __future__ import annotations

from flaskr.pod.cms.node import Node
from flaskr.pod.cms.nodes import spaces, stub

NODES: tuple[Node, ...] = (*spaces.NODES, *stub.NODES)
BY_PATH = {node.path: node for node in NODES}
