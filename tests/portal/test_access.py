"""Who may ask for what: the API key, the hosts that are the portal's, and pages of other sites."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.facts import SETTINGS_OF_TESTS
from support.keys import make_keys, revoke

from flaskr import create_app
from flaskr.access.keys import OPEN_ENDPOINTS, WrongKeys, admission
from flaskr.access.roles import KeyRole
from flaskr.front.reply import BODY_LEFT_OUT, DELAY

KEY = "let me in"
VERSION = "/api/v1/cms/version"
SPACE = "/api/v1/cms/spaces/pod6user1"


def app_with(project: Path, **settings: str) -> Flask:
    return create_app({**SETTINGS_OF_TESTS, **settings}, project=project)


def addresses(app: Flask) -> dict[str, str]:
    """Return an address of every route under /api/v1, by its endpoint."""
    return {
        rule.endpoint: re.sub(r"<[^>]+>", "x", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }


def test_every_route_wants_the_key_but_the_page_and_its_files(tmp_path: Path) -> None:
    app = app_with(tmp_path, PORTAL_API_KEY=KEY)
    routes = addresses(app)
    answers = {name: app.test_client().get(path).status_code for name, path in routes.items()}
    opened = {name for name, status in answers.items() if status != 401}
    assert opened == set(routes) & OPEN_ENDPOINTS
    assert {name for name, status in answers.items() if status == 401} >= {
        "api.cms_cms_version_api", "api.cms_cms_spaces_api",
    }
    assert OPEN_ENDPOINTS <= set(routes)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", [VERSION, SPACE, "/api/v1/nothing/here", "/api/v1/cms/spaces/"])
def test_what_is_closed_is_closed_for_every_method_and_where_there_is_nothing(
    tmp_path: Path, path: str, method: str
) -> None:
    client = app_with(tmp_path, PORTAL_API_KEY=KEY).test_client()
    assert client.open(path, method=method).status_code == 401


# Who may send a large body.


@pytest.mark.parametrize("key", [KEY, "wrong", ""])
def test_a_request_whose_body_was_left_out_is_refused_whatever_is_right_by_now(
    tmp_path: Path, key: str
) -> None:
    client = app_with(tmp_path, PORTAL_API_KEY=KEY).test_client()
    answer = client.post(
        "/api/v1/cms/plan", headers={"X-API-Key": key}, environ_overrides={BODY_LEFT_OUT: True}
    )
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "wrong_api_key")


def test_large_bodies_are_taken_of_those_who_have_a_key_that_holds(tmp_path: Path) -> None:
    admits = admission(app_with(tmp_path))
    nobody: list[tuple[str, str]] = [("host", "127.0.0.1")]
    assert admits(nobody)
    key = make_keys(tmp_path, {"desk": KeyRole.READER})["desk"]
    assert admits([*nobody, ("x-api-key", key)])
    assert not admits(nobody)
    assert not admits([*nobody, ("x-api-key", f"{key}x")])
    revoke(tmp_path, "desk")
    assert not admits([*nobody, ("x-api-key", key)])


# Which hosts are the portal's.


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:5000", "127.0.0.1:8000", "127.7.7.7", "[::1]:80", "localhost."],
)
def test_loopback_names_are_always_its_own(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example", "[::2]",
        "[::1", "evil.example:80:80",
    ],
)
@pytest.mark.parametrize("path", ["/", "/healthz", VERSION, "/api/v1/swagger.json"])
def test_without_a_key_it_answers_to_no_other_host(
    client: FlaskClient, host: str, path: str
) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 403
    assert answer.get_json()["success"] is False


def test_the_address_that_it_listens_on_is_its_own(client: FlaskClient) -> None:
    reached = {"SERVER_NAME": "192.0.2.7"}
    answer = client.get("/healthz", headers={"Host": "192.0.2.7:8000"}, environ_overrides=reached)
    assert answer.status_code == 200


def test_with_a_key_the_key_is_enough(tmp_path: Path) -> None:
    client = app_with(tmp_path, PORTAL_API_KEY=KEY).test_client()
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 200


def test_it_answers_to_the_names_that_it_was_told(tmp_path: Path) -> None:
    client = app_with(tmp_path, PORTAL_HOSTS="Portal.example, 192.0.2.1").test_client()
    for host in ("portal.example", "PORTAL.example:443", "192.0.2.1", "localhost"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert client.get("/healthz", headers={"Host": "x.portal.example"}).status_code == 403


# Pages.


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Origin": "http://portal.example:8000", "Host": "portal.example:8000"},
        {"Origin": "https://portal.example", "Host": "portal.example"},
        {"Origin": "https://portal.example:443", "Host": "Portal.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind.a.proxy"},
    ],
)
def test_programs_and_its_own_page_are_let_in(tmp_path: Path, headers: dict[str, str]) -> None:
    client = app_with(tmp_path, PORTAL_HOSTS="portal.example").test_client()
    assert client.put(SPACE, headers=headers).status_code == 400  # there is nothing to change


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "localhost"},
    ],
)
@pytest.mark.parametrize("key", ["", KEY])
def test_another_sites_page_changes_nothing(
    tmp_path: Path, headers: dict[str, str], key: str
) -> None:
    client = app_with(tmp_path, PORTAL_API_KEY=key).test_client()
    for method in ("POST", "PUT", "DELETE"):
        answer = client.open(SPACE, method=method, headers={**headers, "X-API-Key": key})
        assert answer.status_code == 403
        assert "another site" in answer.get_json()["message"]


def test_another_sites_link_may_lead_to_the_page(client: FlaskClient) -> None:
    assert client.get("/api/v1/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


# Redirects.


def test_a_redirect_names_no_host(tmp_path: Path) -> None:
    client = app_with(tmp_path, PORTAL_API_KEY=KEY).test_client()
    answer = client.get("/api/v1", headers={"Host": "evil.example"})
    assert answer.headers["Location"] == "/api/v1/"


# Wrong keys, and whose they are.


def delays(app: Flask, keys: list[str], caller: str = "127.0.0.1") -> list[float]:
    """Return for how long the answers to these keys are to be held back."""
    asked = []
    inner = app.wsgi_app

    def noting(environ: Any, start_response: Any) -> Any:
        asked.append(environ)
        return inner(environ, start_response)

    app.wsgi_app = noting  # type: ignore[method-assign]
    for key in keys:
        app.test_client().get(
            VERSION, headers={"X-API-Key": key}, environ_overrides={"REMOTE_ADDR": caller}
        )
    app.wsgi_app = inner  # type: ignore[method-assign]
    return [environ.get(DELAY, 0) for environ in asked]


def test_wrong_keys_of_an_address_are_slowed_down_more_and_more(tmp_path: Path) -> None:
    app = app_with(tmp_path, PORTAL_API_KEY=KEY)
    assert delays(app, ["x"] * 12) == [0, 0, 0, 0.25, 0.5, 1, 2, 4, 8, 8, 8, 8]
    assert delays(app, ["x", KEY], "192.0.2.9") == [0, 0]
    assert delays(app, [KEY, ""]) == [0.5, 0]


def test_wrong_keys_are_forgotten_and_no_more_addresses_kept_than_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong_keys = WrongKeys()
    monkeypatch.setattr(WrongKeys, "MOST_ADDRESSES", 2)
    for _ in range(5):
        wrong_keys.count("a")
    wrong_keys.count("b")
    assert wrong_keys.count("a") == 1
    wrong_keys.count("c")
    assert len(wrong_keys._counts) == 2
    monkeypatch.setattr(WrongKeys, "FORGET_SECONDS", 0)
    assert wrong_keys.count("a") == 0


@pytest.mark.parametrize(
    ("proxies", "callers"), [("0", ["127.0.0.1"]), ("1", ["192.0.2.3"]), ("2", ["192.0.2.2"])]
)
def test_the_callers_address_is_taken_from_as_many_proxies_as_there_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, proxies: str, callers: list[str]
) -> None:
    client = app_with(tmp_path, PORTAL_PROXIES=proxies).test_client()
    forwarded = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2, 192.0.2.3"}
    with caplog.at_level("INFO"):
        client.get("/healthz", headers=forwarded)
    assert re.findall(r"caller=(\S+)", caplog.text) == callers
