"""A client that openapi-python-client makes of openapi.json, against the lab in its own process."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.browsers import KEY
from support.facts import GUID
from support.processes import PROJECT, Running, curl, need
from support.timing import timed

pytestmark = timed

# The newest that Python 3.10 takes.
GENERATOR = "openapi-python-client==0.28.4"
# An environment of its own, as the CI makes it: what the generator brings is none of the project's.
FOLDER = PROJECT / ".generator"
SECONDS = 120
# The lab guide's step 7: prints the status and the body of each answer. It is given the address,
# the API key (empty for none), and the kind of the body.
STEPS = """
import json
import sys

from portal import AuthenticatedClient, Client, models
from portal.api.cms import (
    create_space, delete_space, modify_space, retrieve_space, retrieve_version,
)

address, key, body = sys.argv[1:]
options = {"base_url": address, "raise_on_unexpected_status": True}
by_key = {"token": key, "prefix": "", "auth_header_name": "X-API-Key"}
client = AuthenticatedClient(**options, **by_key) if key else Client(**options)
changes = {"name": "New Pod6 User1 Space", "defaultLayout": "allEqual"}
body = getattr(models, body).from_dict(changes)
space = {"userid": "pod6user1", "client": client}
answers = [
    retrieve_version.sync_detailed(client=client),
    create_space.sync_detailed(**space),
    modify_space.sync_detailed(**space, body=body),
    retrieve_space.sync_detailed(**space),
    delete_space.sync_detailed(**space),
    delete_space.sync_detailed(**space),
]
bodies = [each.parsed for each in answers]
documents = [body if isinstance(body, str) else body.to_dict() for body in bodies]
print(json.dumps([(each.status_code, body) for each, body in zip(answers, documents)]))
"""


@pytest.fixture(scope="module")
def client(lab: Running, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the client, the package `portal`."""
    program = FOLDER / "bin" / "openapi-python-client"
    need(
        program.exists(),
        "This needs openapi-python-client: python3 -m venv .generator && "
        f".generator/bin/pip install -c .constraints.txt {GENERATOR}",
    )
    folder = tmp_path_factory.mktemp("generated")
    specification, config = folder / "openapi.json", folder / "config.json"
    specification.write_text(curl(f"{lab.portal}/api/v1/openapi.json"), encoding="utf-8")
    config.write_text('{"post_hooks": []}', encoding="utf-8")  # no tidying, which takes time
    command = [str(program), "generate", "--meta", "none", "--output-path", str(folder / "portal")]
    options = ["--path", str(specification), "--config", str(config)]
    made = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=True, timeout=SECONDS
    )
    (folder / "warnings").write_text(made.stdout + made.stderr, encoding="utf-8")
    return folder


def go_through(client: Path, portal: str, key: str, body: str) -> list[tuple[int, Any]]:
    """Have the client do step 7; return the status and the body of each answer."""
    done = subprocess.run(
        [str(FOLDER / "bin" / "python"), "-c", STEPS, f"{portal}/api/v1", key, body],
        cwd=client, capture_output=True, text=True, check=False, timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    return [(status, document) for status, document in json.loads(done.stdout)]


def check_steps(answers: list[tuple[int, Any]]) -> None:
    assert [status for status, _ in answers] == [200, 200, 200, 200, 200, 404]
    version, created, modified, retrieved, deleted, again = (body for _, body in answers)
    assert version == "3.9.2"
    assert re.fullmatch(GUID, created["response"])
    assert modified["success"] is True
    space = retrieved["response"]["coSpace"]
    assert space["@id"] == created["response"]
    assert (space["name"], space["defaultLayout"]) == ("New Pod6 User1 Space", "allEqual")
    assert deleted["response"]["coSpace"] == space
    assert again["error"]["code"] == "no_space"


@pytest.mark.parametrize("body", ["ModifySpaceDataBody", "ModifySpaceJsonBody"])
def test_it_does_the_guides_verification(client: Path, portal: str, body: str) -> None:
    check_steps(go_through(client, portal, "", body))


def test_it_does_so_with_an_api_key(client: Path, portal_with_key: str) -> None:
    check_steps(go_through(client, portal_with_key, KEY, "ModifySpaceJsonBody"))


def test_it_lacks_nothing_but_bodies_that_the_generator_does_not_know(client: Path) -> None:
    said = (client / "warnings").read_text(encoding="utf-8")
    warnings = re.findall(r"WARNING parsing (.+?) within.*\n\s*\n(.+)", said)
    assert said.count("WARNING") == len(warnings)
    assert sorted(warnings) == [
        ("POST /cms/apply", "Unsupported content type application/x-ndjson"),
        ("POST /cms/apply", "Unsupported content type text/csv"),
        ("POST /cms/plan", "Unsupported content type text/csv"),
    ]
