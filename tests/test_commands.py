"""The commands of the README, run as they stand there, in processes of their own."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
FREE_PORTS = ("--cms-port", "0", "--uds-port", "0", "--control-port", "0")
LAB = ("flaskr.lab", "--port", "0", *FREE_PORTS)
README = (PROJECT / "README.md").read_text(encoding="utf-8")
GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@contextmanager
def running(
    *arguments: str, until: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a module of the project until a line that matches `until`; yield it and its output."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=PROJECT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process, _output(process, until)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _output(process: subprocess.Popen[str], until: str) -> str:
    assert process.stdout
    output = ""
    for line in process.stdout:
        output += line
        if re.search(until, line):
            return output
    raise AssertionError(f"it ended with {process.wait()} and said: {output}")


def end(process: subprocess.Popen[str], number: int) -> tuple[int, str, float]:
    """Send a signal; return the exit code, what was still said, and after how many seconds."""
    start = time.monotonic()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=10)
    return process.returncode, rest, time.monotonic() - start


def curl(*arguments: str) -> str:
    command = ["curl", "-sS", "--max-time", "20", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


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


def test_the_readmes_curl_lines_give_the_readmes_answers() -> None:
    lines = console_lines()
    assert len(lines) == 6
    with running(*LAB, until="their faults") as (_, output):
        port = re.findall(r"http://127\.0\.0\.1:(\d+)/", output)[0]
        for line, expected in lines:
            answer = curl(*shlex.split(line.replace(":5000/", f":{port}/")))
            assert generic(answer) == generic(expected)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_lab_ends_at_once_and_quietly(number: int) -> None:
    with running(*LAB, until="their faults") as (process, output):
        port = re.findall(r"http://127\.0\.0\.1:(\d+)/", output)[0]
        curl(f"http://127.0.0.1:{port}/api/v1/cms/version")
        ca_file = Path(re.findall(r"their CA +(.+)", output)[0])
        assert ca_file.exists()
        code, rest, seconds = end(process, number)
    assert code == 0
    assert "Traceback" not in rest
    assert all(" INFO " in line for line in rest.splitlines() if line)
    assert seconds < 2
    assert not ca_file.exists()


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "flaskr.lab", "--port", port]
        ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        f"The portal can't listen on port {port} of 127.0.0.1 (Address already in use): "
        "choose another with --port.\n"
    )


def test_without_settings_the_portal_does_not_start_and_says_why_in_one_line() -> None:
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "run", "--port", "0"]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: CMS_HOSTNAME is not set: write CMS_HOSTNAME=<")
    assert len(ended.stderr.splitlines()) == 1


def test_the_portal_runs_on_the_pod_with_the_settings_that_it_prints() -> None:
    with running("flaskr.pod", *FREE_PORTS, until="^User IDs") as (_, output):
        settings = dict(re.findall(r"^((?:CMS|CUCM)_\w+)=(.+)$", output, re.MULTILINE))
        portal = ("flask", "--app", "flaskr", "run", "--port", "0")
        with running(*portal, until="Running on", environment=settings) as (process, started):
            port = re.findall(r"Running on http://127\.0\.0\.1:(\d+)", started)[0]
            for line, expected in console_lines():
                answer = curl(*shlex.split(line.replace(":5000/", f":{port}/")))
                assert generic(answer) == generic(expected)
            process.send_signal(signal.SIGINT)


def test_the_lab_takes_the_switches_of_the_pod() -> None:
    with running(*LAB, "--software-version", "3.10", until="their faults") as (_, output):
        port = re.findall(r"http://127\.0\.0\.1:(\d+)/", output)[0]
        assert curl(f"http://127.0.0.1:{port}/api/v1/cms/version") == '"3.10"'


def test_a_port_of_the_pod_in_use_is_said_in_one_line_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", *LAB, "--cms-port", port]
        ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert len(ended.stderr.splitlines()) == 1
    assert "--cms-port" in ended.stderr
