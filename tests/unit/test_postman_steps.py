"""What the runner of Postman collections makes of a collection, before it sends anything."""

from typing import Any

from postman.order import Nodes, in_order
from postman.steps import Field, Step, read_steps
from postman.values import Values


def request(method: str, path: str, **form: Any) -> dict[str, Any]:
    entries = [{"key": name, "value": value, "disabled": True} for name, value in form.items()]
    return {
        "request": {
            "method": method,
            "url": {"raw": f"https://{{{{host}}}}/api/v1/{path}"},
            "body": {"mode": "urlencoded", "urlencoded": entries},
        }
    }


def steps_of(*requests: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the steps as text, and how many corrections there were."""
    steps, notes = read_steps({"item": [{"item": list(requests)}]})
    return [str(step) for step in steps], notes


OBJECT = request("GET", "tenants/{{tenantID}}")


def test_requests_are_found_in_folders_and_without_their_host() -> None:
    steps, notes = read_steps({"item": [{"item": [request("POST", "tenants?", name="String")]}]})
    assert steps == [Step("POST", "tenants", (Field("name", ("String",), enabled=False),))]
    assert notes == []


def test_a_missing_slash_is_put_before_an_id() -> None:
    steps, notes = steps_of(request("GET", "tenants{{tenantID}}/effective"))
    assert steps == ["GET tenants/{{tenantID}}/effective"]
    assert notes == [
        "GET tenants{{tenantID}}/effective is sent as GET tenants/{{tenantID}}/effective"
    ]


def test_a_change_of_a_list_is_one_of_an_object() -> None:
    steps, notes = steps_of(OBJECT, request("PUT", "tenants"))
    assert steps[1] == "PUT tenants/{{tenantID}}"
    assert len(notes) == 1


def test_a_second_creation_is_a_change_of_an_object() -> None:
    steps, notes = steps_of(OBJECT, request("POST", "tenants"), request("POST", "tenants"))
    assert steps[1:] == ["POST tenants", "PUT tenants/{{tenantID}}"]
    assert len(notes) == 1


def test_an_id_of_something_else_is_that_of_what_the_field_is_called() -> None:
    changing = request("PUT", "system/profiles", tenant="{{userID}}")
    steps, notes = read_steps({"item": [OBJECT, request("GET", "users/{{userID}}"), changing]})
    assert steps[2].form[0].words == ("{{tenantID}}",)
    assert notes == ["PUT system/profiles is sent as PUT system/profiles tenant={{tenantID}}"]


def test_what_is_right_is_left_as_it_is() -> None:
    written = [OBJECT, request("PUT", "tenants/{{tenantID}}", server="{{ldapServerID}}")]
    assert steps_of(*written)[1] == []


def test_parents_and_what_is_referred_to_come_first_and_go_last() -> None:
    written = [
        Step("DELETE", "tenants/{{tenantID}}"),
        Step("DELETE", "coSpaces/{{coSpaceID}}"),
        Step("DELETE", "coSpaces/{{coSpaceID}}/accessMethods/{{accessMethodID}}"),
        Step("PUT", "coSpaces/{{coSpaceID}}"),
        Step("POST", "coSpaces/{{coSpaceID}}/diagnostics"),
        Step("POST", "coSpaces/{{coSpaceID}}/accessMethods"),
        Step("POST", "coSpaces", (Field("tenant", ("{{tenantID}}",)),)),
        Step("GET", "system/diagnostics/{{diagnosticsID}}"),
        Step("GET", "coSpaces/{{coSpaceID}}"),
        Step("POST", "tenants"),
        Step("GET", "coSpaces"),
    ]
    assert [str(step) for step in in_order(Nodes(written))] == [
        "GET coSpaces",
        "POST tenants",
        "POST coSpaces",
        "POST coSpaces/{{coSpaceID}}/accessMethods",
        "GET coSpaces/{{coSpaceID}}",
        "PUT coSpaces/{{coSpaceID}}",
        "POST coSpaces/{{coSpaceID}}/diagnostics",
        "GET system/diagnostics/{{diagnosticsID}}",
        "DELETE coSpaces/{{coSpaceID}}/accessMethods/{{accessMethodID}}",
        "DELETE coSpaces/{{coSpaceID}}",
        "DELETE tenants/{{tenantID}}",
    ]


def test_values_are_of_the_kind_that_the_placeholder_says() -> None:
    known = {"tenantID": "an ID"}
    values = Values(lambda name: known.get(name, ""), lambda: "lee@example.com")
    fields = (
        Field("name", ("String",)), Field("importance", ("Number",)), Field("site", ("URL",)),
        Field("locked", ("true", "false")), Field("tenant", ("{{tenantID}}",)),
        Field("guest", ("{{unknownID}}",)), Field("callId", ("String",)),
        Field("ownerJid", ("String",)), Field("shown", ("Number", "permanent")),
    )
    made = values.fill(fields)
    assert made.pop("name").isalnum()
    assert made.pop("site").startswith("https://")
    assert made.pop("callId").isdecimal()
    assert made == {
        "importance": "2", "locked": "true", "tenant": "an ID", "ownerJid": "lee@example.com",
        "shown": "9",
    }


def test_a_change_has_other_values_than_a_creation() -> None:
    values = Values(lambda name: "", lambda: "")
    fields = (
        Field("name", ("String",)), Field("locked", ("true", "false")),
        Field("importance", ("Number",)), Field("callId", ("String",)),
    )
    made, changed = values.fill(fields), values.fill(fields, other=True)
    assert not made.items() & changed.items()
