"""The template end to end: shown for a user, and made, on the simulated pod."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from support.documented import DocumentedClient

from flaskr import create_app
from flaskr.pod import Pod
from flaskr.pod.company import USERS

SPACE = "/api/v1/cms/spaces/pod6user1"
TEMPLATE = "/api/v1/cms/template/pod6user1"


def portal_with(pod: Pod, project: Path, **settings: str) -> FlaskClient:
    app = create_app({**pod.settings, **settings}, project=project)
    app.test_client_class = DocumentedClient
    return app.test_client()


def made(portal: FlaskClient, space: str = SPACE) -> dict[str, Any]:
    """Return the Space that a POST without arguments makes."""
    answer = portal.post(space)
    assert answer.status_code == 200, answer.get_json()["message"]
    return dict(portal.get(space).get_json()["response"]["coSpace"])


def test_the_defaults_make_what_the_guide_makes_and_mark_it(portal: FlaskClient) -> None:
    shown = portal.get(TEMPLATE).get_json()
    assert shown == {
        "success": True,
        "message": 'This is what a new Space of the user "pod6user1" is like.',
        "response": {
            "coSpace": {
                "name": "Pod6 User1's Space", "uri": "pod6user1", "secondaryUri": "+14085550101",
                "cdrTag": "pod6user1",
            },
            "passcodeDigits": 0,
            "ownerJid": "",
            "ownerRights": [],
            "host": {},
        },
    }


def test_what_is_shown_is_what_is_made(pod: Pod, tmp_path: Path) -> None:
    settings = {
        "SPACE_NAME": "$displayName$ ($department$)", "SPACE_URI": "meet.$userName|'/@.*//'$",
        "SPACE_SECONDARY_URI": "room.$phoneNumber$", "SPACE_CDR_TAG": "$userName$ $email$",
        "SPACE_CALL_ID": "$phoneNumber|'/^\\+?/77/'$",
    }
    portal = portal_with(pod, tmp_path, **settings)
    everyone = [user["userName"] for user in USERS]
    userids = [userid for userid in everyone if " " not in userid]  # CMS takes none in a uri
    for userid in userids:
        shown = portal.get(f"/api/v1/cms/template/{userid}").get_json()["response"]["coSpace"]
        space = made(portal, f"/api/v1/cms/spaces/{userid}")
        lowered = {name: shown[name].lower() for name in ("uri", "secondaryUri") if name in shown}
        assert {name: space[name] for name in shown} == {**shown, **lowered}
        portal.delete(f"/api/v1/cms/spaces/{userid}")  # two have one telephone number
    assert len(userids) > 20


def test_showing_makes_nothing_and_asks_no_cms(pod: Pod, tmp_path: Path) -> None:
    before = pod.spaces.listed()
    portal = portal_with(pod, tmp_path, CMS_PORT="1")
    assert portal.get(TEMPLATE).status_code == 200
    assert pod.spaces.listed() == before


def test_a_space_is_looked_up_by_the_uri_that_the_template_makes(
    pod: Pod, tmp_path: Path
) -> None:
    portal = portal_with(pod, tmp_path, SPACE_URI="$userName$.meet")
    missing = portal.get(SPACE)
    assert missing.status_code == 404
    assert 'no Space has "pod6user1.meet" as its uri' in missing.get_json()["message"]
    assert made(portal)["uri"] == "pod6user1.meet"
    assert portal.put(SPACE, data={"name": "New"}).status_code == 200
    assert portal.delete(SPACE).status_code == 200
    assert portal.get(SPACE).status_code == 404


def test_an_address_as_the_user_id_has_a_space_where_the_template_makes_a_uri_of_it(
    pod: Pod, tmp_path: Path
) -> None:
    portal = portal_with(pod, tmp_path, SPACE_URI="$userName|'/@.*//'$")
    space = made(portal, "/api/v1/cms/spaces/ann@pod6.example")
    assert (space["uri"], space["cdrTag"]) == ("ann", "ann@pod6.example")


def test_call_id_and_passcode_are_made_up(pod: Pod, tmp_path: Path) -> None:
    portal = portal_with(pod, tmp_path, SPACE_CALL_ID="auto", SPACE_PASSCODE_DIGITS="8")
    space = made(portal)
    assert space["callId"].isdecimal()
    assert space["passcode"].isdecimal()
    assert len(space["passcode"]) == 8


def test_arguments_go_over_call_id_and_passcode(pod: Pod, tmp_path: Path) -> None:
    portal = portal_with(pod, tmp_path, SPACE_CALL_ID="auto", SPACE_PASSCODE_DIGITS="8")
    portal.post(SPACE, data={"callId": "4711", "passcode": ""})
    space = portal.get(SPACE).get_json()["response"]["coSpace"]
    assert space["callId"] == "4711"
    assert not space.get("passcode")


@pytest.mark.parametrize(
    ("setting", "expression", "field", "instead"),
    [
        ("SPACE_NAME", "$title$", "name", "Sales"),
        ("SPACE_SECONDARY_URI", "$email$", "secondaryUri", ""),
        ("SPACE_CALL_ID", "$email$", "callId", "4711"),
    ],
)
def test_what_can_not_be_is_told_unless_it_is_sent(
    pod: Pod, tmp_path: Path, setting: str, expression: str, field: str, instead: str
) -> None:
    before = pod.spaces.listed()
    portal = portal_with(pod, tmp_path, **{setting: expression})
    for refused in (portal.get(TEMPLATE), portal.post(SPACE)):
        assert refused.status_code == 409
        assert refused.get_json()["error"]["code"] == "template_unfit"
        assert setting in refused.get_json()["message"]
    assert pod.spaces.listed() == before
    assert portal.post(SPACE, data={field: instead}).status_code == 200
