"""The exercise: what holds of the skeleton, of the solution, and of what people get wrong."""

import ast
from pathlib import Path
from typing import NamedTuple

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV2SpecValidator
from werkzeug.test import Client

from flaskr.api.v1 import NAMESPACES
from flaskr.exercise import examination as examination_module
from flaskr.exercise.__main__ import main
from flaskr.exercise.checks import CHECKS, reason_of
from flaskr.exercise.examination import ENDED, Abandoned, Examination, bench_of
from flaskr.exercise.files import put, put_anew, skeleton, solution
from flaskr.exercise.portal import LOADING, CurrentPortal
from flaskr.exercise.written import NotLoaded, load
from flaskr.pod import Pod

ALL = {str(check) for check in CHECKS}


@pytest.fixture(autouse=True)
def settings_of_pod(running_pod: Pod, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the pod's settings where the reader's file looks for them."""
    for name, value in running_pod.settings.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cms.py"


def reasons(pod: Pod, file: Path, text: str) -> dict[str, str]:
    """Return what does not hold of a file with a text, each with why."""
    file.write_text(text, encoding="utf-8")
    bench = bench_of(pod, file)
    found = {str(check): reason_of(check, bench) for check in CHECKS}
    return {sentence: reason for sentence, reason in found.items() if reason}


def test_nothing_of_the_skeleton_holds(running_pod: Pod, file: Path) -> None:
    assert set(reasons(running_pod, file, skeleton())) == ALL


def test_all_of_the_solution_holds(running_pod: Pod, file: Path) -> None:
    assert reasons(running_pod, file, solution()) == {}


class Mistake(NamedTuple):
    """A piece of the solution, what somebody writes there, and the checks that tell of it."""

    right: str
    wrong: str
    told: set[str]


WANTED = "c0ffee00-0000-4000-8000-000000000001"
VERSION = "step 1: GET /cms/version answers the version, and nothing else"
MATCH = "step 2: match_space_uri"
SEARCH = "step 2: get_coSpace_id"
BY_URI, BY_SECONDARY_URI = f"{MATCH} finds by uri", f"{MATCH} finds by secondaryUri"
ANY_CASE = f"{MATCH} takes capital letters for small ones"
WHOLE_URI = f"{MATCH} takes no part of a URI for the whole"
WITHOUT_URIS = f"{MATCH} passes over Spaces without URIs"
NOT_THE_NAME = f"{MATCH} does not go by the name"
FIRST_PAGE = f"{SEARCH} looks at all pages"
NO_SPACE = "says so where the user has no Space"
RETRIEVES = "step 3: GET retrieves the Space, with name and defaultLayout"
NEW_URI = "step 4: POST creates a Space with the user ID as its uri"
NEW_SECONDARY_URI = "step 4: POST takes the telephone number in CUCM as secondaryUri"
NEW_NAME = "step 4: POST makes the name of the display name in CUCM"
NEW_ID = "step 4: POST answers the ID of the new Space"
NO_USER = "step 4: POST creates no Space where CUCM has no such user"
CUCM_FAILS = "step 4: POST creates no Space where CUCM fails"
REFUSED = "step 4: POST says so where CMS refuses"
MODIFIES = "step 5: PUT modifies name and defaultLayout"
LEAVES_REST = "step 5: PUT leaves what was not sent as it is"
DELETES = "step 6: DELETE deletes the Space"
NO_OTHER = "step 6: DELETE deletes no other Space"
LOOKED_UP = """\
        result = myCUCMuds.get_user(userid)
        if not result["success"]:
            return result
        if result["num_found"] == 0:
            return {"success": False, "message": result["message"], "response": ""}
        user = result["response"]
"""
TO_DELETE = """\
        result = get_coSpace_id(userid)
        if not result["success"]:
            return result
        return myCMS._cms_request("coSpaces/" + result["response"], http_method="DELETE")
"""
MISTAKES = {
    "the whole status is the version": Mistake(
        '["status"]["softwareVersion"]', "",
        {VERSION},
    ),
    "the first page only": Mistake(
        "offset >= int(page[\"@total\"])", "True", {FIRST_PAGE},
    ),
    "pages of ten": Mistake('offset += len(page["coSpace"])', "offset += 10", {FIRST_PAGE}),
    "all Spaces without a filter": Mistake(
        '{"filter": userid, "offset": offset}', '{"offset": offset}',
        {f"{SEARCH} asks with a filter"},
    ),
    "the name instead of the URIs": Mistake(
        '[space.get("uri", ""), space.get("secondaryUri", "")]', '[space.get("name", "")]',
        {BY_URI, BY_SECONDARY_URI, NOT_THE_NAME, ANY_CASE, WHOLE_URI, WITHOUT_URIS, FIRST_PAGE},
    ),
    "the name beside the URIs": Mistake(
        'space.get("secondaryUri", "")]', 'space.get("secondaryUri", ""), space.get("name", "")]',
        {NOT_THE_NAME},
    ),
    "no secondaryUri": Mistake(
        ', space.get("secondaryUri", "")]', "]", {BY_SECONDARY_URI},
    ),
    "case-sensitive": Mistake(
        "uri.lower() in [each.lower() for each in uris]", "uri in uris", {ANY_CASE},
    ),
    "a part of a URI": Mistake(
        "uri.lower() in [each.lower() for each in uris]",
        'uri.lower() in " ".join(uris).lower()',
        {WHOLE_URI, FIRST_PAGE, f"{SEARCH} {NO_SPACE}"},
    ),
    "every Space has URIs": Mistake(
        '[space.get("uri", ""), space.get("secondaryUri", "")]',
        '[space["uri"], space.get("secondaryUri", "")]',
        {WITHOUT_URIS, FIRST_PAGE, f"{SEARCH} {NO_SPACE}"},
    ),
    "errors of the search swallowed": Mistake(
        """\
        result = myCMS._cms_request("coSpaces", parameters=parameters)
        if not result["success"]:
            return result
        page = result["response"]["coSpaces"]
""",
        """\
        try:
            result = myCMS._cms_request("coSpaces", parameters=parameters)
            page = result["response"]["coSpaces"]
        except Exception:
            page = {"coSpace": [], "@total": "0"}
""",
        {f"{SEARCH} says so where CMS fails"},
    ),
    "the entry of the list for the Space": Mistake(
        'return myCMS._cms_request("coSpaces/" + result["response"])', "return result",
        {RETRIEVES},
    ),
    "creation without CUCM": Mistake(
        LOOKED_UP,
        '        user = {"displayName": userid, "userName": userid, "phoneNumber": ""}\n',
        {NEW_SECONDARY_URI, NEW_NAME, NO_USER, CUCM_FAILS},
    ),
    "num_found is not looked at": Mistake('result["num_found"] == 0', "False", {NO_USER}),
    "errors of the creation swallowed": Mistake(
        'return myCMS._cms_request("coSpaces", payload=payload, http_method="POST")',
        'result = myCMS._cms_request("coSpaces", payload=payload, http_method="POST")\n'
        '        return {**result, "success": True}',
        {REFUSED},
    ),
    "the new ID is not handed on": Mistake(
        'return myCMS._cms_request("coSpaces", payload=payload, http_method="POST")',
        'done = myCMS._cms_request("coSpaces", payload=payload, http_method="POST")["success"]\n'
        '        return {"success": done, "message": "Created, or not."}',
        {NEW_ID},
    ),
    "unset fields are sent": Mistake(
        "payload=space_arguments.parse_args()",
        'payload={"secondaryUri": "", "defaultLayout": "", **space_arguments.parse_args()}',
        {LEAVES_REST},
    ),
    "a PUT for nobody's Space": Mistake(
        'path = "coSpaces/" + result["response"]', 'path = "coSpaces"',
        {MODIFIES, LEAVES_REST},
    ),
    "errors of a change swallowed": Mistake(
        'return myCMS._cms_request(path, payload=space_arguments.parse_args(), http_method="PUT")',
        'myCMS._cms_request(path, payload=space_arguments.parse_args(), http_method="PUT")\n'
        '        return {"success": True, "message": "Modified.", "response": ""}',
        {"step 5: PUT says so where CMS fails"},
    ),
    "errors of a deletion swallowed": Mistake(
        TO_DELETE,
        TO_DELETE.replace("return myCMS", "myCMS")
        + '        return {"success": True, "message": "", "response": ""}\n',
        {"step 6: DELETE says so where CMS fails"},
    ),
    "the first Space found is deleted": Mistake(
        TO_DELETE,
        '        result = myCMS._cms_request("coSpaces", parameters={"filter": userid})\n'
        '        found = result["response"]["coSpaces"]["coSpace"][0]["@id"]\n'
        '        return myCMS._cms_request("coSpaces/" + found, http_method="DELETE")\n',
        {NO_OTHER, f"step 6: DELETE {NO_SPACE}"},
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_of_its_step_and_of_no_other(
    running_pod: Pod, file: Path, name: str
) -> None:
    mistake = MISTAKES[name]
    assert solution().count(mistake.right) == 1
    found = reasons(running_pod, file, solution().replace(mistake.right, mistake.wrong))
    assert set(found) == mistake.told
    assert len({sentence.partition(":")[0] for sentence in found}) == 1
    assert all("\n" not in reason for reason in found.values())


@pytest.mark.parametrize(
    ("right", "wrong", "sentence", "reason"),
    [
        ('return space["@id"]', 'return space["id"]', BY_URI, "line 59: KeyError: 'id'"),
        ('return space["@id"]', "exit()", BY_URI, "line 59: SystemExit: None"),
        (
            'path = "coSpaces/" + result["response"]', 'path = "coSpaces/" + result',
            MODIFIES, 'line 94: TypeError: can only concatenate str (not "dict") to str',
        ),
        ("def match_space_uri(", "def match(", BY_URI, "the file has no function match_space_uri"),
        ('return space["@id"]', "return space", BY_URI, f"it returned {{'@id': '{WANTED}', "),
        ('@api.route("/version")', '@api.route("/release")', VERSION,
         "it answered: There is nothing at this address"),
        ("    if uri.lower() in", "    if uri.lower() not in", BY_URI,
         "it returned the ID of another Space"),
        ('return myCMS._cms_request("coSpaces/" + result["response"])', "return result", RETRIEVES,
         "name and defaultLayout are not in the response '"),
    ],
)
def test_why_a_check_does_not_hold_is_said_in_one_line(
    running_pod: Pod, file: Path, right: str, wrong: str, sentence: str, reason: str
) -> None:
    file.write_text(solution().replace(right, wrong), encoding="utf-8")
    bench = bench_of(running_pod, file)
    check = next(check for check in CHECKS if str(check) == sentence)
    assert reason_of(check, bench).startswith(reason)


def code_lines(text: str) -> list[str]:
    """Return the lines of a file's code as Python writes them, docstrings too, without `pass`."""
    code = ast.Module(ast.parse(text).body[1:], [])
    return [line for line in ast.unparse(code).splitlines() if line.strip() not in ("", "pass")]


def test_the_solution_is_the_skeleton_with_something_in_it() -> None:
    solved = iter(code_lines(solution()))
    assert [line for line in code_lines(skeleton()) if line not in solved] == []


def test_the_skeleton_names_every_step() -> None:
    steps = {check.step for check in CHECKS}
    assert steps == set(range(1, 7))
    assert [step for step in (*steps, 7) if f"# Step {step}" not in skeleton()] == []


def test_a_file_of_the_readers_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "exercise" / "cms.py"
    assert put(file, "mine")
    assert not put(file, "new")
    assert file.read_text(encoding="utf-8") == "mine"


def test_beginning_again_keeps_what_was_there_under_another_name(tmp_path: Path) -> None:
    file = tmp_path / "cms.py"
    assert put_anew(file, "first") is None
    assert put_anew(file, "first") is None
    assert put_anew(file, "second") == tmp_path / "cms-1.py"
    assert put_anew(file, "third") == tmp_path / "cms-2.py"
    kept = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert kept == {"cms.py": "third", "cms-1.py": "first", "cms-2.py": "second"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\ndef get(:\n", ", line 3: SyntaxError: invalid syntax"),
        ("import os\n\nos.environ['no']\n", ", line 3: KeyError: 'no'"),
        ("def f():\n    return g()\n\nf()\n", ", line 2: NameError: name 'g' is not defined"),
        ("import sys\nsys.exit('enough')\n", ", line 2: SystemExit: enough"),
        ("import json\njson.loads('')\n", ", line 2: JSONDecodeError: Expecting value"),
        ("raise ValueError('two\\nlines')\n", ", line 1: ValueError: two lines"),
        ("pass\n", ": it has no api, which is the Namespace"),
    ],
)
def test_a_file_that_can_not_be_loaded_is_told_with_its_line(
    file: Path, text: str, said: str
) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(NotLoaded) as told:
        load(file)
    assert str(told.value).startswith(f"{file}{said}")
    assert "\n" not in str(told.value)


def test_a_file_that_is_not_there_is_told_so(file: Path) -> None:
    with pytest.raises(NotLoaded, match="FileNotFoundError"):
        load(file)


def test_what_flask_restx_refuses_is_told_too(running_pod: Pod, file: Path) -> None:
    file.write_text(solution().replace("<userid>", "<user:userid>"), encoding="utf-8")
    with pytest.raises(NotLoaded, match="cms.py, LookupError: the converter 'user' does not "):
        bench_of(running_pod, file)


class Served(NamedTuple):
    """A portal that changes while it is served, and a caller."""

    portal: CurrentPortal
    client: Client


@pytest.fixture
def served(pod: Pod) -> Served:
    portal = CurrentPortal(pod)
    return Served(portal, Client(portal))


def description(client: Client | FlaskClient) -> str:
    """Return what the Swagger page says of the namespace cms."""
    swagger = client.get("/api/v1/swagger.json").get_json()
    OpenAPIV2SpecValidator(swagger).validate()
    return next(str(tag["description"]) for tag in swagger["tags"] if tag["name"] == "cms")


def test_the_portal_serves_the_file_as_it_is_now(served: Served, file: Path) -> None:
    assert description(served.client) == LOADING
    for version in ("first", "second"):
        method = f'        return "{version}"'
        text = skeleton().replace("        pass", method, 1)
        file.write_text(text, encoding="utf-8")
        served.portal.show(file)
        assert served.client.get("/api/v1/cms/version").get_json() == version
    assert description(served.client).endswith("by yourself")
    assert served.client.get("/api/v1/openapi.json").status_code == 200
    assert served.client.get("/api/v1/directory/users/lee").status_code == 200


def test_where_nothing_can_be_served_the_page_says_why(served: Served, file: Path) -> None:
    file.write_text("def", encoding="utf-8")
    with pytest.raises(NotLoaded):
        served.portal.show(file)
    served.portal.show_nothing("line 1: SyntaxError")
    assert description(served.client) == "line 1: SyntaxError"
    for path, method in (("version", "GET"), ("spaces/kim", "PUT"), ("spaces/kim", "DELETE")):
        answer = served.client.open(f"/api/v1/cms/{path}", method=method)
        assert (answer.status_code, answer.get_json()["message"]) == (500, "line 1: SyntaxError")


def test_portals_that_are_not_served_any_more_are_not_kept(served: Served) -> None:
    for number in range(3):
        served.portal.show_nothing(str(number))
    assert {len(namespace.apis) for namespace in NAMESPACES if namespace.name != "cms"} == {1}


def changed(text: str, *changes: tuple[str, str]) -> str:
    """Return a text with pieces of it replaced, each of which is there once."""
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


def test_what_hangs_and_what_ends_the_process_is_told_and_the_rest_is_checked(file: Path) -> None:
    retrieves = '"""Retrieve the Space of a user."""\n        result = get_coSpace_id(userid)\n'
    hangs = retrieves + '        while not result["success"]:\n            pass\n'
    nobody = 'return {"success": False, "message": result["message"], "response": ""}'
    ends = '__import__("os")._exit(3)'
    file.write_text(changed(solution(), (retrieves, hangs), (nobody, ends)), encoding="utf-8")
    with Examination(file, seconds=3) as examination:
        examination.load()
        outcomes = {str(each.check): each.reason for each in examination.outcomes()}
    assert set(outcomes) == ALL
    assert {sentence: reason for sentence, reason in outcomes.items() if reason} == {
        f"step 3: GET {NO_SPACE}": "it took longer than 3 s", NO_USER: ENDED,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("while True: pass", ": it is not loaded after 0.5 s"),
        ("import os; os._exit(0)", ": it ends the process"),
        ("1 / 0", ", line 1: ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_that_can_not_be_loaded_is_ended(file: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    with Examination(file, seconds=0.5) as examination:
        with pytest.raises(NotLoaded) as told:
            examination.load()
    assert str(told.value) == f"{file}{said}"


def test_a_process_that_does_not_start_is_told_so(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination_module, "START_SECONDS", 0)
    file.write_text(solution(), encoding="utf-8")
    with Examination(file) as examination:
        with pytest.raises(NotLoaded, match="the process that checks it does not start"):
            examination.load()


def test_checks_are_given_up_where_nobody_waits_for_them(file: Path) -> None:
    file.write_text("while True: pass", encoding="utf-8")
    with Examination(file, is_abandoned=lambda: True) as examination:
        with pytest.raises(Abandoned):
            examination.load()


def test_checking_once_says_what_holds_and_exits_with_whether_all_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "exercise" / "cms.py"
    with pytest.raises(SystemExit, match="There is no "):
        main(["--check", str(file)])
    assert main(["--solution", str(file)]) == 0
    written = file.with_name("solution.py")
    assert str(written) in capsys.readouterr().out
    assert main(["--check", str(written)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [*(f"  {check}: holds" for check in CHECKS), f"All {len(CHECKS)} hold."]
    written.write_text(skeleton(), encoding="utf-8")
    assert main(["--check", str(written)]) == 1
    said = capsys.readouterr().out
    assert f"\n  {BY_SECONDARY_URI}: not yet (" in said
    assert said.endswith(f"\n0 of {len(CHECKS)} hold.\n")
    written.write_text("def", encoding="utf-8")
    assert main(["--check", str(written)]) == 1
    assert capsys.readouterr().out == f"{written}, line 1: SyntaxError: invalid syntax\n"


def test_a_folder_that_can_not_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit, match="file can't be written: File exists"):
        main(["--solution", str(tmp_path / "file" / "cms.py")])
