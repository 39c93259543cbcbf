"""The commands of the README, run as they stand there, in processes of their own."""

import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from processes import FREE_PORTS, LAB, PROJECT, curl, running

README = (PROJECT / "README.md").read_text(encoding="utf-8")
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def console_lines() -> list[tuple[str, str]]:
    """Return the README's curl commands with the answers that stand below them."""
    block = README.partition("```console\n")[2].partition("```")[0]
    command_lines = block.splitlines()[::2]
    answers = block.splitlines()[1::2]
    assert all(line.startswith("$ curl ") for line in command_lines)
    return [(line.removeprefix("$ curl "), answer) for line, answer in zip(command_lines, answers)]


def generic(answer: str) -> str:
    """Return an answer without what is different every time: IDs and ports."""
    return re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", re.sub(GUID, "ID", answer))


def check_console_lines(portal: str) -> None:
    for line, expected in console_lines():
        answer = curl(*shlex.split(line.replace("http://127.0.0.1:5000", portal)))
        assert generic(answer) == generic(expected)


def one_line_of(*arguments: str) -> str:
    """Return the one line that a command which can't start says, on its standard error."""
    ended = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
    return ended.stderr.strip()


def test_the_readme_has_the_whole_verification_of_the_guide() -> None:
    assert len(console_lines()) == 6


def test_the_readmes_curl_lines_give_the_readmes_answers() -> None:
    with running(*LAB) as lab:
        check_console_lines(lab.portal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_lab_ends_at_once_and_quietly(number: int) -> None:
    with running(*LAB) as lab:
        curl(f"{lab.portal}/api/v1/cms/version")
        ca_file = Path(re.findall(r"their CA +(.+)", lab.output)[0])
        assert ca_file.exists()
        ready = lab.output
        code, seconds = lab.end(number)
    said = lab.output.removeprefix(ready).splitlines()
    assert code == 0
    assert all(" INFO " in line for line in said)
    assert seconds < 3
    assert not ca_file.exists()


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert one_line_of("flaskr.lab", "--port", port) == (
            f"The portal can't listen on port {port} of 127.0.0.1 (Address already in use): "
            "choose another with --port."
        )
        assert "--cms-port" in one_line_of(*LAB, "--cms-port", port)


def test_a_switch_that_will_not_do_is_said_in_one_line() -> None:
    assert "loopback" in one_line_of(*LAB, "--host", "192.0.2.1")


def test_without_settings_the_portal_does_not_start_and_says_why_in_one_line() -> None:
    line = one_line_of("flask", "--app", "flaskr", "run", "--port", "0")
    assert line.startswith("Error: CMS_HOSTNAME is not set: write CMS_HOSTNAME=<")


def test_the_portal_runs_on_the_pod_with_the_settings_that_it_prints() -> None:
    with running("flaskr.pod", *FREE_PORTS) as pod:
        settings = dict(re.findall(r"^((?:CMS|CUCM)_\w+)=(.+)$", pod.output, re.MULTILINE))
        run = ("flask", "--app", "flaskr", "run", "--port", "0")
        with running(*run, environment=settings) as portal:
            check_console_lines(portal.portal)


def test_the_lab_takes_the_switches_of_the_pod() -> None:
    with running(*LAB, "--software-version", "3.10") as lab:
        assert curl(f"{lab.portal}/api/v1/cms/version") == '"3.10"'
