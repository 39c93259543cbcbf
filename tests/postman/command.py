"""Run a Postman collection of the CMS API: lists, creations, changes, actions, deletions.

Each request must be answered, or refused for a value that is wrong; what was made must be listed
and read as it was set, and be gone when it is deleted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flaskr.pod import Pod

from postman.answers import Server
from postman.order import Nodes
from postman.run import Run
from postman.steps import read_steps

HOST = "https://127.0.0.1:8445"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the collection that the arguments name; return the exit status."""
    parser = argparse.ArgumentParser(prog="python tests/postman", description=__doc__)
    parser.add_argument("collection", type=Path, help="a Postman collection, format 2.1")
    parser.add_argument("--url", help=f"a CMS, such as {HOST} (default: a pod of its own)")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="")
    parser.add_argument("--ca", help="the file with the CA that the CMS is checked against")
    options = parser.parse_args(arguments)
    collection = json.loads(options.collection.read_text(encoding="utf-8"))
    with _server(options) as server:
        return run_collection(server, collection, print)


def run_collection(
    server: Server, collection: dict[str, Any], say: Callable[[str], None]
) -> int:
    """Run a collection against a CMS and say what happens; return the exit status."""
    steps, corrections = read_steps(collection)
    for correction in corrections:
        say(f"Corrected: {correction}")
    run = Run(server, Nodes(steps), say)
    right = run.go()
    for refusal in run.refusals:
        say(f"Refused: {refusal}")
    for problem in run.problems:
        say(f"Problem: {problem}")
    say(f"{right} of {len(steps)}")
    return 0 if right == len(steps) else 1


@contextmanager
def _server(options: argparse.Namespace) -> Iterator[Server]:
    if options.url:
        with closing(
            Server(options.url, options.user, options.password, options.ca or True)
        ) as server:
            yield server
        return
    with Pod() as pod, closing(
        Server(pod.cms_url.removesuffix("/api/v1"), pod.username, pod.password, str(pod.ca_file))
    ) as server:
        yield server
