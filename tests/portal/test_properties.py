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
    max_examples=40,
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


many = st.sampled_from(["/api/v1/cms/plan", "/api/v1/cms/apply"])
forms = st.sampled_from(
    ["application/json", "application/x-ndjson", "text/csv", "*/*", "image/png", "", "text/*;q=x"]
)
planned_values = st.dictionaries(st.sampled_from(list(SETTABLE_FIELDS)) | texts, json_values)
almost_rows = st.fixed_dictionaries({}, optional={
    "userid": st.sampled_from(["lee", "pod6user10", "nobody"]) | json_values,
    "action": st.sampled_from(["create", "modify", "remove", "keep", "refuse"]) | json_values,
    "coSpace": st.uuids().map(str) | json_values,
    "before": planned_values | json_values,
    "after": st.just({"uri": "lee"}) | planned_values | json_values,
    "message": json_values,
})
options_of_many = st.fixed_dictionaries({}, optional={
    name: st.sampled_from(["true", True, "remove", "quarantine", "3", 0]) | json_values
    for name in ("everyone", "department", "leavers", "deep", "removals", "dry_run", "more")
})


@given(
    path=many,
    items=st.lists(almost_rows | json_values, max_size=4),
    options=options_of_many,
    wrapped=st.sampled_from(["", "rows", "users", "response"]),
    form=forms,
)
@examples
def test_any_list_gets_a_well_formed_answer_whole(
    portal: FlaskClient, path: str, items: list[Any], options: dict[str, Any], wrapped: str,
    form: str,
) -> None:
    wraps: dict[str, Any] = {
        "": items, "response": {"response": {"rows": items, "users": items, "complete": True}}
    }
    document = wraps.get(wrapped, {wrapped: items, **options})
    answer = portal.post(path, json=document, headers={"Accept": form})
    assert well_formed(answer)
    assert answer.data


@given(
    path=many,
    body=st.binary(max_size=300) | texts.map(str.encode),
    media_type=media_types | st.sampled_from(["text/csv", "application/x-ndjson"]),
    form=forms,
)
@examples
def test_any_bytes_as_a_list_get_a_well_formed_answer_whole(
    portal: FlaskClient, path: str, body: bytes, media_type: str, form: str
) -> None:
    answer = portal.post(path, data=body, content_type=media_type, headers={"Accept": form})
    assert well_formed(answer)
    assert answer.data


@given(
    path=st.sampled_from(["/api/v1/cms/spaces", "/api/v1/directory/users"]),
    asked=st.dictionaries(
        st.sampled_from(["filter", "department", "offset", "limit", "more"]),
        st.sampled_from(["0", "1", "500", "501", "-1", "1e3", "٣"]) | texts,
    ),
    form=forms,
)
@examples
def test_a_list_that_is_asked_for_in_any_way_gets_a_well_formed_answer_whole(
    portal: FlaskClient, path: str, asked: dict[str, str], form: str
) -> None:
    answer = portal.get(path, query_string=asked, headers={"Accept": form})
    assert well_formed(answer)
    assert answer.data
