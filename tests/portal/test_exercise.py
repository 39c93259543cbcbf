"""The exercise: what holds of the skeleton, of the solution, and of what people get wrong."""

from pathlib import Path
from typing import NamedTuple

import pytest

from flaskr.exercise.checks import CHECKS, reason_of
from flaskr.exercise.examination import bench_of
from flaskr.exercise.files import skeleton, solution
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


MATCH = "step 2: match_space_uri"
SEARCH = "step 2: get_coSpace_id"
BY_URI, BY_SECONDARY_URI = f"{MATCH} finds by uri", f"{MATCH} finds by secondaryUri"
ANY_CASE = f"{MATCH} takes capital letters for small ones"
WHOLE_URI = f"{MATCH} takes no part of a URI for the whole"
WITHOUT_URIS = f"{MATCH} passes over Spaces without URIs"
NOT_THE_NAME = f"{MATCH} does not go by the name"
FIRST_PAGE = f"{SEARCH} looks at all pages"
NO_SPACE = "says so where the user has no Space"
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
        {"step 1: GET /cms/version answers the version, and nothing else"},
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
        {"step 3: GET retrieves the Space, with name and defaultLayout"},
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
