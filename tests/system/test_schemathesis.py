"""Requests that Schemathesis makes up from swagger.json, sent to the lab in its own process."""

import re
import subprocess
import sys
from pathlib import Path

import requests
from support.processes import LAB, running
from support.timing import timed

pytestmark = timed

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "use_after_free",
    "ensure_resource_availability",
)


def test_every_answer_is_as_swagger_json_says(tmp_path: Path) -> None:
    with running(*LAB) as lab:
        specification = f"{lab.portal}/api/v1/swagger.json"
        paths = requests.get(specification, timeout=10).json()["paths"]
        command = [sys.executable, "-m", "schemathesis.cli", "run", specification]
        options = ["--checks", ",".join(CHECKS), "--max-examples", "8", "--no-color"]
        ended = subprocess.run(
            [*command, *options], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 0, ended.stdout
    operations = sum(map(len, paths.values()))
    assert re.search(rf"Tested: {operations}\b", ended.stdout)
