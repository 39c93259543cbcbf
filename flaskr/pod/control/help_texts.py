"""The help texts, made of the tables of switches and faults."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Iterable, Mapping

from flaskr.pod.company import EXAMPLE_IDS
from flaskr.pod.control.steering import SteeredPod
from flaskr.pod.faults.fault import FaultLimit
from flaskr.pod.servers import CATALOGUE, KINDS, table

WIDTH = 98
JSON = "-H 'Content-Type: application/json'"
# What the control port does: meaning, method, path, and a body that is an example.
ROUTES: tuple[tuple[str, str, str, Mapping[str, object] | None], ...] = (
    ("The switches as they are", "GET", "/switches", None),
    ("Change some of them", "PATCH", "/switches", {"page_cap": 3}),
    ("Change some, and put the others back", "PUT", "/switches", {"page_cap": 3}),
    ("Be busy for two requests", "POST", "/faults", {"fault": "busy", "times": 2}),
    (
        "Carry out a creation, but lose the answer", "POST", "/faults",
        {"fault": "cut", "method": "POST", "path": "/coSpaces", "times": 1},
    ),
    (
        "Lose a creation before it is carried out", "POST", "/faults",
        {"fault": "cut", "method": "POST", "times": 1, "takes_effect": False},
    ),
    (
        "Answer nothing but the second page with a web page", "POST", "/faults",
        {"fault": "html", "path": "/coSpaces", "query": "offset=10"},
    ),
    (
        "Refuse a recipient of mail", "POST", "/faults",
        {"fault": "status", "value": 550, "method": "RCPT", "path": "nobody@*"},
    ),
    ("The faults that can still act", "GET", "/faults", None),
    ("Take one away", "DELETE", "/faults/1", None),
    ("Take all away", "DELETE", "/faults", None),
    ("All Spaces", "GET", "/spaces", None),
    ("All mailboxes", "GET", "/mailboxes", None),
    ("The rooms of Webex, each with its messages, the newest first", "GET", "/rooms", None),
    ("The mail, the newest first", "GET", "/mail", None),
    ("What arrived, and counts of it", "GET", "/requests", None),
    ("Forget that, and count anew", "DELETE", "/requests", None),
    ("Everything as at the start", "POST", "/reset", None),
)


def switch_line(name: str) -> str:
    """Return what a switch means, what it may be, and its default."""
    entry = table()[name]
    check = entry.metadata["check"]
    default = _shown(entry.default) or "nothing"
    return f"{entry.metadata['meaning']} ({check.expected}; {default} at first)"


def fault_line(name: str) -> str:
    """Return what a fault means, and its value."""
    kind = KINDS[name]
    notes = [f"{kind.owner} alone"] if kind.owner else []
    if kind.check is not None:
        notes.append(kind.check.expected)
    if kind.default is not None:
        notes.append(f"{_shown(kind.default)} unless given")
    return f"{kind.meaning} ({'; '.join(notes)})" if notes else kind.meaning


def limit_line(limit: FaultLimit) -> str:
    """Return what a limit of a fault means, and what it may be."""
    return f"{limit.meaning} ({limit.check.expected})"


def faults_help() -> str:
    """Return all faults and what can limit them."""
    return "\n".join([
        "Faults:",
        _listing((name, fault_line(name)) for name in KINDS),
        "",
        "What can limit a fault:",
        _listing((name, limit_line(limit)) for name, limit in CATALOGUE.limits().items()),
    ])


def control_help(url: str) -> str:
    """Return what the control port answers to GET /."""
    routes = "\n".join(
        f"  {meaning}:\n    {_curl(url, method, path, body)}"
        for meaning, method, path, body in ROUTES
    )
    return f"""\
The simulated pod's control port. It answers and takes JSON.

{routes}

A fault is an object with fault, value (where it has one), and limits. All faults that are for a
request act on it, in the order in which they were added.

Switches:
{_listing((name, switch_line(name)) for name in table())}

{faults_help()}
"""


def _curl(url: str, method: str, path: str, body: Mapping[str, object] | None) -> str:
    """Return a command line that sends a request to the control port."""
    words = ["curl"]
    if method not in ("GET", "POST") or (method == "POST" and body is None):
        words += ["-X", method]
    if method != "GET":
        words.append(JSON)
    if body is not None:
        words += ["-d", shlex.quote(json.dumps(body))]
    return " ".join([*words, url + path])


def welcome(pod: SteeredPod) -> str:
    """Return what the command line says when the pod runs."""
    settings = "\n".join(f"{name}={shlex.quote(text)}" for name, text in pod.settings.items())
    curl = f"curl --cacert {shlex.quote(pod.ca_file)}"
    servers = "\n\n".join(
        service.introduction(pod.url(name), curl) for name, service in pod.services.items()
    )
    return f"""\
The simulated pod runs, until Ctrl-C. Everything in it is made up, and gone when it ends.

Settings for a portal (the file of the CA is new at each start):

{settings}

{servers}

User IDs: {EXAMPLE_IDS}.

What people got by Webex and mail, a browser shows at {pod.control_url}/.

What goes wrong, and when, is said here, in JSON; the first line explains it:

  curl {pod.control_url}/
  {_curl(pod.control_url, "POST", "/faults", {"fault": "busy", "times": 3})}
"""


def _listing(lines: Iterable[tuple[str, str]]) -> str:
    return "\n".join(
        textwrap.fill(
            meaning, WIDTH, initial_indent=f"  {name:<26} ", subsequent_indent=" " * 29,
            break_long_words=False, break_on_hyphens=False,
        )
        for name, meaning in lines
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)
