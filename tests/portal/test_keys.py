"""The file of API keys: what is in it, how it changes under a running portal, and its commands."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from support.facts import SETTINGS_OF_TESTS
from support.keys import make_keys, revoke

from flaskr import create_app
from flaskr.access.key_file import (
    HEADER_LINES, Key, KeysBusy, change_keys, digest_of, read_keys,
)
from flaskr.access.roles import KeyRole
from flaskr.config import SettingsError

NOTHING = "/api/v1/nothing"  # 404 for whoever gets in


def app_of(project: Path, **settings: str) -> Flask:
    return create_app({**SETTINGS_OF_TESTS, **settings}, project=project)


def keys_file(project: Path) -> Path:
    return project / "instance" / "keys"


def gets_in(client: FlaskClient, key: str) -> bool:
    status = client.get(NOTHING, headers={"X-API-Key": key}).status_code
    assert status in (401, 404)
    return status == 404


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["keys", *arguments])


def test_the_file_has_no_key_in_it_and_nobody_else_reads_it(tmp_path: Path) -> None:
    made = make_keys(tmp_path, {"desk": KeyRole.HELPDESK})
    file = keys_file(tmp_path)
    text = file.read_text()
    assert text.startswith(HEADER_LINES)
    assert made["desk"].startswith("portal_") and len(made["desk"]) > 40
    assert made["desk"] not in text
    assert f"desk helpdesk {digest_of(made['desk'])} " in text
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["keys"]


def test_several_keys_of_one_name_hold_at_once_and_so_does_that_of_the_settings(
    tmp_path: Path,
) -> None:
    old = make_keys(tmp_path, {"desk": KeyRole.HELPDESK})["desk"]
    new = make_keys(tmp_path, {"desk": KeyRole.HELPDESK})["desk"]
    client = app_of(tmp_path, PORTAL_API_KEY="s3cret").test_client()
    assert all(gets_in(client, key) for key in (old, new, "s3cret"))
    assert not any(gets_in(client, key) for key in ("", "x", digest_of(old), "desk"))


def test_a_running_portal_reads_it_again_when_it_changes(tmp_path: Path) -> None:
    client = app_of(tmp_path).test_client()
    assert gets_in(client, "")
    made = make_keys(tmp_path, {"desk": KeyRole.READER, "chief": KeyRole.ADMIN})
    assert not gets_in(client, "")
    assert gets_in(client, made["desk"])
    revoke(tmp_path, "desk")
    assert not gets_in(client, made["desk"])
    assert gets_in(client, made["chief"])


def test_a_file_without_a_key_closes_everything(tmp_path: Path) -> None:
    keys_file(tmp_path).parent.mkdir()
    keys_file(tmp_path).write_text("# none yet\n\n")
    client = app_of(tmp_path).test_client()
    assert not gets_in(client, "")
    assert not gets_in(client, "x")


def test_the_page_and_the_hosts_go_by_the_keys_as_they_are_now(tmp_path: Path) -> None:
    client = app_of(tmp_path).test_client()
    other_host = {"Host": "portal.example"}
    assert client.get("/healthz", headers=other_host).status_code == 403
    assert "127.0.0.1:4443" in client.get("/api/v1/swagger.json").text
    make_keys(tmp_path, {"desk": KeyRole.READER})
    assert client.get("/healthz", headers=other_host).status_code == 200
    specification = client.get("/api/v1/swagger.json")
    assert "127.0.0.1:4443" not in specification.text
    assert specification.get_json()["security"] == [{"apiKey": []}]


BAD = ["desk\n", "desk boss {} {}\n", "de:sk reader {} {}\n", "desk reader abc {}\n", "\xff"]


@pytest.mark.parametrize("line", BAD)
def test_a_file_that_will_not_do_stops_the_start_with_one_line(tmp_path: Path, line: str) -> None:
    keys_file(tmp_path).parent.mkdir()
    text = "# keys\n" + line.format("0" * 64, "2026-07-14T09:30:00Z")
    keys_file(tmp_path).write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError) as error:
        app_of(tmp_path)
    message = error.value.message
    assert message.startswith("instance/keys can't be read: ")
    assert "\n" not in message
    assert "line 2" in message or "UTF-8" in message


def test_a_file_that_is_a_folder_stops_the_start(tmp_path: Path) -> None:
    keys_file(tmp_path).mkdir(parents=True)
    with pytest.raises(SettingsError, match="instance/keys can't be read: Is a directory"):
        app_of(tmp_path)


@pytest.mark.parametrize("harm", ["spoilt", "gone", "a folder"])
def test_the_keys_of_before_stay_where_it_can_not_be_read_any_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    made = make_keys(tmp_path, {"desk": KeyRole.READER})
    client = app_of(tmp_path).test_client()
    file = keys_file(tmp_path)
    file.unlink()
    if harm == "spoilt":
        file.write_text("desk reader\n")
    elif harm == "a folder":
        file.mkdir()
    for _ in range(3):
        assert gets_in(client, made["desk"])
        assert not gets_in(client, "")
    assert caplog.text.count("The keys of before stay.") == 1


def test_a_file_that_can_not_be_read_from_the_beginning_closes_a_portal_that_was_open(
    tmp_path: Path,
) -> None:
    client = app_of(tmp_path).test_client()
    keys_file(tmp_path).parent.mkdir()
    keys_file(tmp_path).write_text("spoilt\n")
    assert not gets_in(client, "")


def test_a_change_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    made = make_keys(tmp_path, {"desk": KeyRole.READER})
    before = keys_file(tmp_path).read_text()

    def fail(there: list[Key]) -> list[Key]:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        change_keys(keys_file(tmp_path), fail)
    assert keys_file(tmp_path).read_text() == before
    assert [path.name for path in keys_file(tmp_path).parent.iterdir()] == ["keys"]
    assert made


def test_two_commands_do_not_write_it_at_once(tmp_path: Path) -> None:
    make_keys(tmp_path, {"desk": KeyRole.READER})

    def another_one(there: list[Key]) -> list[Key]:
        make_keys(tmp_path, {"other": KeyRole.ADMIN})
        return there

    with pytest.raises(KeysBusy):
        change_keys(keys_file(tmp_path), another_one)
    app = app_of(tmp_path)
    (tmp_path / "instance" / "keys.new").touch()
    ended = run(app, "add", "kim", "--role", "reader")
    assert ended.exit_code == 1
    assert ended.stderr.strip().endswith("If none is, remove instance/keys.new.")


def owner_of(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid


def test_a_file_that_root_makes_or_changes_belongs_to_the_portals_user(tmp_path: Path) -> None:
    folder = keys_file(tmp_path).parent
    folder.mkdir()
    own = (os.geteuid(), os.getegid())
    of_folder, of_file = ((12345, 12346), (12347, 12348)) if own[0] == 0 else (own, own)
    os.chown(folder, *of_folder)
    make_keys(tmp_path, {"desk": KeyRole.READER})
    assert owner_of(keys_file(tmp_path)) == of_folder
    os.chown(keys_file(tmp_path), *of_file)
    make_keys(tmp_path, {"lee": KeyRole.READER})
    assert owner_of(keys_file(tmp_path)) == of_file


# The commands.


def test_a_key_is_made_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    app = app_of(tmp_path, PORTAL_API_KEY="s3cret")
    added = run(app, "add", "desk", "--role", "helpdesk")
    key = added.stdout.strip()
    assert added.exit_code == 0
    assert gets_in(app.test_client(), key)
    listed = run(app, "list").stdout
    assert "desk                     helpdesk  20" in listed
    assert "PORTAL_API_KEY           admin" in listed
    assert key not in listed and digest_of(key) not in listed and "s3cret" not in listed
    revoked = run(app, "revoke", "desk")
    assert revoked.stdout.startswith("Revoked: desk, helpdesk, made 20")
    assert not gets_in(app.test_client(), key)


@pytest.mark.parametrize("name", ["", "a b", "a:b", "PORTAL_API_KEY", "x" * 65, "zoë"])
def test_a_name_that_will_not_do_is_refused(tmp_path: Path, name: str) -> None:
    ended = run(app_of(tmp_path), "add", name, "--role", "reader")
    assert ended.exit_code == 1
    assert not keys_file(tmp_path).exists()


def test_which_of_several_keys_is_to_be_revoked_has_to_be_said(tmp_path: Path) -> None:
    make_keys(tmp_path, {"desk": KeyRole.HELPDESK, "kim": KeyRole.READER})
    file = keys_file(tmp_path)
    older = file.read_text().replace("desk", "desk", 1)
    line = next(each for each in older.splitlines() if each.startswith("desk"))
    file.write_text(f"{older}{line.rpartition(' ')[0]} 2026-01-02T03:04:05Z\n")
    app = app_of(tmp_path)
    asked = run(app, "revoke", "desk")
    assert asked.exit_code == 1
    assert "say --made or --all" in asked.stderr
    assert len(read_keys(file)) == 3
    assert run(app, "revoke", "desk", "--made", "2026-01-02").exit_code == 0
    assert [key.name for key in read_keys(file)] == ["desk", "kim"]
    assert "no such key" in run(app, "revoke", "desk", "--made", "2020").stderr
    file.write_text(f"{older}{line.rpartition(' ')[0]} 2026-01-02T03:04:05Z\n")
    assert run(app, "revoke", "desk", "--all").exit_code == 0
    assert [key.name for key in read_keys(file)] == ["kim"]


def test_what_keeps_a_command_from_the_file_is_said_in_one_line(tmp_path: Path) -> None:
    app = app_of(tmp_path)
    (tmp_path / "instance").write_text("a file in the place of the folder")
    ended = run(app, "add", "kim", "--role", "reader")
    assert ended.exit_code == 1
    assert ended.stderr.strip().endswith("instance/keys can't be written: File exists.")
    (tmp_path / "instance").unlink()
    keys_file(tmp_path).parent.mkdir()
    keys_file(tmp_path).write_text("spoilt\n")
    assert "line 1 is not a name" in run(app, "add", "kim", "--role", "reader").stderr
