"""Several Call Bridges over one database."""

from __future__ import annotations

from dataclasses import dataclass, field

from flaskr.pod.database import Database


@dataclass
class CallBridge:
    """One of the servers of a cluster: its name, and where clients find it once it listens."""

    name: str
    address: str = ""


@dataclass
class Cluster:
    """The Call Bridges that share a database, the first of them first."""

    database: Database = field(default_factory=Database)
    bridges: list[CallBridge] = field(default_factory=list)
