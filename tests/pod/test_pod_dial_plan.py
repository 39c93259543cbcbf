"""Dial plan, IVRs, tenants and Call Bridges that get in each other's way, on the wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from support.cms_answers import added_id, codes, Send

from flaskr.pod.cms.start import TENANTS

Create = Callable[..., str]

RULES, IVRS, GROUPS = "/inboundDialPlanRules", "/ivrs", "/tenantGroups"
RED, BLUE = TENANTS


def join(cms: Send, tenant: str, group: str) -> requests.Response:
    """Put a tenant into a group, or out of all with an empty one."""
    return cms("PUT", f"/tenants/{tenant}", data={"tenantGroup": group})


@pytest.fixture
def both_have_a_uri(create: Create) -> None:
    for tenant in TENANTS:
        create(uri="board", tenant=tenant)


@pytest.mark.usefixtures("both_have_a_uri")
def test_a_rule_for_all_tenants_is_refused_where_two_have_a_uri(cms: Send) -> None:
    data = {"domain": "pod6.example", "resolveTocoSpaces": "true"}
    assert codes(cms("POST", RULES, data=data)) == ["inboundDialPlanRuleUriConflict"]
    rule = added_id(cms, RULES, **data, tenant=RED)
    assert codes(cms("PUT", f"{RULES}/{rule}", data={"tenant": ""})) == [
        "inboundDialPlanRuleUriConflict"
    ]
    added_id(cms, RULES, domain="x.example", resolveTocoSpaces="false")


def test_a_rule_for_all_tenants_is_made_where_each_uri_is_ones(
    cms: Send, create: Create
) -> None:
    create(uri="mine", secondaryUri="mine", tenant=RED)
    create(uri="mine")
    added_id(cms, RULES, domain="pod6.example", resolveTocoSpaces="true")


def test_uris_of_access_methods_count_too(cms: Send, create: Create) -> None:
    create(secondaryUri="Desk", tenant=RED)
    added_id(cms, create(tenant=BLUE) + "/accessMethods", uri="desk")
    answer = cms("POST", RULES, data={"domain": "pod6.example"})
    assert codes(answer) == ["inboundDialPlanRuleUriConflict"]


@pytest.mark.parametrize("values", [{}, {"tenant": RED}])
def test_two_ivrs_of_one_tenant_have_two_uris(cms: Send, values: dict[str, str]) -> None:
    added_id(cms, IVRS, uri="Menu", **values)
    assert codes(cms("POST", IVRS, data={"uri": "mENU", **values})) == ["ivrUriConflict"]
    added_id(cms, IVRS, uri="menu", tenant=BLUE)
    other = added_id(cms, IVRS, uri="other", **values)
    assert codes(cms("PUT", f"{IVRS}/{other}", data={"uri": "menu"})) == ["ivrUriConflict"]
    assert cms("PUT", f"{IVRS}/{other}", data={"uri": "other"}).status_code == 200


def test_an_ivr_of_a_group_is_one_of_each_of_its_tenants(cms: Send) -> None:
    group = added_id(cms, GROUPS)
    join(cms, RED, group)
    added_id(cms, IVRS, uri="menu", tenantGroup=group)
    assert codes(cms("POST", IVRS, data={"uri": "menu", "tenant": RED})) == ["ivrUriConflict"]
    assert codes(cms("POST", IVRS, data={"uri": "menu", "tenantGroup": group})) == [
        "ivrUriConflict"
    ]
    added_id(cms, IVRS, uri="menu", tenant=BLUE)
    added_id(cms, IVRS, uri="menu", tenantGroup=added_id(cms, GROUPS))


def test_ivrs_without_a_uri_are_not_in_each_others_way(cms: Send) -> None:
    for _ in range(2):
        added_id(cms, IVRS)


def test_a_tenant_can_not_join_a_group_that_has_one_of_its_call_ids(
    cms: Send, create: Create
) -> None:
    group, other = added_id(cms, GROUPS), added_id(cms, GROUPS)
    join(cms, RED, group)
    create(callId="4711", tenant=RED)
    create(callId="4711", tenant=BLUE)
    assert codes(join(cms, BLUE, group)) == ["tenantGroupCoSpaceIdConflict"]
    assert "tenantGroup" not in cms("GET", f"/tenants/{BLUE}").text
    assert join(cms, BLUE, other).status_code == 200
    assert codes(join(cms, RED, other)) == ["tenantGroupCoSpaceIdConflict"]


def test_a_call_id_of_an_access_method_is_in_the_way_too(cms: Send, create: Create) -> None:
    group = added_id(cms, GROUPS)
    join(cms, RED, group)
    added_id(cms, create(tenant=RED) + "/accessMethods", callId="4711")
    create(callId="4711")
    assert codes(join(cms, RED, "")) == ["tenantGroupCoSpaceIdConflict"]


def test_a_group_stays_while_its_call_ids_are_those_of_others(
    cms: Send, create: Create
) -> None:
    group = added_id(cms, GROUPS)
    join(cms, RED, group)
    place = create(callId="4711", tenant=RED)
    create(callId="4711")
    assert codes(cms("DELETE", f"{GROUPS}/{group}")) == ["tenantGroupCoSpaceIdConflict"]
    assert group in cms("GET", f"/tenants/{RED}").text
    cms("PUT", place, data={"callId": "4712"})
    assert cms("DELETE", f"{GROUPS}/{group}").status_code == 200
    assert group not in cms("GET", f"/tenants/{RED}").text


def test_a_call_bridge_has_a_name_of_its_own(cms: Send) -> None:
    added_id(cms, "/callBridges", name="one")
    two = added_id(cms, "/callBridges", name="two")
    assert codes(cms("POST", "/callBridges", data={"name": "one"})) == ["duplicateCallBridgeName"]
    answer = cms("PUT", f"/callBridges/{two}", data={"name": "one"})
    assert codes(answer) == ["duplicateCallBridgeName"]
    assert cms("PUT", f"/callBridges/{two}", data={"name": "two"}).status_code == 200
