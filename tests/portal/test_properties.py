"""Whatever callers send: an answer as documented, and nothing sent on that was not meant."""

import json
import string
from typing import Any
from urllib.parse import quote

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flaskr.cms.v1.spaces import LAYOUTS, SETTABLE_FIELDS
from flaskr.pod import Pod

SPACE = "/api/v1/cms/spaces/pod6user1"
# The fixtures are the same for every example: the pod's state carries over, which is the point.
examples = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

tricky = st.sampled_from(
    ["..", ".", "%", "%2e%2e", "\\", "'", '"', "<x>", "&", ";", "*", "?", "#", "null", "0",
     "pod6user1", "POD6USER1", "x" * 128, "x" * 5000, "\x00", "\n", "\u202e", "é", "🎉", " ", "+"]
)
texts = st.one_of(tricky, st.text(max_size=60))
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda values: st.lists(values, max_size=4) | st.dictionaries(texts, values, max_size=4),
    max_leaves=12,
)
names = st.one_of(st.sampled_from(list(SETTABLE_FIELDS)), texts)
media_types = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data",
     "multipart/form-data; boundary=x", "text/plain", "application/xml", "", "nonsense"]
)


def well_formed(answer: Any) -> bool:
    """Tell whether an answer that is no success is an error in the portal's form."""
    if answer.status_code == 200:
        return True
    body = answer.get_json()
    return (
        400 <= answer.status_code < 500
        and set(body) == {"success", "message", "response", "error"}
        and body["success"] is False
        and bool(body["error"]["code"])
        and body["response"] == ""
        and bool(body["message"])
    )


@given(userid=texts, http_method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]))
@examples
def test_any_user_id_gets_a_well_formed_answer(
    portal: FlaskClient, userid: str, http_method: str
) -> None:
    path = "/api/v1/cms/spaces/" + quote(userid, safe="", errors="surrogatepass")
    data = {"name": "x"} if http_method == "PUT" else None
    assert well_formed(portal.open(path, method=http_method, data=data))


@given(
    arguments=st.dictionaries(names, json_values, max_size=5),
    http_method=st.sampled_from(["POST", "PUT"]),
)
@examples
def test_any_json_object_gets_a_well_formed_answer(
    portal: FlaskClient, arguments: dict[str, Any], http_method: str
) -> None:
    body = json.dumps(arguments)
    answer = portal.open(SPACE, method=http_method, data=body, content_type="application/json")
    assert well_formed(answer)


@given(body=st.binary(max_size=300), media_type=media_types, query=st.text(max_size=40))
@examples
def test_any_bytes_as_a_body_get_a_well_formed_answer(
    portal: FlaskClient, body: bytes, media_type: str, query: str
) -> None:
    answer = portal.put(SPACE, data=body, content_type=media_type, query_string=query)
    assert well_formed(answer)


@given(
    arguments=st.fixed_dictionaries(
        {},
        optional={
            "name": st.text(st.characters(exclude_categories=["C"]), max_size=50),
            "secondaryUri": st.text(string.ascii_letters + string.digits + "-._", max_size=20),
            "callId": st.text(string.digits, max_size=9),
            "passcode": st.text(string.digits, max_size=9),
            "defaultLayout": st.sampled_from(LAYOUTS),
            "nonMemberAccess": st.sampled_from(["true", "false"]),
        },
    ),
    form=st.sampled_from(["data", "json", "query_string"]),
)
@examples
def test_what_was_sent_is_set_and_what_was_not_stays(
    pod: Pod, portal: FlaskClient, arguments: dict[str, str], form: str
) -> None:
    portal.post(SPACE)
    before = portal.get(SPACE).get_json()["response"]["coSpace"]
    answer = portal.put(SPACE, **{form: arguments})
    after = portal.get(SPACE).get_json()["response"]["coSpace"]
    if answer.status_code != 200:
        assert well_formed(answer)
        assert after == before
        return
    expected = {**before, **arguments}
    expected["secondaryUri"] = expected.get("secondaryUri", "").lower()
    for name, field in SETTABLE_FIELDS.items():
        if field.made_up and name not in expected:
            continue
        assert after.get(name, "").strip() == expected.get(name, "").strip()
