"""swagger.json: valid, complete, in the order of the guide, and with examples that are real.

That answers are as it says is checked at every request of the other tests, by their client.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft4Validator
from openapi_spec_validator import OpenAPIV2SpecValidator
from support.documented import DocumentedClient
from support.facts import GUID, SETTINGS_OF_TESTS, generic
from support.pods import senders_of
from support.slapd import PEOPLE, Slapd, entry, person, running_slapd

from flaskr import create_app
from flaskr import MAX_TABLE_BYTES
from flaskr.api.v1.docs import bulk
from flaskr.api.v1.docs.fields import OPTIONS
from flaskr.api.v1.docs.operations import EXAMPLES_FILE
from flaskr.cms.v1.spaces import EXAMPLE_ID, LAYOUTS, SETTABLE_FIELDS
from flaskr.cuc.v1.users import CHANGED_FIELDS, NEW_FIELDS
from flaskr.pod import Pod
from flaskr.pod.cms.nodes.table import BY_PATH
from flaskr.provisioning.members import RIGHT_FIELDS
from flaskr.provisioning.passcode import PASSCODE_FIELDS
from flaskr.provisioning.sending import SENDING_FIELDS
from flaskr.pod.servers import parse

VERSION = "/cms/version"
SPACE = "/cms/spaces/{userid}"
MEMBERS, MEMBER = f"{SPACE}/members", f"{SPACE}/members/{{jid}}"
PASSCODE, INVITATION, REPAIR = f"{SPACE}/passcode", f"{SPACE}/invitation", f"{SPACE}/repair"
JID = "pod6user2@pod6.example"
PARAMETERS = (
    "userid", "jid", *OPTIONS, *SETTABLE_FIELDS, *RIGHT_FIELDS, *PASSCODE_FIELDS,
    *SENDING_FIELDS, *bulk.SPACE_LIST_FIELDS, *bulk.USER_LIST_FIELDS, *bulk.PLAN_FIELDS,
    *bulk.APPLY_OPTIONS, *bulk.APPLY_ROWS, *NEW_FIELDS, *CHANGED_FIELDS,
)
TEMPLATE = "/cms/template/{userid}"
SPACES, PLAN, APPLY = "/cms/spaces", "/cms/plan", "/cms/apply"
USERS, USER = "/directory/users", "/directory/users/{userid}"
UNITY, LDAP_USERS, MAILBOX = "/cuc/version", "/cuc/ldap_users", "/cuc/users/{userid}"
ME = "/me"


@pytest.fixture
def specification(client: FlaskClient) -> dict[str, Any]:
    return dict(client.get("/api/v1/swagger.json").get_json())


def test_it_is_valid_openapi_2(specification: dict[str, Any]) -> None:
    OpenAPIV2SpecValidator(specification).validate()


def test_the_operations_stand_in_the_order_of_the_guide(specification: dict[str, Any]) -> None:
    operations = [
        (method, path)
        for path, methods in specification["paths"].items()
        for method in methods
        if method != "parameters"
    ]
    assert operations == [
        ("get", VERSION),
        ("get", SPACE),
        ("post", SPACE),
        ("put", SPACE),
        ("delete", SPACE),
        ("get", TEMPLATE),
        ("get", SPACES),
        ("post", PLAN),
        ("post", APPLY),
        ("get", MEMBERS),
        ("put", MEMBER),
        ("delete", MEMBER),
        ("post", PASSCODE),
        ("get", INVITATION),
        ("post", INVITATION),
        ("post", REPAIR),
        ("get", USERS),
        ("get", USER),
        ("get", UNITY),
        ("get", LDAP_USERS),
        ("get", MAILBOX),
        ("post", MAILBOX),
        ("put", MAILBOX),
        ("delete", MAILBOX),
        ("get", ME),
    ]


@pytest.mark.parametrize("method", ["post", "put"])
def test_the_user_id_comes_first_and_the_arguments_are_form_fields(
    specification: dict[str, Any], method: str
) -> None:
    userid, *fields = specification["paths"][SPACE][method]["parameters"]
    assert (userid["name"], userid["in"], userid["required"]) == ("userid", "path", True)
    assert [field["name"] for field in fields] == [*SETTABLE_FIELDS, *OPTIONS]
    assert {field["in"] for field in fields} == {"formData"}
    assert not any(field.get("required") for field in fields)


@pytest.mark.parametrize(("method", "names"), [("get", []), ("delete", list(OPTIONS))])
def test_the_other_operations_on_a_space_take_no_fields(
    specification: dict[str, Any], method: str, names: list[str]
) -> None:
    userid, *others = specification["paths"][SPACE][method]["parameters"]
    assert userid["name"] == "userid"
    assert [(each["name"], each["in"]) for each in others] == [(name, "query") for name in names]


@pytest.mark.parametrize("method", ["post", "put"])
def test_the_arguments_as_json_are_explained_with_an_example_that_works(
    specification: dict[str, Any], portal: FlaskClient, method: str
) -> None:
    text = specification["paths"][SPACE][method]["description"]
    example = re.findall(r"^```json\n(.+)\n```$", text, re.MULTILINE)[0]
    address = "/api/v1/cms/spaces/pod6user1"
    if method == "put":
        portal.post(address)
    assert "`Content-Type: application/json`" in text
    sent = portal.open(address, method=method, data=example, content_type="application/json")
    assert sent.status_code == 200
    shown = portal.get(address).get_json()["response"]["coSpace"]
    for name, value in json.loads(example).items():
        assert shown[name] == (value if isinstance(value, str) else json.dumps(value))


def test_every_503_is_documented_with_the_header_that_says_when_to_try_again(
    specification: dict[str, Any],
) -> None:
    for _, _, operation in documented(specification):
        for status, answer in operation["responses"].items():
            assert list(answer.get("headers", {})) == (["Retry-After"] if status == "503" else [])


def test_the_layout_is_a_choice_of_all_thirteen(specification: dict[str, Any]) -> None:
    fields = specification["paths"][SPACE]["put"]["parameters"]
    layout = next(field for field in fields if field["name"] == "defaultLayout")
    assert tuple(layout["enum"]) == LAYOUTS
    assert len(LAYOUTS) == 13


def test_the_title_and_the_servers_are_named(specification: dict[str, Any]) -> None:
    assert specification["info"]["title"] == "LTRCOL-2574 Portal"
    assert "127.0.0.1:4443" in specification["info"]["description"]


def test_all_places_of_a_cluster_are_named(tmp_path: Path) -> None:
    hosts = {"CMS_HOSTNAME": "cms1.example.com,cms2.example.com:445,::1"}
    app = create_app({**SETTINGS_OF_TESTS, **hosts}, project=tmp_path)
    description = app.test_client().get("/api/v1/swagger.json").get_json()["info"]["description"]
    assert (
        "It talks to the CMS at `cms1.example.com:4443`, `cms2.example.com:445` or `[::1]:4443` "
        "and to the CUCM at `localhost:8443`." in description
    )


IN_EXAMPLES = ("127.0.0.1:8443", "the lab's CUCM")
OPEN = ("/", "/api/v1", "/api/v1/", "/api/v1/swagger.json", "/api/v1/openapi.json",
        "/api/v1/postman.json", "/healthz", "/readyz", "/api/v1/cms/version", "/api/v1/nothing")


@pytest.mark.parametrize("path", OPEN)
def test_with_an_api_key_set_callers_without_it_are_told_no_inner_host(
    tmp_path: Path, path: str
) -> None:
    cluster = "cms.inner.invalid,cms2.inner.invalid"
    hosts = {"CMS_HOSTNAME": cluster, "CUCM_HOSTNAME": "cucm.inner.invalid"}
    settings = {**SETTINGS_OF_TESTS, **hosts, "PORTAL_TIMEOUT": "1"}
    app = create_app({**settings, "PORTAL_API_KEY": "s3cret"}, project=tmp_path)
    answer = app.test_client().get(path, buffered=True)
    assert not re.search(r"\.inner\b|:4443|:8443", answer.text.replace(*IN_EXAMPLES))


def test_the_page_asks_for_the_api_key_only_where_there_is_one(
    specification: dict[str, Any], tmp_path: Path
) -> None:
    assert "securityDefinitions" not in specification
    with_key = create_app({**SETTINGS_OF_TESTS, "PORTAL_API_KEY": "s3cret"}, project=tmp_path)
    specification = dict(with_key.test_client().get("/api/v1/swagger.json").get_json())
    scheme = specification["securityDefinitions"]["apiKey"]
    assert (scheme["in"], scheme["name"]) == ("header", "X-API-Key")
    assert specification["security"] == [{"apiKey": []}]


def test_the_page_and_all_of_its_files_come_from_the_portal(client: FlaskClient) -> None:
    page = client.get("/api/v1/")
    assert "http://" not in page.text
    assert "https://" not in page.text
    for path in (
        "/api/v1/swagger-ui/swagger-ui.css",
        "/api/v1/swagger-ui/swagger-ui-bundle.js",
        "/api/v1/swagger-ui/favicon-32x32.png",
        "/api/v1/static/page.css",
        "/api/v1/static/page.js",
    ):
        assert path in page.text
        with client.get(path) as answer:
            assert answer.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert client.get("/swaggerui/swagger-ui-bundle.js").status_code == 404


def documented(specification: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the method, the path and the documentation of each operation."""
    for path, methods in specification["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield method, path, operation


def test_every_operation_says_what_it_does_in_the_terms_of_cms(
    specification: dict[str, Any],
) -> None:
    for method, path, operation in documented(specification):
        assert operation["summary"]
        calls = r"`[A-Z]+ (system/status|version|coSpaces|accessQuery|users|import/users)"
        assert path == ME or re.search(calls, operation["description"])
        assert "x-examples" not in operation


def filled_in(specification: dict[str, Any]) -> dict[str, set[str]]:
    """Return what the page fills in, by the names of the parameters."""
    found: dict[str, set[str]] = {}
    for _, _, operation in documented(specification):
        for parameter in operation["parameters"]:
            marks = {"default", "example", "x-example"} & set(parameter)
            found.setdefault(parameter["name"], set()).update(parameter[mark] for mark in marks)
    return found


def test_every_parameter_has_an_example_in_its_text_and_none_is_filled_in(
    specification: dict[str, Any],
) -> None:
    assert filled_in(specification) == {name: set() for name in PARAMETERS}
    for _, _, operation in documented(specification):
        for parameter in operation["parameters"]:
            assert re.search("such as.* `[^`]+`", parameter["description"])


def test_a_user_id_is_filled_in_where_the_app_is_made_with_one(tmp_path: Path) -> None:
    app = create_app(SETTINGS_OF_TESTS, project=tmp_path, example_userid="kim")
    specification = dict(app.test_client().get("/api/v1/swagger.json").get_json())
    OpenAPIV2SpecValidator(specification).validate()
    nothing: dict[str, set[str]] = {name: set() for name in PARAMETERS if name != "userid"}
    assert filled_in(specification) == {"userid": {"kim"}, **nothing}


def test_all_that_the_simulated_cms_can_answer_for_a_space_is_documented_and_more(
    specification: dict[str, Any],
) -> None:
    fields = specification["definitions"]["Space"]["properties"]
    assert {*BY_PATH["coSpaces"].shown, "@id"} == set(fields)
    for field in fields.values():
        assert field["type"] == "string"
        assert field["description"] and field["example"]


def test_every_status_has_an_example_that_is_as_its_model_says(
    specification: dict[str, Any],
) -> None:
    definitions = specification["definitions"]
    Draft4Validator.check_schema({"definitions": definitions})
    for _, _, operation in documented(specification):
        for answer in operation["responses"].values():
            validator = Draft4Validator({**answer["schema"], "definitions": definitions})
            validator.validate(answer["examples"]["application/json"])


class Provocation(NamedTuple):
    """What brings a documented answer about, on the simulated pod.

    `given`: whether the user has a Space, as the lab guide modifies it; `member`: whether the JID
    is a member of it; `twins`: whether the directory is one of LDAP that has the user twice.
    `sent`: what goes with the request. `faults` and `switches` are the pod's, `settings` the
    portal's.
    """

    method: str
    path: str
    status: int
    given: bool = False
    userid: str = "pod6user1"
    sent: dict[str, Any] = {}
    faults: tuple[str, ...] = ()
    switches: dict[str, Any] = {}
    settings: dict[str, str] = {}
    jid: str = JID
    member: bool = False
    twins: bool = False


CHANGES = {"name": "New Pod6 User1 Space", "defaultLayout": "allEqual"}
FORM = "application/x-www-form-urlencoded"
LARGE = {"data": "x" * 70_000, "content_type": FORM}
PLAIN = {"data": "name=x", "content_type": "text/plain"}
OTHER_HOST = {"headers": {"Host": "portal.pod6.example"}}
OTHER_SITE = {"headers": {"Sec-Fetch-Site": "cross-site"}}
KEY = {"PORTAL_API_KEY": "s3cret"}
ADDRESS = "pod6user1@pod6.example"
LATE = "late=3"
IMPATIENT = {"PORTAL_TIMEOUT": "1"}
WHOLE_TEMPLATE = {
    "SPACE_CALL_ID": "auto",
    "SPACE_PASSCODE_DIGITS": "6",
    "SPACE_CALL_LEG_PROFILE": "11bd5d5b-5a6f-4f93-8c1f-0b5bb5c2a1de",
    "SPACE_OWNER_JID": "$email$",
    "SPACE_HOST_CALL_LEG_PROFILE": "7b1d64dc-7b0c-4a7b-b8f0-0c9e7c1f3c55",
}

PROVOCATIONS: tuple[Provocation, ...] = (
    Provocation("get", VERSION, 200),
    Provocation("get", VERSION, 401, settings=KEY),
    Provocation("get", VERSION, 403, sent=OTHER_HOST),
    Provocation("get", VERSION, 502, settings={"CMS_PORT": "1"}),
    Provocation("get", VERSION, 503, faults=("busy",)),
    Provocation("get", VERSION, 504, faults=(LATE,), settings=IMPATIENT),
    Provocation("get", SPACE, 200, given=True),
    Provocation("get", SPACE, 400, userid=ADDRESS),
    Provocation("get", SPACE, 401, settings=KEY),
    Provocation("get", SPACE, 403, sent=OTHER_HOST),
    Provocation("get", SPACE, 404),
    Provocation("get", SPACE, 409, faults=("failure=invalidOperation",)),
    Provocation("get", SPACE, 502, switches={"cms_handshake": "other_ca"}),
    Provocation("get", SPACE, 503, faults=("list_gains path=/coSpaces",)),
    Provocation("get", SPACE, 504, faults=(LATE,), settings=IMPATIENT),
    Provocation("post", SPACE, 200),
    Provocation("post", SPACE, 400, sent={"data": {"defaultLayout": "round"}}),
    Provocation("post", SPACE, 401, settings=KEY),
    Provocation("post", SPACE, 403, sent=OTHER_SITE),
    Provocation("post", SPACE, 404, userid="nobody"),
    Provocation("post", SPACE, 409, given=True),
    Provocation("post", SPACE, 413, sent=LARGE),
    Provocation("post", SPACE, 415, sent=PLAIN),
    Provocation("post", SPACE, 502, faults=("status=401 server=uds",)),
    Provocation("post", SPACE, 503, faults=("busy server=uds",)),
    Provocation("post", SPACE, 504, faults=(f"{LATE} server=uds",), settings=IMPATIENT),
    Provocation("put", SPACE, 200, given=True, sent={"data": CHANGES}),
    Provocation("put", SPACE, 400, given=True),
    Provocation("put", SPACE, 401, settings=KEY),
    Provocation("put", SPACE, 403, sent=OTHER_SITE),
    Provocation("put", SPACE, 404, sent={"data": CHANGES}),
    Provocation("put", SPACE, 409, given=True, sent={"data": {"callId": "620100001"}}),
    Provocation("put", SPACE, 413, sent=LARGE),
    Provocation("put", SPACE, 415, sent=PLAIN),
    Provocation("put", SPACE, 502, True, sent={"data": CHANGES}, faults=("cut method=PUT",)),
    Provocation(
        "put", SPACE, 503, True, sent={"data": CHANGES},
        faults=("failure=databaseNotReady method=PUT",),
    ),
    Provocation(
        "put", SPACE, 504, True, sent={"data": CHANGES}, faults=(f"{LATE} method=PUT",),
        settings=IMPATIENT,
    ),
    Provocation("delete", SPACE, 200, given=True),
    Provocation("delete", SPACE, 400, userid=ADDRESS),
    Provocation("delete", SPACE, 401, settings=KEY),
    Provocation("delete", SPACE, 403, sent=OTHER_SITE),
    Provocation("delete", SPACE, 404),
    Provocation("delete", SPACE, 409, userid="helpdesk"),
    Provocation("delete", SPACE, 413, sent=LARGE),
    Provocation("delete", SPACE, 415, sent=PLAIN),
    Provocation("delete", SPACE, 502, faults=("status=401",)),
    Provocation("delete", SPACE, 503, faults=("busy",)),
    Provocation(
        "delete", SPACE, 504, True, faults=(f"{LATE} method=DELETE takes_effect=false",),
        settings=IMPATIENT,
    ),
    Provocation("get", TEMPLATE, 200, settings=WHOLE_TEMPLATE),
    Provocation("get", TEMPLATE, 400, userid=ADDRESS),
    Provocation("get", TEMPLATE, 401, settings=KEY),
    Provocation("get", TEMPLATE, 403, sent=OTHER_HOST),
    Provocation("get", TEMPLATE, 404, userid="nobody"),
    Provocation("get", TEMPLATE, 409, userid="lee", settings={"SPACE_OWNER_JID": "$email$"}),
    Provocation("get", TEMPLATE, 502, faults=("status=401 server=uds",)),
    Provocation("get", TEMPLATE, 503, faults=("busy server=uds",)),
    Provocation("get", TEMPLATE, 504, faults=(f"{LATE} server=uds",), settings=IMPATIENT),
)


BY_WEBEX = {"data": {"by": "webex"}}


def usual(method: str, path: str, **rest: Any) -> tuple[Provocation, ...]:
    """Return what every operation beneath a user's Space has: from 400 for the user ID to 504."""
    other = OTHER_HOST if method == "get" else OTHER_SITE
    return (
        Provocation(method, path, 400, userid=ADDRESS, **rest),
        Provocation(method, path, 401, settings=KEY, **rest),
        Provocation(method, path, 403, sent=other),
        Provocation(method, path, 404, **rest),
        Provocation(method, path, 502, faults=("status=401 server=cms",), **rest),
        Provocation(method, path, 503, faults=("busy server=cms",), **rest),
        Provocation(
            method, path, 504, faults=(f"{LATE} server=cms",), settings=IMPATIENT, **rest
        ),
    )


PROVOCATIONS += (
    *usual("get", MEMBERS),
    Provocation("get", MEMBERS, 200, userid="ldap.user"),
    Provocation("get", MEMBERS, 409, faults=("failure=invalidOperation",)),
    *usual("put", MEMBER),
    Provocation("put", MEMBER, 200, given=True, sent={"json": {"canChangeName": True}}),
    Provocation("put", MEMBER, 409, userid="ldap.user", jid="nobody@pod6.example"),
    Provocation("put", MEMBER, 413, sent=LARGE),
    Provocation("put", MEMBER, 415, sent=PLAIN),
    *usual("delete", MEMBER),
    Provocation("delete", MEMBER, 200, given=True, member=True),
    Provocation("delete", MEMBER, 409, userid="ldap.user", jid="ldap.user@pod6.example"),
    *usual("post", PASSCODE),
    Provocation("post", PASSCODE, 200, given=True, sent={"data": {"passcode": "482915"}}),
    Provocation("post", PASSCODE, 409, given=True, sent={"data": {"role": "host"}}),
    Provocation("post", PASSCODE, 413, sent=LARGE),
    Provocation("post", PASSCODE, 415, sent=PLAIN),
    *usual("get", INVITATION),
    Provocation("get", INVITATION, 200, given=True),
    Provocation("get", INVITATION, 409, given=True, sent={"query_string": {"role": "host"}}),
    Provocation("post", INVITATION, 200, given=True, sent=BY_WEBEX),
    Provocation("post", INVITATION, 400, given=True),
    Provocation("post", INVITATION, 401, settings=KEY),
    Provocation("post", INVITATION, 403, sent=OTHER_SITE),
    Provocation("post", INVITATION, 404, sent=BY_WEBEX),
    Provocation("post", INVITATION, 409, given=True, userid="lee", sent=BY_WEBEX),
    Provocation("post", INVITATION, 413, sent=LARGE),
    Provocation("post", INVITATION, 415, sent=PLAIN),
    Provocation(
        "post", INVITATION, 502, given=True, sent=BY_WEBEX, faults=("status=401 server=webex",)
    ),
    Provocation(
        "post", INVITATION, 503, given=True, sent=BY_WEBEX, faults=("busy=60 server=webex",)
    ),
    Provocation(
        "post", INVITATION, 504, given=True, sent=BY_WEBEX, faults=(f"{LATE} server=webex",),
        settings=IMPATIENT,
    ),
    *usual("post", REPAIR),
    Provocation("post", REPAIR, 200, given=True),
    Provocation("post", REPAIR, 413, sent=LARGE),
    Provocation("post", REPAIR, 415, sent=PLAIN),
    Provocation("post", REPAIR, 409, given=True, faults=("failure=invalidOperation",)),
)

VERY_LARGE = {"data": b"x" * (MAX_TABLE_BYTES + 1), "content_type": FORM}
REMOVAL = {"json": [{"userid": "kim", "action": "remove", "coSpace": EXAMPLE_ID}]}
CREATION = {"json": [{"userid": "lee", "action": "create", "after": {"uri": "lee"}}]}
TOO_MANY = {"json": [], "query_string": {"removals": "7"}}


def on_many(
    method: str, path: str, server: str = "cms", sent: dict[str, Any] | None = None
) -> tuple[Provocation, ...]:
    """Return what every operation on many users has, or on the directory."""
    usual_sent = sent or {}
    wrong = {"query_string": {"nothing": "1"}}
    other = OTHER_HOST if method == "get" else OTHER_SITE
    return (
        Provocation(method, path, 401, settings=KEY),
        Provocation(method, path, 403, sent=other),
        Provocation(method, path, 400, userid="x" * 200, sent=wrong),
        Provocation(method, path, 502, faults=(f"status=401 server={server}",), sent=usual_sent),
        Provocation(method, path, 503, faults=(f"busy server={server}",), sent=usual_sent),
        Provocation(
            method, path, 504, faults=(f"{LATE} server={server}",), settings=IMPATIENT,
            sent=usual_sent,
        ),
    )


PROVOCATIONS += (
    *on_many("get", SPACES),
    Provocation("get", SPACES, 200, sent={"query_string": {"limit": "2"}}),
    Provocation("get", SPACES, 409, faults=("failure=invalidOperation",)),
    *on_many("post", PLAN, sent={"data": {"everyone": "true"}}),
    Provocation("post", PLAN, 200, sent={"json": ["pod6user1", "helpdesk", "nobody"]}),
    Provocation(
        "post", PLAN, 409, faults=("failure=invalidOperation",), sent={"data": {"users": "lee"}}
    ),
    Provocation("post", PLAN, 413, sent=VERY_LARGE),
    Provocation("post", PLAN, 415, sent=PLAIN),
    *on_many("post", APPLY, sent=REMOVAL),
    Provocation("post", APPLY, 200, sent=CREATION),
    Provocation("post", APPLY, 409, sent=TOO_MANY),
    Provocation("post", APPLY, 413, sent=VERY_LARGE),
    Provocation("post", APPLY, 415, sent=PLAIN),
    *on_many("get", USERS, "uds"),
    Provocation("get", USERS, 200, sent={"query_string": {"limit": "1"}}),
    *on_many("get", USER, "uds"),
    Provocation("get", USER, 200),
    Provocation("get", USER, 404, userid="nobody"),
    Provocation("get", USER, 409, twins=True),
    Provocation("get", ME, 200),
    Provocation("get", ME, 401, settings=KEY),
    Provocation("get", ME, 403, sent=OTHER_HOST),
)

DRY_OF_NOTHING = {"query_string": {"dry_run": ""}}
UNLOCK = {"data": {"ResetMailbox": "true"}}
WITH_MAILBOX = "pod6user11"


def on_unity(
    method: str, path: str, userid: str = WITH_MAILBOX, sent: dict[str, Any] | None = None
) -> tuple[Provocation, ...]:
    """Return what every operation on Unity Connection has: 401, 403, and 502 to 504."""
    asked: dict[str, Any] = {"userid": userid, "sent": sent or {}}
    other = OTHER_HOST if method == "get" else OTHER_SITE
    return (
        Provocation(method, path, 401, settings=KEY),
        Provocation(method, path, 403, sent=other),
        Provocation(method, path, 502, faults=("exception server=cuc",), **asked),
        Provocation(method, path, 503, faults=("busy server=cuc",), **asked),
        Provocation(
            method, path, 504, faults=(f"{LATE} server=cuc",), settings=IMPATIENT, **asked
        ),
    )


PROVOCATIONS += (
    *on_unity("get", UNITY),
    Provocation("get", UNITY, 200),
    *on_unity("get", LDAP_USERS),
    Provocation("get", LDAP_USERS, 200, sent={"query_string": {"filter": "lee", "limit": "2"}}),
    Provocation("get", LDAP_USERS, 400, sent={"query_string": {"filter": "a)"}}),
    Provocation("get", LDAP_USERS, 409, switches={"cuc_ldap": False}),
    *on_unity("get", MAILBOX),
    Provocation("get", MAILBOX, 200, userid=WITH_MAILBOX),
    Provocation("get", MAILBOX, 400, userid="a)"),
    Provocation("get", MAILBOX, 404, userid="nobody"),
    Provocation("get", MAILBOX, 409, userid=WITH_MAILBOX, faults=("details server=cuc",)),
    *on_unity("post", MAILBOX, "pod6user1"),
    Provocation("post", MAILBOX, 200, sent={"data": {"PIN": "482915"}}),
    Provocation("post", MAILBOX, 400, sent={"data": {"PIN": "1"}}),
    Provocation("post", MAILBOX, 404, userid="nobody"),
    Provocation("post", MAILBOX, 409, userid=WITH_MAILBOX),
    Provocation("post", MAILBOX, 413, sent=LARGE),
    Provocation("post", MAILBOX, 415, sent=PLAIN),
    *on_unity("put", MAILBOX, sent=UNLOCK),
    Provocation("put", MAILBOX, 200, userid=WITH_MAILBOX, sent=UNLOCK),
    Provocation("put", MAILBOX, 400, userid=WITH_MAILBOX),
    Provocation("put", MAILBOX, 404, userid="nobody", sent=UNLOCK),
    Provocation("put", MAILBOX, 409, userid="operator", sent=UNLOCK),
    Provocation("put", MAILBOX, 413, sent=LARGE),
    Provocation("put", MAILBOX, 415, sent=PLAIN),
    *on_unity("delete", MAILBOX),
    Provocation("delete", MAILBOX, 200, userid=WITH_MAILBOX),
    Provocation("delete", MAILBOX, 400, sent=DRY_OF_NOTHING),
    Provocation("delete", MAILBOX, 404, userid="nobody"),
    Provocation("delete", MAILBOX, 409, userid="operator"),
    Provocation("delete", MAILBOX, 413, sent=LARGE),
    Provocation("delete", MAILBOX, 415, sent=PLAIN),
)


@pytest.fixture(scope="module")
def twins() -> Iterator[Slapd]:
    """A directory with two users of one ID."""
    user = {"userName": "pod6user1"}
    with running_slapd([person(user), entry(f"cn=other,{PEOPLE}", TWIN)]) as slapd:
        yield slapd


TWIN = {"objectClass": "inetOrgPerson", "cn": "other", "sn": "?", "uid": "Pod6User1"}


def provoked(
    provocation: Provocation, pod: Pod, project: Path, request: pytest.FixtureRequest
) -> Any:
    """Return what the portal answers, its status checked."""
    settings = {**pod.settings, **senders_of(pod), **provocation.settings}
    if provocation.twins:
        settings.update(request.getfixturevalue("twins").settings("openldap"))
    app = create_app(settings, project=project)
    app.test_client_class = DocumentedClient
    portal = app.test_client()
    path = f"/api/v1{provocation.path}".format(userid=provocation.userid, jid=provocation.jid)
    if provocation.given:
        space = f"/api/v1{SPACE}".format(userid=provocation.userid)
        portal.post(space)
        portal.put(space, data=CHANGES)
    if provocation.member:
        portal.put(path)
    pod.switches.update(provocation.switches)
    for fault in provocation.faults:
        pod.faults.append(parse(fault))
    answer = portal.open(path, method=provocation.method.upper(), **provocation.sent)
    assert answer.status_code == provocation.status
    return answer.get_json()


# What is different in every answer, and what stands in the examples for it.
RECORDED = (
    (GUID, EXAMPLE_ID),
    (r"CMS at 127\.0\.0\.1:\d+", "CMS at 127.0.0.1:8445"),
    (r"UDS at 127\.0\.0\.1:\d+", "UDS at 127.0.0.1:8443"),
    (r"Webex at 127\.0\.0\.1:\d+", "Webex at 127.0.0.1:8449"),
    (r"Connection at 127\.0\.0\.1:\d+", "Connection at 127.0.0.1:8444"),
    (r"within 1 s", "within 10 s"),
    (r'"request": "\w+"', '"request": "5d0c1a7e93b2"'),
)


def record(operation_id: str, status: int, answer: Any) -> None:
    """Keep an answer as the example of a status."""
    text = json.dumps(answer)
    for pattern, word in RECORDED:
        text = re.sub(pattern, word, text)
    bodies = json.loads(EXAMPLES_FILE.read_text(encoding="utf-8"))
    bodies.setdefault(operation_id, {})[str(status)] = json.loads(text)
    recorded = json.dumps(bodies, ensure_ascii=False, indent=1)
    EXAMPLES_FILE.write_text(f"{recorded}\n", encoding="utf-8")


def what_matters(answer: Any) -> Any:
    """Return what an answer says to programs: all of a success, and which failure it is."""
    if isinstance(answer, dict) and not answer["success"]:
        return {**answer["error"], "request": ""}
    return generic(json.dumps(answer, sort_keys=True))


@pytest.mark.parametrize(
    "provocation", PROVOCATIONS, ids=lambda each: f"{each.method} {each.path} {each.status}"
)
def test_the_examples_are_what_the_portal_really_answers(
    request: pytest.FixtureRequest, specification: dict[str, Any], pod: Pod, tmp_path: Path,
    provocation: Provocation,
) -> None:
    operation = specification["paths"][provocation.path][provocation.method]
    example = operation["responses"][str(provocation.status)]["examples"]["application/json"]
    answer = provoked(provocation, pod, tmp_path, request)
    if request.config.getoption("--record-examples"):
        record(operation["operationId"], provocation.status, answer)
    else:
        assert what_matters(answer) == what_matters(example)


def test_no_documented_status_goes_without_being_provoked(specification: dict[str, Any]) -> None:
    assert {(each.method, each.path, each.status) for each in PROVOCATIONS} == {
        (method, path, int(status))
        for method, path, operation in documented(specification)
        for status in operation["responses"]
    }
