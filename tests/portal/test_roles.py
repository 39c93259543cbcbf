"""What each role may do: all routes, all roles, also dry and forced, and who has no key at all."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.documented import DocumentedClient
from support.keys import make_keys, revoke
from support.pods import senders_of

from flaskr import create_app
from flaskr.access.keys import OPEN_ENDPOINTS
from flaskr.access.roles import KeyRole, taken_by
from flaskr.pod import Pod

READER, HELPDESK, ADMIN = KeyRole
SPACE = "/cms/spaces/{userid}"
MEMBER = f"{SPACE}/members/{{jid}}"
MAILBOX = "/cuc/users/{userid}"
# What each operation takes: written down here once more, so that nobody opens one by mistake.
TAKES = {
    ("GET", "/cms/version"): READER,
    ("GET", SPACE): READER,
    ("POST", SPACE): HELPDESK,
    ("PUT", SPACE): HELPDESK,
    ("DELETE", SPACE): ADMIN,
    ("GET", "/cms/template/{userid}"): READER,
    ("GET", "/cms/spaces"): READER,
    ("POST", "/cms/plan"): READER,
    ("POST", "/cms/apply"): ADMIN,
    ("GET", f"{SPACE}/members"): READER,
    ("PUT", MEMBER): HELPDESK,
    ("DELETE", MEMBER): HELPDESK,
    ("POST", f"{SPACE}/passcode"): HELPDESK,
    ("GET", f"{SPACE}/invitation"): READER,
    ("POST", f"{SPACE}/invitation"): HELPDESK,
    ("POST", f"{SPACE}/repair"): HELPDESK,
    ("GET", "/directory/users"): READER,
    ("GET", "/directory/users/{userid}"): READER,
    ("GET", "/cuc/version"): READER,
    ("GET", "/cuc/ldap_users"): READER,
    ("GET", MAILBOX): READER,
    ("POST", MAILBOX): HELPDESK,
    ("PUT", MAILBOX): HELPDESK,
    ("DELETE", MAILBOX): ADMIN,
    ("GET", "/me"): READER,
}
RUN_DRY = {operation for operation in TAKES if operation[0] != "GET"} - {("POST", "/cms/plan")}
FORCED = RUN_DRY - {("POST", "/cms/apply"), ("POST", f"{SPACE}/repair"), ("POST", MAILBOX)}
JID = "pod6user2@pod6.example"


class Asked(NamedTuple):
    """A request: its operation, and the options that it has."""

    operation: tuple[str, str]
    options: dict[str, str]

    @property
    def takes(self) -> KeyRole:
        if "dry_run" in self.options:
            return READER
        return ADMIN if "force" in self.options else TAKES[self.operation]

    def send(self, portal: FlaskClient, key: str) -> Any:
        method, path = self.operation
        address = f"/api/v1{path}".format(userid="pod6user1", jid=JID)
        return portal.open(
            address, method=method, query_string=self.options,
            headers={"X-API-Key": key} if key else {},
            json=[] if path == "/cms/apply" else None,
        )


def requests() -> Iterator[Asked]:
    for operation in TAKES:
        yield Asked(operation, {})
        if operation in RUN_DRY:
            yield Asked(operation, {"dry_run": "true"})
        if operation in FORCED:
            yield Asked(operation, {"force": "true"})
            yield Asked(operation, {"force": "true", "dry_run": "true"})


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, str]:
    made = make_keys(
        tmp_path, {"watcher": READER, "desk": HELPDESK, "chief": ADMIN, "gone": ADMIN}
    )
    return {**made, "nobody": "", "guesser": "portal_x"}


@pytest.fixture
def guarded(pod: Pod, tmp_path: Path, keys: dict[str, str]) -> FlaskClient:
    app = create_app({**pod.settings, **senders_of(pod)}, project=tmp_path)
    app.test_client_class = DocumentedClient
    return app.test_client()


def objects_of(pod: Pod) -> list[dict[str, Any]]:
    """Return all Spaces and mailboxes."""
    spaces = [dict(space.values) for space in pod.spaces.listed()]
    return [*spaces, *pod.services["cuc"].tables()["mailboxes"]()]


def operations(app: Flask) -> dict[tuple[str, str], Any]:
    """Return the operations under /api/v1, each with its documentation, if it has some."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint not in OPEN_ENDPOINTS:
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1"))
            view = getattr(app.view_functions[rule.endpoint], "view_class", None)
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                function = getattr(view, method.lower(), None)
                found[method, path] = getattr(function, "__apidoc__", {})
    return found


def test_every_route_has_its_role_here(app: Flask) -> None:
    taken = {each: taken_by(documentation) for each, documentation in operations(app).items()}
    assert {each: roles.usual for each, roles in taken.items()} == TAKES
    assert {each for each, roles in taken.items() if roles.dry is not roles.usual} == RUN_DRY
    forced = {each for each, roles in taken.items() if roles.forced is not roles.usual}
    # Which take an admin's anyway.
    assert forced == FORCED - {("DELETE", SPACE), ("DELETE", MAILBOX)}


def test_an_operation_that_says_nothing_takes_an_admin() -> None:
    assert set(taken_by({})) == {ADMIN}


@pytest.mark.parametrize("name", ["nobody", "guesser", "gone"])
def test_without_a_key_that_holds_everything_is_closed(
    pod: Pod, guarded: FlaskClient, keys: dict[str, str], tmp_path: Path, name: str
) -> None:
    revoke(tmp_path, "gone")
    before = objects_of(pod)
    for asked in requests():
        answer = asked.send(guarded, keys[name])
        assert answer.status_code == 401, asked
        assert answer.get_json()["error"]["code"] == "wrong_api_key"
        assert objects_of(pod) == before


@pytest.mark.parametrize(
    ("name", "role"), [("watcher", READER), ("desk", HELPDESK), ("chief", ADMIN)]
)
def test_a_key_may_do_what_its_role_may(
    pod: Pod, guarded: FlaskClient, keys: dict[str, str], name: str, role: KeyRole
) -> None:
    for asked in requests():
        pod.reset()
        if asked.operation != ("POST", SPACE):
            Asked(("POST", SPACE), {}).send(guarded, keys["chief"])
        before = objects_of(pod)
        answer = asked.send(guarded, keys[name])
        if role.may(asked.takes):
            assert answer.status_code not in (401, 403), asked
            continue
        body = answer.get_json()
        assert (answer.status_code, body["error"]["code"]) == (403, "role_not_allowed"), asked
        assert f"the role {asked.takes.value};" in body["message"]
        assert f'the key "{name}" has the role {role.value}.' in body["message"]
        assert objects_of(pod) == before


@pytest.mark.parametrize("form", ["data", "json", "query_string"])
@pytest.mark.parametrize("role", [READER, HELPDESK])
def test_options_count_wherever_they_stand(
    guarded: FlaskClient, keys: dict[str, str], role: KeyRole, form: str
) -> None:
    headers = {"X-API-Key": keys["watcher" if role is READER else "desk"]}
    option, wanted = ("dry_run", 200) if role is READER else ("force", 403)
    sent: dict[str, Any] = {form: {option: "true"}}
    answer = guarded.post("/api/v1/cms/spaces/pod6user1", headers=headers, **sent)
    assert answer.status_code == wanted
    off: dict[str, Any] = {form: {option: "false"}}
    answer = guarded.post("/api/v1/cms/spaces/pod6user1", headers=headers, **off)
    assert answer.status_code == (403 if role is READER else 200)


def test_a_key_is_told_what_does_not_exist(guarded: FlaskClient, keys: dict[str, str]) -> None:
    headers = {"X-API-Key": keys["watcher"]}
    assert guarded.get("/api/v1/nothing", headers=headers).status_code == 404
    assert guarded.patch("/api/v1/cms/version", headers=headers).status_code == 405
    assert guarded.head("/api/v1/cms/version", headers=headers).status_code == 200
    assert guarded.options("/api/v1/cms/apply", headers=headers).status_code == 200


def test_a_caller_is_told_whose_key_it_is(
    guarded: FlaskClient, keys: dict[str, str]
) -> None:
    told = guarded.get("/api/v1/me", headers={"X-API-Key": keys["desk"]}).get_json()
    assert told["response"] == {"name": "desk", "role": "helpdesk"}


def test_without_keys_everyone_is_an_admin(portal: FlaskClient) -> None:
    assert portal.get("/api/v1/me").get_json()["response"] == {"name": "-", "role": "admin"}


def test_the_page_says_which_role_each_operation_takes(guarded: FlaskClient) -> None:
    specification = guarded.get("/api/v1/swagger.json").get_json()
    shown = {
        (method.upper(), path): operation["x-role"]
        for path, methods in specification["paths"].items()
        for method, operation in methods.items()
    }
    assert shown == {operation: role.value for operation, role in TAKES.items()}
    text = specification["paths"][SPACE]["put"]["description"]
    assert text.endswith("it takes the role *helpdesk*, with `dry_run=true` reader, with "
                         "`force=true` admin.")
