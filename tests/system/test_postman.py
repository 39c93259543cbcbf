"""The Postman collection, run by newman as it stands, against the lab in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.processes import LAB, curl, need, running
from support.timing import timed

pytestmark = timed

NEWMAN = "newman@6.2.2"
# Beside the Python that runs the tests, where the CI puts it, or wherever else it is installed.
PLACES = f"{sys.prefix}/node_modules/.bin{os.pathsep}{os.environ.get('PATH', '')}"
KEY = "s3cret key"
STEPS = [
    ("Retrieve the version", "GET", 200),
    ("Create a Space by user ID", "POST", 200),
    ("Modify the Space by user ID", "PUT", 200),
    ("Retrieve the Space by user ID", "GET", 200),
    ("Show what the template makes of the user", "GET", 200),
    ("Add what the Space lacks of the template", "POST", 200),
    ("List the Space's members", "GET", 200),
    ("Set a new passcode", "POST", 200),
    ("Retrieve the guests' invitation", "GET", 200),
    ("Delete the Space by user ID", "DELETE", 200),
    ("Delete it again", "DELETE", 404),
    ("Retrieve the version of Unity Connection", "GET", 200),
    ("List who is in LDAP and has no mailbox", "GET", 200),
]


@pytest.fixture(scope="module")
def newman() -> str:
    """The path of newman."""
    found = shutil.which("newman", path=PLACES)
    need(
        found,
        "This needs newman, which runs Postman collections. With Node.js and npm installed: "
        f"npm install --prefix {sys.prefix} {NEWMAN}",
    )
    return str(found)


def run_collection(newman: str, portal: str, folder: Path, *options: str) -> dict[str, Any]:
    """Have newman run the portal's own collection; return its report."""
    collection, report = folder / "postman.json", folder / "report.json"
    collection.write_text(curl(f"{portal}/api/v1/postman.json"), encoding="utf-8")
    command = [newman, "run", str(collection), "--reporters", "json", *options]
    subprocess.run(
        [*command, "--reporter-json-export", str(report)],
        check=False, capture_output=True, timeout=60,
    )
    return dict(json.loads(report.read_text(encoding="utf-8"))["run"])


def failed(report: dict[str, Any]) -> list[str]:
    return [f"{each['source']['name']}: {each['error']['message']}" for each in report["failures"]]


def steps(report: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Return what was requested: the step's name, its method, and the status that came of it."""
    return [
        (each["item"]["name"], each["request"]["method"], each["response"]["code"])
        for each in report["executions"]
    ]


def test_newman_runs_the_guides_verification_as_it_stands(
    newman: str, portal: str, tmp_path: Path
) -> None:
    report = run_collection(newman, portal, tmp_path)
    assert failed(report) == []
    assert steps(report) == STEPS
    for each in report["executions"]:
        assertions = [assertion["assertion"] for assertion in each["assertions"]]
        assert assertions[0] == f"the status is {each['response']['code']}"
        assert len(assertions) > 1


def test_it_can_be_run_again_and_for_another_user(
    newman: str, portal: str, tmp_path: Path
) -> None:
    for userid in ("pod6user2", "pod6user2", "zoë.o'brien"):
        report = run_collection(newman, portal, tmp_path, "--env-var", f"userid={userid}")
        assert failed(report) == []


def test_the_api_key_is_a_variable(newman: str, tmp_path: Path) -> None:
    with running(*LAB, environment={"PORTAL_API_KEY": KEY}) as lab:
        refused = run_collection(newman, lab.portal, tmp_path)
        let_in = run_collection(newman, lab.portal, tmp_path, "--env-var", f"apiKey={KEY}")
    assert {status for _, _, status in steps(refused)} == {401}
    assert failed(let_in) == []
    assert steps(let_in) == STEPS


def test_a_test_fails_where_the_portal_is_not_as_the_guide_says(
    newman: str, portal: str, tmp_path: Path
) -> None:
    curl("-X", "POST", f"{portal}/api/v1/cms/spaces/pod6user1")
    report = run_collection(newman, portal, tmp_path)
    assert any(line.startswith("Create a Space by user ID: ") for line in failed(report))


def test_the_base_url_is_the_address_that_the_portal_listens_on(portal: str) -> None:
    collection = json.loads(curl(f"{portal}/api/v1/postman.json"))
    variables = {each["key"]: each["value"] for each in collection["variable"]}
    assert variables == {"baseUrl": f"{portal}/api/v1", "apiKey": "", "userid": "pod6user1"}
