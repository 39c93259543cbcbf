"""The help texts, made of the tables of switches and faults."""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flaskr.pod.faults import LIMITS
from flaskr.pod.kinds import KINDS
from flaskr.pod.switches import table

if TYPE_CHECKING:
    from flaskr.pod import Pod

WIDTH = 98
JSON = "-H 'Content-Type: application/json'"
EXAMPLE_IDS = (
    "pod6user1 ... pod6user20, nophone, nodisplay, nameless, yuki, zoë.o'brien, lee, leeann, "
    "MixedCase"
)

#: What the control port does: meaning, method, path, and a body that is an example.
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
    ("The faults that can still act", "GET", "/faults", None),
    ("Take one away", "DELETE", "/faults/1", None),
    ("Take all away", "DELETE", "/faults", None),
    ("All Spaces", "GET", "/spaces", None),
    ("What arrived, and counts of it", "GET", "/requests", None),
    ("Forget that, and count anew", "DELETE", "/requests", None),
    ("Everything as at the start", "POST", "/reset", None),
)


def switch_line(name: str) -> str:
    """What a switch means, what it may be, and its default."""
    entry = table()[name]
    check = entry.metadata["check"]
    return f"{entry.metadata['meaning']} ({check.__doc__}; {_shown(entry.default)} at first)"


def fault_line(name: str) -> str:
    """What a fault means, and its value."""
    kind = KINDS[name]
    if kind.check is None:
        return kind.meaning
    default = "" if kind.default is None else f"; {_shown(kind.default)} unless given"
    return f"{kind.meaning} ({kind.check.__doc__}{default})"


def limit_line(limit: Mapping[str, Any]) -> str:
    """What a limit of a fault means, and what it may be."""
    return f"{limit['meaning']} ({limit['check'].__doc__})"


def faults_help() -> str:
    """All faults and what can limit them."""
    return "\n".join([
        "Faults:",
        _listing((name, fault_line(name)) for name in KINDS),
        "",
        "What can limit a fault:",
        _listing((name, limit_line(limit)) for name, limit in LIMITS.items()),
    ])


def control_help(url: str) -> str:
    """What the control port answers to GET /."""
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
    """A command line that sends a request to the control port."""
    words = ["curl"]
    if method not in ("GET", "POST") or (method == "POST" and body is None):
        words += ["-X", method]
    if method != "GET":
        words.append(JSON)
    if body is not None:
        words += ["-d", shlex.quote(json.dumps(body))]
    return " ".join([*words, url + path])


def welcome(pod: Pod) -> str:
    """What the command line says when the pod runs."""
    settings = "\n".join(f"{name}={shlex.quote(text)}" for name, text in pod.settings.items())
    curl = f"curl --cacert {shlex.quote(pod.ca_file)}"
    login = f"-u {shlex.quote(f'{pod.username}:{pod.password}')}"
    reader = curl
    if pod.switches.uds_authentication:
        reader += f" -u {shlex.quote(f'{pod.uds_username}:{pod.uds_password}')}"
    return f"""\
The simulated pod runs, until Ctrl-C. Everything in it is made up, and gone when it ends.

Settings for a portal (the file of the CA is new at each start):

{settings}

The CMS is {pod.cms_url} (user name {pod.username}, password {pod.password}):

  {curl} {login} {pod.cms_url}/system/status
  {curl} {login} '{pod.cms_url}/coSpaces?filter=lee'
  {curl} {login} -d 'name=My Space' -d uri=my.space -i {pod.cms_url}/coSpaces

The UDS is {pod.uds_url}{_uds_login(pod)}:

  {reader} '{pod.uds_url}/users?username=pod6user1'
  {reader} '{pod.uds_url}/users?last=user&max=5'

User IDs: {EXAMPLE_IDS}.

What goes wrong, and when, is said here, in JSON; the first line explains it:

  curl {pod.control_url}/
  {_curl(pod.control_url, "POST", "/faults", {"fault": "busy", "times": 3})}
"""


def _uds_login(pod: Pod) -> str:
    if not pod.switches.uds_authentication:
        return " (open to all)"
    return f" (user name {pod.uds_username}, password {pod.uds_password})"


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
