"""The help desk's page as a resource: what is served, to whom, and how heavy it is."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.facts import SETTINGS_OF_TESTS

from flaskr import create_app
from flaskr.helpdesk import CONTENT_SECURITY_POLICY

STATIC = Path(__file__).parents[2] / "flaskr" / "helpdesk" / "static"
MOST_BYTES = 77 * 1024
MOST_BYTES_COMPRESSED = 28 * 1024
# Ways in which data of others could become markup or code.
UNSAFE = re.compile(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function")
INLINE = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)")


def files() -> list[str]:
    return sorted(path.name for path in STATIC.iterdir())


def test_the_page_is_at_the_root_and_may_load_only_what_is_its_own(client: FlaskClient) -> None:
    answer = client.get("/", buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert INLINE.findall(answer.text) == []
    assert re.findall(r"//\S+", answer.text.replace("http://www.w3.org/2000/svg", "")) == []


def test_the_page_names_each_of_its_files(client: FlaskClient) -> None:
    page = client.get("/", buffered=True).text
    named = set(re.findall(r'(?:href|src)="helpdesk/([^"]+)"', page))
    assert named | {"index.html"} == set(files())


@pytest.mark.parametrize("name", files())
def test_a_file_is_kept_by_the_browser_and_asked_about_each_time(
    client: FlaskClient, name: str
) -> None:
    first = client.get(f"/helpdesk/{name}", buffered=True)
    assert (first.status_code, first.headers["Cache-Control"]) == (200, "no-cache")
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(f"/helpdesk/{name}", headers=known, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_what_others_wrote_can_become_no_markup() -> None:
    for path in STATIC.glob("*.js"):
        assert UNSAFE.findall(path.read_text(encoding="utf-8")) == [], path


def test_all_of_it_is_small() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) <= MOST_BYTES


def test_little_of_it_goes_over_the_line(client: FlaskClient) -> None:
    paths = ["/", *(f"/helpdesk/{name}" for name in files() if name != "index.html")]
    headers = {"Accept-Encoding": "gzip"}
    sent = [client.get(path, headers=headers, buffered=True).data for path in paths]
    assert sum(map(len, sent)) <= MOST_BYTES_COMPRESSED


def test_it_says_whose_page_it_is_and_what_is_special_here(tmp_path: Path) -> None:
    app = create_app(SETTINGS_OF_TESTS, project=tmp_path, notice="**A lab.**")
    answer = app.test_client().get("/helpdesk.json")
    assert answer.get_json() == {"title": "LTRCOL-2574 Portal", "notice": "**A lab.**"}


@pytest.mark.parametrize("path", ["/", "/helpdesk.json", "/helpdesk/page.js", "/helpdesk/page.css"])
def test_the_page_itself_needs_no_key(tmp_path: Path, path: str) -> None:
    app = create_app({**SETTINGS_OF_TESTS, "PORTAL_API_KEY": "s3cret"}, project=tmp_path)
    assert app.test_client().get(path, buffered=True).status_code == 200


def test_the_swagger_page_is_one_click_away_and_for_engineers(client: FlaskClient) -> None:
    page = client.get("/", buffered=True).text
    assert re.search(r'<a href="api/v1/">[^<]*for engineers</a>', page)
