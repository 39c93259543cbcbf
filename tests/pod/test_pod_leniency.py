"""What a simulated CMS takes and says as servers in the field do, unless it is switched strict."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
import xmltodict
from support.cms_answers import Send

from flaskr.pod import Pod

Create = Callable[..., str]


def shown(cms: Send, place: str) -> dict[str, str]:
    return dict(xmltodict.parse(cms("GET", place).content)["coSpace"])


@pytest.mark.parametrize(("switch", "data"), [
    ("lenient_names", {"SECONDARYURI": "upper"}),
    ("lenient_booleans", {"nonMemberAccess": "False"}),
    ("ignore_unknown_parameters", {"colour": "red"}),
])
def test_a_cms_is_lenient_unless_it_is_switched_strict(
    pod: Pod, cms: Send, switch: str, data: dict[str, str]
) -> None:
    assert cms("POST", "/coSpaces", data=data).status_code == 200
    pod.switches.update({"ignore_unknown_parameters": False, switch: False})
    answer = cms("POST", "/coSpaces", data=data)
    assert answer.status_code == 400
    found = xmltodict.parse(answer.content)["failureDetails"]["parameterError"]
    assert found["@parameter"] in data


def test_what_is_spelt_otherwise_is_kept_as_the_document_spells_it(
    cms: Send, create: Create
) -> None:
    found = shown(cms, create(secondaryuri="one", NONMEMBERACCESS="FALSE", Name="n"))
    assert (found["secondaryUri"], found["nonMemberAccess"], found["name"]) == (
        "one", "false", "n",
    )


def test_a_parameter_in_two_spellings_is_given_twice(cms: Send) -> None:
    assert cms("POST", "/coSpaces", data={"uri": "a", "URI": "b"}).status_code == 400


@pytest.mark.parametrize("name", ["tenantFilter", "tenantfilter"])
def test_filters_are_taken_in_any_spelling(cms: Send, name: str) -> None:
    wanted = {name: "00000000-0000-4000-8000-000000000000"}
    listed = xmltodict.parse(cms("GET", "/coSpaces", params=wanted).content)
    assert listed["coSpaces"]["@total"] == "0"


def test_a_page_of_spaces_has_20_and_of_other_objects_10(cms: Send) -> None:
    spaces = xmltodict.parse(cms("GET", "/coSpaces?limit=50").content)["coSpaces"]
    users = xmltodict.parse(cms("GET", "/users?limit=50").content)["users"]
    assert (len(spaces["coSpace"]), len(users["user"])) == (20, 10)


@pytest.mark.parametrize("status", [200, 401])
def test_answers_have_the_headers_of_captures(cms: Send, status: int) -> None:
    options = {"auth": ("nobody", "wrong")} if status == 401 else {}
    answer = cms("GET", "/coSpaces", **options)
    assert answer.status_code == status
    assert answer.headers["Server"] == "Apache"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_the_first_answer_of_a_connection_promises_100_requests_and_5_seconds(cms: Send) -> None:
    headers = {"Connection": "close"}
    cms("GET", "/coSpaces", headers=headers)
    assert cms("GET", "/coSpaces").headers["Keep-Alive"] == "timeout=5, max=100"
    assert cms("GET", "/coSpaces").headers["Keep-Alive"] == "timeout=5, max=99"


def test_the_last_answer_of_a_connection_closes_it(pod: Pod, cms: Send) -> None:
    pod.switches.connection_requests = 2
    assert cms("GET", "/coSpaces").headers["Connection"] == "keep-alive"
    assert cms("GET", "/coSpaces").headers["Connection"] == "close"
    assert cms("GET", "/coSpaces").headers["Connection"] == "keep-alive"


def test_a_body_is_compressed_when_that_is_asked_for(cms: Send) -> None:
    plain = cms("GET", "/coSpaces", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    packed = cms("GET", "/coSpaces", headers={"Accept-Encoding": "gzip;q=0.5"}, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw.read()) == plain.content
    refused = cms("GET", "/coSpaces", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_nothing_is_compressed_where_there_is_no_body(cms: Send) -> None:
    assert "Content-Encoding" not in cms("POST", "/coSpaces").headers


def test_a_secret_has_the_form_of_captures(cms: Send, create: Create) -> None:
    secret = shown(cms, create(callId="1234567"))["secret"]
    assert len(secret) == 22
    assert set(secret) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._"
    )
