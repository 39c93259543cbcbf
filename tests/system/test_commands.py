"""The commands of the README, run as they stand there, in processes of their own."""

import io
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.facts import generic
from support.processes import (
    FREE_PORTS, LAB, PROJECT, READY, Running, bare_project, curl, run_to_its_end, running,
)
from support.timing import timed

from flaskr.lab import announce
from flaskr.pod import Pod

pytestmark = timed

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def console_blocks() -> list[list[tuple[str, str]]]:
    """Return the README's blocks of curl commands, each with the answers that stand below them."""
    blocks = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        commands, answers = block.splitlines()[::2], block.splitlines()[1::2]
        assert all(line.startswith("$ curl ") for line in commands)
        arguments = [line.removeprefix("$ curl ") for line in commands]
        blocks.append(list(zip(arguments, answers, strict=True)))
    return blocks


def check_block(block: list[tuple[str, str]], portal: str, control: str = "") -> None:
    for line, expected in block:
        here = line.replace("http://127.0.0.1:5000", portal)
        here = here.replace("http://127.0.0.1:8447", control)
        assert generic(curl(*shlex.split(here))) == generic(expected)


def printed_settings(pod: Running) -> dict[str, str]:
    """Return the settings for a portal that the simulated pod says at its start."""
    return dict(re.findall(r"^((?:CMS|CUCM)_\w+)=(.+)$", pod.output, re.MULTILINE))


def one_line_of(*arguments: str, status: int = 1) -> str:
    """Return the one line that a command which can't start says, on its standard error."""
    ended = run_to_its_end(*arguments)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert len(ended.stderr.splitlines()) == 1
    return ended.stderr.strip()


def test_the_readme_has_the_whole_verification_of_the_guide() -> None:
    assert [len(block) for block in console_blocks()] == [6, 4]


def test_the_readmes_curl_lines_give_the_readmes_answers() -> None:
    with running(*LAB) as lab:
        control = re.findall(r"their faults +(.+?)/?$", lab.output, re.MULTILINE)[0]
        for block in console_blocks():
            check_block(block, lab.portal, control)


def test_the_lab_says_where_its_servers_are_and_how_to_log_in(
    pod: Pod, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        announce("", pod, listener)
    told = capsys.readouterr().out
    log_ins = {
        **{name: "  user {}, password {}" for name in ("cms", "cuc", "mail")},
        "webex": "  token {}", "uds": "",
    }
    for name, service in pod.services.items():
        assert f" {pod.url(name)}{log_ins[name].format(*service.credentials)}\n" in told
    assert f" {pod.control_url}/#received\n" in told


def test_the_lab_can_have_several_call_bridges() -> None:
    with running(*LAB, "--call-bridges", "3", "--call-bridge-port", "0") as lab:
        cms, *bridges = re.findall(r"(?:simulated CMS|Call Bridge cms\d) +(\S+)", lab.output)
        control = re.findall(r"their faults +(.+?)/?$", lab.output, re.MULTILINE)[0]
        down = ["-X", "PATCH", "-H", "Content-Type: application/json", f"{control}/switches", "-d"]
        curl(*down, '{"call_bridges_down": "cms,cms2"}')
        created = json.loads(curl("-X", "POST", f"{lab.portal}/api/v1/cms/spaces/pod6user1"))
    assert len({cms, *bridges}) == 3
    assert created["message"].startswith(f"CMS at {bridges[1].split('/')[2]}, POST coSpaces: ")


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


@pytest.fixture
def background() -> Iterator[None]:
    """Ignore SIGINT, as what a shell starts in the background does, and what is started there."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


def test_what_the_tests_start_heeds_ctrl_c_where_they_run_in_the_background(
    background: None, pod: Pod
) -> None:
    with running("flask", "--app", "flaskr", "run", "--port", "0", environment=pod.settings) as run:
        run.end(signal.SIGINT)


@pytest.mark.parametrize("command", [LAB, ("flaskr.pod", *FREE_PORTS)], ids=["lab", "pod"])
def test_lab_and_pod_end_on_sigterm_in_the_background_too(
    background: None, command: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=PROJECT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )
    with process, closing(process.stdout or io.StringIO()) as output:
        next(line for line in output if re.search(READY[command[0]], line))
        process.terminate()
        assert process.wait(timeout=10) == 0


def test_what_the_tests_start_takes_no_settings_of_whoever_runs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORTAL_API_KEY", "s3cret")
    with running(*LAB) as lab:
        assert curl(f"{lab.portal}/api/v1/cms/version") == '"3.9.2"'
    assert sorted(path.name for path in bare_project().iterdir()) == ["flaskr"]


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert one_line_of("flaskr.lab", "--port", port) == (
            f"The portal can't listen on port {port} of 127.0.0.1 (Address already in use): "
            "choose another with --port."
        )
        assert "--cms-port" in one_line_of(*LAB, "--cms-port", port)


@pytest.mark.parametrize("option", ["--port", "--cms-port"])
def test_a_number_that_is_no_port_is_said_so(option: str) -> None:
    ended = run_to_its_end(*LAB, option, "99999")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert option in ended.stderr.splitlines()[-1]


def test_a_switch_that_will_not_do_is_said_in_one_line() -> None:
    assert "loopback" in one_line_of(*LAB, "--host", "192.0.2.1")


def test_without_settings_the_portal_does_not_start_and_says_why_in_one_line() -> None:
    line = one_line_of("flask", "--app", "flaskr", "run", "--port", "0", status=2)
    assert line.startswith("Error: CMS_HOSTNAME is not set: write CMS_HOSTNAME=<")


def test_the_portal_runs_on_the_pod_with_the_settings_that_it_prints() -> None:
    with running("flaskr.pod", *FREE_PORTS) as pod:
        run = ("flask", "--app", "flaskr", "run", "--port", "0")
        with running(*run, environment=printed_settings(pod)) as portal:
            check_block(console_blocks()[0], portal.portal)


def test_a_body_that_is_too_large_is_refused_however_it_is_sent(tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"passcode=4321&name=" + b"a" * 30_000_000)
    with running(*LAB) as lab:
        space = f"{lab.portal}/api/v1/cms/spaces/pod6user1"
        curl("-X", "POST", space)
        for header in ("Transfer-Encoding: chunked", "X-Nothing: else"):
            upload = ("-X", "PUT", "-H", header, "--data-binary", f"@{body}")
            answer = curl(*upload, "-w", "%{http_code}", space)
            assert "The body is larger than the portal takes." in answer
            assert answer.endswith("413")
        assert "passcode" not in curl(space)


def test_what_is_no_http_gets_the_portals_error_body_and_changes_nothing() -> None:
    with running(*LAB) as lab:
        port = int(lab.portal.rpartition(":")[2])
        for request in (
            b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
            b"no http at all\r\n\r\n",
            b"POST /api/v1/cms/spaces/pod6user1 HTTP/1.1\r\nContent-Length: abc\r\n\r\nname=x",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(request)
                answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
            assert '{"success": false, "message": "The ' in answer
        assert "There is no Space" in curl(f"{lab.portal}/api/v1/cms/spaces/pod6user1")


def test_the_log_of_flask_run_has_no_query_in_it_and_each_request_once() -> None:
    with running("flaskr.pod", *FREE_PORTS) as pod:
        settings = dict(re.findall(r"^((?:CMS|CUCM)_\w+)=(.+)$", pod.output, re.MULTILINE))
        run = ("flask", "--app", "flaskr", "run", "--port", "0")
        with running(*run, environment=settings) as portal:
            curl("-X", "PUT", f"{portal.portal}/api/v1/cms/spaces/a%20b%1b?passcode=98765")
            portal.end(signal.SIGINT)
    assert "98765" not in portal.output
    assert portal.output.count("method=PUT path=/api/v1/cms/spaces/a%20b%1B status=400") == 1


def test_the_lab_needs_no_settings_and_takes_none_of_real_servers() -> None:
    cucm = {"CUCM_USERNAME": "real", "CUCM_PASSWORD": "real"}
    settings = {"CMS_HOSTNAME": "192.0.2.1", "PORTAL_DIRECTORY": "ldap", **cucm}
    with running(*LAB, environment=settings) as lab:
        assert curl(f"{lab.portal}/api/v1/cms/version") == '"3.9.2"'


def test_the_lab_takes_the_switches_of_the_pod() -> None:
    with running(*LAB, "--software-version", "3.10") as lab:
        assert curl(f"{lab.portal}/api/v1/cms/version") == '"3.10"'


def test_the_green_button_of_vs_code_runs_the_lab_and_others_the_exercise_and_the_portal(
    tmp_path: Path,
) -> None:
    launch = json.loads((PROJECT / ".vscode" / "launch.json").read_text(encoding="utf-8"))
    lab_entry, exercise_entry, portal_entry = launch["configurations"]
    for entry in launch["configurations"]:
        assert (entry["type"], entry["request"]) == ("debugpy", "launch")
        assert entry["cwd"] == "${workspaceFolder}"
    with running(lab_entry["module"], *LAB[1:]) as lab:
        check_block(console_blocks()[0], lab.portal)
    with running(exercise_entry["module"], *LAB[1:], str(tmp_path / "cms.py")) as exercise:
        exercise.wait_for("step 1: myCMS is a CMS: not yet")
    # A breakpoint of the reader's would hold up the checks, which are in a process of their own.
    assert exercise_entry["subProcess"] is False
    run = (portal_entry["module"], *portal_entry["args"], "--port", "0")
    with running("flaskr.pod", *FREE_PORTS) as pod:
        with running(*run, environment=printed_settings(pod)) as portal:
            check_block(console_blocks()[0], portal.portal)
