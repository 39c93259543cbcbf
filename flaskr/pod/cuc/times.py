"""Times, as a Unity Connection writes them."""

from __future__ import annotations

from datetime import datetime, timezone

# When what is there at the start was made and last changed.
CREATED, CHANGED = "2026-01-05T08:00:00Z", "2026-01-05 08:00:00.000"


def creation_time() -> str:
    """Return the time now, as `2026-01-05T08:00:00Z`."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def change_time() -> str:
    """Return the time now, as `2026-01-05 08:00:00.000`."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
