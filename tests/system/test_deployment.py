"""The README's ways to run a portal for others: a unit, its user, a container, another release."""

from __future__ import annotations

import getpass
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from configparser import ConfigParser, SectionProxy
from contextlib import closing, contextmanager
from pathlib import Path
from pwd import getpwnam

import pytest
from support.containerfiles import Containerfile
from support.processes import PROJECT, Running, bare_environment, program
from support.readme import README, block, section

from flaskr.access.key_file import FILE_NAME, read_keys
from flaskr.pod import Pod
from flaskr.serve import PORT, STOP_SECONDS

PATIENCE_SECONDS = 20
HOME = "/opt/portal"
SPACE = "/api/v1/cms/spaces/pod6user1"
ON_LINUX = section("### On Linux, with systemd and nginx")
IN_A_CONTAINER = section("### In a container")
UPGRADE = section("### Upgrade and roll back")
FOR_LOOPBACK = ("--host", "127.0.0.1", "--port", "0")


@contextmanager
def serving_in(folder: Path, *arguments: str, **settings: str) -> Iterator[tuple[Running, int]]:
    """Serve a portal out of a folder; yield its process and its port."""
    process = Running(*arguments, *FOR_LOOPBACK, environment=settings, project=folder)
    try:
        process.wait_for("The portal listens on port")
        yield process, int(re.findall(r"listens on port (\d+)", process.output)[0])
    finally:
        process.close()


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=bare_environment({}),
        capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
    )


def run_script(script: str, folder: Path) -> str:
    """Return what a script of the shell says, which must succeed."""
    ended = run(["bash", "-euo", "pipefail", "-c", script], folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def replaced(text: str, places: dict[str, str]) -> str:
    """Return what is printed with the places that there are here."""
    for printed, here in places.items():
        assert printed in text
        text = text.replace(printed, here)
    return text


def status(port: int, method: str, path: str, key: str = "") -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, PATIENCE_SECONDS)) as connection:
        connection.request(method, path, headers={"X-API-Key": key})
        return connection.getresponse().status


# The user, and the unit.


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder such as /opt/portal, which every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copytree(
            PROJECT / "flaskr", folder / "flaskr", ignore=shutil.ignore_patterns("__pycache__")
        )
        (folder / ".venv").symlink_to(sys.prefix)
        yield folder


def service() -> SectionProxy:
    """Return what the unit says of the service."""
    unit = ConfigParser(interpolation=None)
    unit.read_string(block("ini"))
    return unit["Service"]


def another_user() -> str:
    """Return a user that is not the one who makes the keys, where there may be one."""
    return "nobody" if os.geteuid() == 0 else getpass.getuser()


def test_systemd_takes_the_unit_as_it_stands_in_the_readme(tmp_path: Path) -> None:
    command = f"{HOME}/.venv/bin/python"
    assert f"ExecStart={command} -m flaskr.serve --port %i" in block("ini")
    file = tmp_path / "portal@.service"
    file.write_text(block("ini").replace(command, sys.executable), "utf-8")
    verified = run([program("systemd-analyze"), "verify", "--man=no", f"{file}"], tmp_path)
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_the_unit_has_the_folder_the_time_and_the_logs_that_the_readme_speaks_of() -> None:
    assert service()["WorkingDirectory"] == HOME
    assert int(service()["TimeoutStopSec"]) > STOP_SECONDS
    assert f"PORTAL_AUDIT_FILE=/var/log/{service()['LogsDirectory']}/audit.jsonl" in ON_LINUX


def test_the_first_key_is_made_as_printed_and_the_units_user_can_read_it(
    home: Path, pod: Pod
) -> None:
    user, here = service()["User"], another_user()
    file = home / "portal.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in pod.settings.items()))
    steps = replaced(
        block("sh", ON_LINUX),
        {
            f"useradd --system {user}\n": "",
            f"-o {user} ": f"-o {here} ",
            service()["EnvironmentFile"]: f"{file}",
            HOME: f"{home}",
        },
    )
    key = run_script(steps, home).strip()
    keys = home / "instance" / FILE_NAME
    assert [each.name for each in read_keys(keys)] == ["helpdesk-page"]
    assert {path.stat().st_uid for path in (keys, keys.parent)} == {getpwnam(here).pw_uid}
    with serving_in(home, "flaskr.serve", **pod.settings) as (_, port):
        assert [status(port, "GET", "/api/v1/me", each) for each in (key, "x")] == [200, 401]


# The container.


@pytest.fixture
def containerfile() -> Containerfile:
    return Containerfile.parse(block("dockerfile"))


@pytest.fixture
def image(containerfile: Containerfile, tmp_path: Path) -> Path:
    """The folder that the image has: what is copied there, and the one that is a volume."""
    for copied in containerfile.all("COPY"):
        *sources, target = copied.split()
        for source in sources:
            copy(PROJECT / source, tmp_path / target / (source if target == "./" else ""))
    home = containerfile.only("WORKDIR")
    volume = containerfile.only("VOLUME")
    assert volume.startswith(f"{home}/")
    (tmp_path / volume.removeprefix(f"{home}/")).mkdir()
    return tmp_path


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def version(pattern: str, text: str) -> tuple[int, ...]:
    """Return the one version that a text has where the pattern says."""
    (found,) = re.findall(pattern, text)
    return tuple(map(int, found.split(".")))


def test_the_image_has_a_python_that_the_packages_are_pinned_for(
    containerfile: Containerfile,
) -> None:
    pins = (PROJECT / ".constraints.txt").read_text("utf-8")
    configuration = (PROJECT / "setup.cfg").read_text("utf-8")
    oldest = version(r"for Python ([\d.]+) to", pins)
    assert oldest == version(r"with Python ([\d.]+) or newer", README)
    assert oldest == version(r"python_version = ([\d.]+)", configuration)
    base = version(r"python:([\d.]+)-slim", containerfile.only("FROM"))
    assert oldest <= base <= version(r" to (3\.\d+)", pins)


def test_packages_are_installed_of_files_that_are_there_by_then(
    containerfile: Containerfile,
) -> None:
    names = [name for name, _ in containerfile.instructions]
    assert names[:4] == ["FROM", "WORKDIR", "COPY", "RUN"]
    copied, install = containerfile.all("COPY")[0], containerfile.all("RUN")[0]
    assert install == "pip install --no-cache-dir -c .constraints.txt -r requirements.txt"
    assert copied.split() == ["requirements.txt", ".constraints.txt", "./"]


def test_the_container_runs_as_a_user_of_its_own_who_owns_what_is_kept(
    containerfile: Containerfile,
) -> None:
    number = containerfile.only("USER")
    assert int(number) > 0
    volume = Path(containerfile.only("VOLUME"))
    assert containerfile.all("RUN")[1] == (
        f"useradd --system --uid {number} portal && install -d -o portal -m 750 {volume.name}"
    )
    assert containerfile.place("RUN") < containerfile.place("USER") < containerfile.place("VOLUME")
    assert f" -v portal:{volume} " in block("sh", IN_A_CONTAINER)
    assert volume.name == "instance"


def test_the_container_listens_where_it_says_and_has_time_to_stop(
    containerfile: Containerfile,
) -> None:
    assert containerfile.only("EXPOSE") == f"{PORT}"
    assert containerfile.command("CMD")[-2:] == ["--host", "0.0.0.0"]
    started = block("sh", IN_A_CONTAINER)
    assert f" -p 127.0.0.1:{PORT}:{PORT} " in started
    assert int(re.findall(r"--stop-timeout (\d+) ", started)[0]) > STOP_SECONDS


def test_the_image_serves_with_what_was_copied_and_is_healthy_as_long_as_it_does(
    containerfile: Containerfile, image: Path, pod: Pod
) -> None:
    audit = re.findall(r"`PORTAL_AUDIT_FILE=(\S+)`", IN_A_CONTAINER)[0]
    python, option, *arguments = containerfile.command("CMD")
    assert (python, option) == ("python", "-m")
    (add_key,) = re.findall(r"podman exec portal flask (.+)", block("sh", IN_A_CONTAINER))
    settings = {**pod.settings, "PORTAL_AUDIT_FILE": audit}
    (image / ".env").write_text("".join(f"{name}={each}\n" for name, each in settings.items()))
    key = run([sys.executable, "-m", "flask", *add_key.split()], image).stdout.strip()
    with serving_in(image, *arguments) as (process, port):
        assert status(port, "POST", SPACE, key) == 200
        check = [
            each.replace(f"{PORT}", f"{port}") for each in containerfile.command("HEALTHCHECK")
        ]
        assert check[0] == "python"
        assert run([sys.executable, *check[1:]], image).returncode == 0
        assert process.end(signal.SIGTERM)[0] == 0
        assert run([sys.executable, *check[1:]], image).returncode != 0
    assert sorted(path.name for path in (image / "instance").iterdir()) == [
        Path(audit).name, FILE_NAME
    ]


# Another release.


def test_the_portals_are_restarted_one_after_the_other_each_when_the_last_is_there(
    home: Path, pod: Pod
) -> None:
    restart = block("sh", UPGRADE).splitlines()[1]
    ports = re.findall(r"server 127\.0\.0\.1:(\d+);", block("nginx"))
    assert f"for port in {' '.join(ports)}; do systemctl restart portal@$port && " in restart
    assert " ".join(f"portal@{port}" for port in ports) in ON_LINUX
    with serving_in(home, "flaskr.serve", **pod.settings) as (_, port):
        places = {" ".join(ports): f"{port} {port}", "systemctl restart portal@$port": "true"}
        assert run_script(replaced(restart, places), home).count('"alive":true') == 2
