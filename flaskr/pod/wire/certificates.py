"""The certificates of the simulated pod: a CA of its own, made at start, and what it signs."""

from __future__ import annotations

import shutil
import ssl
import tempfile
from datetime import datetime
from pathlib import Path

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")
OTHER_NAME = "elsewhere.pod6.example"
ORGANISATION = "Simulated pod"
# trustme gives times without a zone to a library that takes such times as UTC.
EXPIRED = datetime(2020, 1, 1)


class Certificates:
    """A CA, its file, and a TLS context for each certificate that a server can show.

    The CA's certificate, never its key, is at `ca_file`, in a directory that only the user who
    runs the pod can read, until `remove`.
    """

    def __init__(self) -> None:
        authority = trustme.CA(organization_name=ORGANISATION)
        other = trustme.CA(organization_name="Another CA")
        self._contexts = {
            "normal": _context(authority.issue_cert(*NAMES)),
            "expired": _context(authority.issue_cert(*NAMES, not_after=EXPIRED)),
            "other_name": _context(authority.issue_cert(OTHER_NAME)),
            "other_ca": _context(other.issue_cert(*NAMES)),
        }
        self._directory = Path(tempfile.mkdtemp(prefix="pod-"))
        self.ca_file = self._directory / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))

    def context(self, handshake: str) -> ssl.SSLContext:
        """Return the context for a value of the handshake switches; some share the normal one."""
        return self._contexts.get(handshake, self._contexts["normal"])

    def remove(self) -> None:
        """Delete the CA's file and its directory."""
        shutil.rmtree(self._directory, ignore_errors=True)


def _context(leaf: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context
