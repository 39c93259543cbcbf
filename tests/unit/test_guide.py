"""The lab guide's own snippets: its classes on their own, its names, its dictionaries."""

import inspect

import pytest
import responses
from responses import matchers
from support.failures import failure_of

from flaskr.cms.v1.cms import CMS
from flaskr.cuc.v1.cupi import CUPI
from flaskr.rest.v1.rest import REST
from flaskr.uds.v1.uds import UDS

HOST = "cms.pod6.example"
ID = "b449de90-9dc5-4bed-9c65-a09a321d2bd9"


def test_the_classes_take_the_guides_arguments_in_its_order() -> None:
    for client, expected in (
        (REST, "host username password base_url headers port"),
        (CMS, "host username password port"),
        (UDS, "host username password port"),
        (CUPI, "host username password port"),
    ):
        parameters = inspect.signature(client).parameters.values()
        by_position = [each for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
        assert [each.name for each in by_position] == expected.split()
        others = [each for each in parameters if each.kind is each.KEYWORD_ONLY]
        assert all(each.default is not each.empty for each in others)
    assert inspect.signature(CMS).parameters["port"].default == 443
    assert inspect.signature(UDS).parameters["port"].default == 8443
    assert inspect.signature(CUPI).parameters["port"].default == 443


def test_the_request_methods_take_the_guides_arguments_in_its_order() -> None:
    for method in (CMS._cms_request, CUPI._cupi_request, REST._send_request):
        every = inspect.signature(method).parameters.values()
        parameters = [each for each in every if each.kind is each.POSITIONAL_OR_KEYWORD]
        names = [each.name for each in parameters]
        assert names == ["self", "api_method", "parameters", "payload", "http_method"]
        assert [each.default for each in parameters][2:] == [None, None, "GET"]


def test_a_page_of_spaces_is_asked_for(wire: responses.RequestsMock) -> None:
    wire.get(
        f"https://{HOST}:443/api/v1/coSpaces",
        body=f'<coSpaces total="11"><coSpace id="{ID}"><uri>sales</uri></coSpace></coSpaces>',
        match=[
            matchers.query_param_matcher({"offset": "10"}),
            matchers.header_matcher({"Authorization": "Basic YWRtaW46c2VjcmV0"}),
        ],
    )
    cms = CMS(HOST, "admin", "secret")
    assert cms._cms_request("coSpaces", parameters={"offset": 10}) == {
        "success": True,
        "message": f"CMS at {HOST}:443, GET coSpaces: retrieved.",
        "response": {"coSpaces": {"@total": "11", "coSpace": [{"@id": ID, "uri": "sales"}]}},
    }


def test_a_space_is_created_changed_and_deleted(wire: responses.RequestsMock) -> None:
    cms = CMS(HOST, "admin", "secret", 445)
    url = f"https://{HOST}:445/api/v1/coSpaces"
    location = f"/api/v1/coSpaces/{ID}"
    payload = {"name": "Sales", "uri": "sales"}
    form = [matchers.urlencoded_params_matcher(payload)]
    wire.post(url, headers={"Location": location}, match=form)
    wire.put(f"{url}/{ID}", match=[matchers.urlencoded_params_matcher({"name": "New"})])
    wire.delete(f"{url}/{ID}")
    created = cms._cms_request("coSpaces", payload=payload, http_method="POST")
    path = f"coSpaces/{created['response']}"
    changed = cms._cms_request(path, payload={"name": "New"}, http_method="PUT")
    deleted = cms._cms_request(path, http_method="DELETE")
    assert (created["success"], created["response"]) == (True, ID)
    for done, said in ((changed, "PUT"), (deleted, "DELETE")):
        assert (done["success"], done["response"]) == (True, "")
        assert f"{said} coSpaces/{ID}: " in done["message"]


@pytest.mark.parametrize("status", [400, 401, 500])
def test_a_failure_is_a_dictionary_too(wire: responses.RequestsMock, status: int) -> None:
    body = "<failureDetails><duplicateCoSpaceUri/></failureDetails>" if status == 400 else ""
    wire.post(f"https://{HOST}:443/api/v1/coSpaces", status=status, body=body)
    cms = CMS(HOST, "admin", "secret")
    failure = failure_of(cms.request, "coSpaces", payload={"uri": "x"}, http_method="POST")
    assert cms._cms_request("coSpaces", payload={"uri": "x"}, http_method="POST") == {
        "success": False, "message": failure.message, "response": ""
    }


@pytest.mark.parametrize(
    ("user", "num_found"),
    [("", 0), ("<user><userName>pod6user1</userName><lastName/></user>", 1)],
)
def test_a_user_comes_with_how_many_were_found(
    wire: responses.RequestsMock, user: str, num_found: int
) -> None:
    body = f'<users totalCount="{num_found}">{user}</users>'
    wire.get(f"https://{HOST}:8443/cucm-uds/users", body=body)
    found = UDS(HOST).get_user("pod6user1")
    assert list(found) == ["success", "message", "response", "num_found"]
    assert (found["success"], found["num_found"]) == (True, num_found)
    assert found["response"] == ({"userName": "pod6user1", "lastName": ""} if num_found else "")


def test_a_directory_that_fails_has_found_nobody(wire: responses.RequestsMock) -> None:
    wire.get(f"https://{HOST}:8443/cucm-uds/users", status=503)
    found = UDS(HOST, timeout=0.01).get_user("pod6user1")
    assert list(found) == ["success", "message", "response", "num_found"]
    assert (found["success"], found["response"], found["num_found"]) == (False, "", 0)
