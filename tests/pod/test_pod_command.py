"""`python -m flaskr.pod`."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from support.processes import FREE_PORTS

from flaskr.pod import __main__ as command
from flaskr.pod import Pod
from flaskr.pod.control.help_texts import welcome
from flaskr.pod.control.options import PORTS, option
from flaskr.pod.servers import table

ROOT = Path(__file__).parents[2]
# Run a pod without servers again and again, with a signal that comes a little later each time.
SIGNALS_AT_ALL_TIMES = """
import contextlib, signal
from types import SimpleNamespace as Fake
from flaskr.pod import __main__ as command

@contextlib.contextmanager
def pod(**options):
    signal.setitimer(signal.ITIMER_REAL, 0.00001 + number / 10_000_000)
    yield

command.BREATH_SECONDS = 0
command.ENDING = (signal.SIGALRM,)
command.Pod = pod
command.pod_options = lambda options: {}
command.welcome = lambda pod: ""
command._parser = lambda: Fake(parse_args=lambda arguments: Fake(quiet=True))
for number in range(1000):
    command.main([])
"""
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start the command with these options; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "flaskr.pod", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def told(process: subprocess.Popen[str]) -> list[str]:
    """The lines that it says at the start."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or not lines[-1].endswith("/faults\n"):
        line = process.stdout.readline()
        assert line, "it ended early"
        lines.append(line)
    return lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_to_paste_and_ends_quietly(run: Run, number: signal.Signals) -> None:
    process = run(*FREE_PORTS)
    lines = told(process)
    begin = lines.index(next(each for each in lines if each.startswith("CMS_")))
    end = lines.index("\n", begin)
    settings = dict(line.strip().split("=", 1) for line in lines[begin:end])
    assert set(settings) == {
        "CMS_HOSTNAME", "CMS_PORT", "CMS_USERNAME", "CMS_PASSWORD", "CMS_TLS_VERIFY",
        "CUCM_HOSTNAME", "CUCM_PORT", "CUCM_TLS_VERIFY",
        "CUC_HOSTNAME", "CUC_PORT", "CUC_USERNAME", "CUC_PASSWORD", "CUC_TLS_VERIFY",
        "WEBEX_URL", "WEBEX_TOKEN", "WEBEX_ROOM_ID", "WEBEX_TLS_VERIFY",
        "SMTP_HOSTNAME", "SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_TLS",
        "SMTP_TLS_VERIFY", "SMTP_FROM",
    }
    assert Path(settings["CMS_TLS_VERIFY"]).exists()
    process.send_signal(number)
    rest, errors = process.communicate(timeout=5)
    assert (process.returncode, rest.strip(), errors) == (0, "", "")
    assert not Path(settings["CMS_TLS_VERIFY"]).exists()


def test_a_signal_ends_it_whenever_it_comes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGNALS_AT_ALL_TIMES],
        cwd=ROOT, timeout=30, check=False, capture_output=True,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, b"", b"")


def test_the_curl_lines_that_it_prints_work(run: Run) -> None:
    process = run(*FREE_PORTS, "--uds-authentication", "--password", "it's a 'test'")
    commands = [shlex.split(line) for line in told(process) if line.startswith("  curl ")]
    assert len(commands) == 14
    for line in commands:
        done = subprocess.run([*line, "-sSf"], capture_output=True, timeout=10, check=False)
        assert done.returncode == 0, (line, done.stderr)
    process.terminate()
    _, log = process.communicate(timeout=5)
    assert "cms POST /api/v1/coSpaces 200" in log
    assert "test" not in log


def test_a_port_in_use_is_said_in_one_line_with_what_to_do(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = run(*FREE_PORTS, "--cms-port", str(port))
        output, errors = process.communicate(timeout=10)
    assert (process.returncode, output) == (2, "")
    assert errors == (
        f"Port {port} on 127.0.0.1 (for cms) is in use by another program. "
        "Choose another with --cms-port.\n"
    )


def test_only_loopback_hosts_are_taken(run: Run) -> None:
    process = run("--host", "0.0.0.0")
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 2
    assert errors.count("\n") == 1
    assert "loopback" in errors


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Pod]:
    """The pod that the command would run with these options."""
    found: list[Pod] = []

    def keep(pod: Pod, asked: Sequence[int]) -> int:
        found.append(pod)
        return 0

    monkeypatch.setattr(command, "_run", keep)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    monkeypatch.setattr("logging.basicConfig", lambda **options: None)

    def make(*options: str) -> Pod:
        assert command.main(list(options)) == 0
        return found[-1]

    return make


def test_every_switch_is_an_option(made: Callable[..., Pod]) -> None:
    for name, entry in table().items():
        assert getattr(made(option(name), str(entry.default)).switches, name) == entry.default
    pod = made("--page-cap", "3", "--uds-authentication", "--filter-finds-call-id", "false")
    assert (pod.switches.page_cap, pod.switches.uds_authentication) == (3, True)
    assert pod.switches.filter_finds_call_id is False


def test_faults_credentials_and_seed_are_options(made: Callable[..., Pod]) -> None:
    pod = made("--fault", "busy=2 times=3", "--fault", "cut", "--username", "bob",
               "--password", "0123", "--uds-username", "u", "--uds-password", "p", "--seed", "7",
               "--cuc-username", "c", "--cuc-password", "q")
    assert [fault.fault for fault in pod.faults.active()] == ["busy", "cut"]
    assert (pod.username, pod.password, pod.uds_username, pod.uds_password) == (
        "bob", "0123", "u", "p"
    )
    assert list(pod.services["cuc"].credentials) == ["c", "q"]


def test_a_company_is_an_option(made: Callable[..., Pod]) -> None:
    usual = made().services["uds"].company
    options = ("--company", "40", "--seed", "7", "--with-spaces", "0.5")
    company = made(*options).services["cms"].company
    assert len(company.employees) - len(usual.employees) == 40
    assert len(company.spaces) == 20
    assert company == made(*options).services["uds"].company
    assert len(made("--company", "40").services["cms"].company.spaces) > 0.9 * 40


def test_a_share_of_no_company_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("signal.signal", lambda number, act: None)
    monkeypatch.setattr("logging.basicConfig", lambda **options: None)
    assert command.main(["--with-spaces", "0.5"]) == 2
    assert capsys.readouterr().err == "--with-spaces is a share of a company: say --company too.\n"


@pytest.mark.parametrize(("options", "said"), [
    (["--company", "0"], "argument --company: must be a whole number from 1 to 100000"),
    (["--company", "9", "--with-spaces", "95"], "argument --with-spaces: must be a number from 0"),
    (["--page-cap", "0"], "argument --page-cap: must be a whole number from 1 to 10000"),
    (["--fault", "fire"], "argument --fault: There is no fault 'fire'"),
    (["--colour"], "unrecognized arguments: --colour"),
])
def test_a_bad_option_is_refused_with_the_reason(
    made: Callable[..., Pod], capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        made(*options)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_help_has_every_option_and_every_fault(
    made: Callable[..., Pod], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        made("--help")
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert "entity_bomb" in text
    assert all(option(name) in text for name in table())


def test_running_says_welcome_until_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    handlers: list[Callable[..., None]] = []
    monkeypatch.setattr("signal.signal", lambda number, act: handlers.append(act))
    breaths: list[float] = []

    def breathe(seconds: float) -> None:
        breaths.append(seconds)
        if len(breaths) == 3:
            handlers[0](signal.SIGINT, None)

    monkeypatch.setattr("time.sleep", breathe)
    monkeypatch.setattr(command, "Pod", _RestingPod)
    assert command.main([*FREE_PORTS, "--quiet"]) == 0
    assert (len(handlers), len(breaths)) == (2, 3)
    assert "until Ctrl-C" in capsys.readouterr().out


class _RestingPod(Pod):
    """A pod that doesn't really start."""

    cms_port = uds_port = control_port = 1

    def start(self) -> None:
        self.ca_file = "/nowhere"


def test_the_welcome_says_when_the_uds_is_open(pod: Pod) -> None:
    assert "(open to all)" in welcome(pod)
    pod.switches.uds_authentication = True
    assert pod.uds_password in welcome(pod)


@pytest.mark.parametrize("server", PORTS)
def test_in_process_too_a_port_in_use_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], server: str
) -> None:
    monkeypatch.setattr("signal.signal", lambda number, act: None)
    monkeypatch.setattr("logging.basicConfig", lambda **options: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert command.main([*FREE_PORTS, f"--{server}-port", port]) == 2
    assert f"--{server}-port" in capsys.readouterr().err
    assert command.main(["--host", "0.0.0.0"]) == 2
