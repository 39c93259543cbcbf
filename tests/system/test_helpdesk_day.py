"""A help desk's day: one page that is open all day, in front of a company of 5000; then keys."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect
from support.facts import SETTINGS_OF_TESTS
from support.helpdesk import (
    ROWS, WITH_HOSTS, confirm, end_faults, fault, find, make_plan, open_person, plan_file, press,
    sign_in, switch,
)
from support.processes import LAB, Running, copy_project, running
from support.targets import production
from support.timing import timed

from flaskr import create_app
from flaskr.access.roles import KeyRole

OWNER = "lee@pod6.example"


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    with running(*LAB, "--company", "5000", "--seed", "7", environment=WITH_HOSTS) as lab:
        yield lab


@timed
def test_a_help_desks_day(page: Page, lab: Running) -> None:
    control = re.findall(r"their faults +(\S+)", lab.output)[0]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(lab.portal)
    somebody_gets_a_space(page)
    all_of_it_can_be_changed(page)
    it_is_deleted_by_mistake_and_put_back(page)
    a_list_with_errors_comes(page, lab.portal)
    everyone_is_planned_for(page, lab.portal)
    a_part_is_applied(page)
    cms_goes_away_in_the_middle(page, control)
    the_directory_still_answers(page)
    cms_is_back_and_the_rest_is_done(page, control)


def somebody_gets_a_space(page: Page) -> None:
    find(page, "Lee Alder")
    page.get_by_role("link", name="Lee Alder").click()
    expect(page.locator("#space")).to_contain_text("There is no Space in CMS")
    press(page, "Create the Space")
    expect(page.locator("#notices")).to_contain_text("created")
    expect(page.locator("#members li")).to_contain_text([OWNER])


def all_of_it_can_be_changed(page: Page) -> None:
    press(page, "New passcode")
    page.get_by_role("radio", name="Hosts").check()
    press(page, "Make a new passcode")
    passcode = page.locator("dialog .passcode").inner_text()
    assert re.fullmatch(r"\d{6,}", passcode)
    press(page, "Close")
    expect(page.locator("#join dl").last).to_contain_text(passcode)
    press(page, "Copy the invitation: hosts")
    assert passcode in page.evaluate("navigator.clipboard.readText()")
    press(page, "Copy the invitation: guests")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("You are invited to Lee Alder's Space.")
    assert passcode not in copied

    press(page, "Edit")
    page.get_by_label("Name", exact=True).fill("Sales")
    page.get_by_label("Layout").select_option("allEqual")
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        press(page, "Save")
    assert sent.value.post_data_json == {"name": "Sales", "defaultLayout": "allEqual"}
    expect(page.locator("#space dl")).to_contain_text("Sales")
    press(page, "Quarantine")
    confirm(page, "Quarantine")
    expect(page.locator("#space")).to_contain_text("In quarantine")


def it_is_deleted_by_mistake_and_put_back(page: Page) -> None:
    press(page, "Delete")
    expect(page.get_by_role("dialog", name="Delete “Sales”?")).to_be_visible()
    confirm(page, "Delete")
    expect(page.locator("#space")).to_contain_text("There is no Space in CMS")
    press(page, "Put “Sales” back")
    expect(page.locator("#space dl")).to_contain_text("Sales")
    expect(page.locator("#deleted")).to_be_hidden()
    expect(page.locator("#members")).to_contain_text("Nobody is a member")
    press(page, "Repair")
    expect(page.locator("#members li")).to_contain_text([OWNER])


def a_list_with_errors_comes(page: Page, portal: str) -> None:
    lines = ["userid,name,callId", "lee,Lee Room,4.08E+09", "pod6user2,Lab 2,", "nobody,,"]
    plan_file(page, portal, "\n".join(lines))
    expect(page.locator(ROWS)).to_have_count(3)
    expect(page.locator("#rows")).to_contain_text("line 2, callId: 4.08E+09 is what a spreadsheet")
    assert (page.locator("#rows").bounding_box() or {"height": 0})["height"] < 250
    press(page, "refuse 2")
    expect(page.locator("#shown")).to_have_text("2 of 3 rows shown, 1 ticked.")
    plan_file(page, portal, "userid,nome\nlee,Lee")
    expect(page.locator("#planning")).to_contain_text('There is no argument "nome"')


def everyone_is_planned_for(page: Page, portal: str) -> None:
    page.get_by_role("radio", name="All of the directory").check()
    make_plan(page, portal)
    expect(page.locator("#shown")).to_contain_text(re.compile(r"^(5,\d+) of \1 rows shown, "))
    expect(page.get_by_role("img", name=re.compile(r"The plan has \d+ create, "))).to_be_visible()
    assert page.locator(ROWS).count() < 50
    show_rows(page, "", "pod6user2")
    press(page, "pod6user2")
    dialog = page.get_by_role("dialog", name="pod6user2: create")
    expect(dialog).to_contain_text("Pod6 User2's Space")
    page.keyboard.press("Escape")
    show_rows(page, "", "")


def a_part_is_applied(page: Page) -> None:
    press(page, "Untick all shown")
    expect(page.locator("#apply")).to_have_attribute("aria-disabled", "true")
    show_rows(page, "create", "pod6user")
    press(page, "Tick all shown")
    page.get_by_role("checkbox", name="Apply to pod6user2", exact=True).uncheck()
    ticked = int(re.findall(r"(\d+) ticked", page.locator("#shown").inner_text())[0])
    page.locator("#apply").click()
    expect(page.get_by_role("dialog")).to_contain_text(f"In CMS: {ticked} create.")
    confirm(page, "Apply")
    expect(page.locator("#applied")).to_have_text(f"Applied: {ticked} done.")
    expect(page.locator("#applied")).to_be_focused()
    expect(page.get_by_role("checkbox", name="Apply to pod6user3", exact=True)).to_be_disabled()
    outcomes = page.locator(ROWS).filter(has_not_text=re.compile("done"))
    expect(outcomes).to_have_count(1)
    expect(outcomes).to_contain_text("pod6user2")


def cms_goes_away_in_the_middle(page: Page, control: str) -> None:
    show_rows(page, "create", "an")  # some 40
    press(page, "Tick all shown")
    fault(control, fault="late", value=0.5, server="cms", method="POST", path="/coSpaces")
    page.locator("#apply").click()
    confirm(page, "Apply")
    expect(page.locator("#left")).to_contain_text(re.compile(r"^[1-9]\d* of "))
    switch(control, call_bridges_down="cms")
    expect(page.locator("#chips")).to_contain_text("failed")
    expect(page.locator("#stop-apply")).to_be_focused()
    page.keyboard.press("Enter")
    stopped = re.compile(r"^Stopped: .*\d+ failed, \d+ not reached")
    expect(page.locator("#applied")).to_contain_text(stopped)


def the_directory_still_answers(page: Page) -> None:
    page.get_by_role("link", name="Find", exact=True).click()
    find(page, "Lee Alder")
    expect(page.locator("#spaces").get_by_role("alert")).to_contain_text("CMS at 127.0.0.1")
    page.get_by_role("link", name="Lee Alder").click()
    expect(page.locator("#entry dl")).to_contain_text("6110")
    expect(page.locator("#space").get_by_role("alert")).to_contain_text("CMS at 127.0.0.1")


def cms_is_back_and_the_rest_is_done(page: Page, control: str) -> None:
    switch(control, call_bridges_down="")
    end_faults(control)
    press(page, "Try again")
    expect(page.locator("#space dl")).to_contain_text("Sales")
    page.get_by_role("link", name="Everyone").click()
    press(page, "Plan again for what is left")
    expect(page.locator("#plan-about")).to_contain_text("Planned again")
    page.locator("#apply").click()
    confirm(page, "Apply")
    expect(page.locator("#applied")).to_contain_text(re.compile(r"^Applied.*: \d+ done"))


def show_rows(page: Page, kind: str, text: str) -> None:
    """Show the rows of a kind with a text."""
    page.locator(f"#chips [data-kind='{kind}']").click()
    page.get_by_label("Show rows with").fill(text)


# With keys.

CHANGES = (
    "Create the Space", "Edit", "Repair", "New passcode", "Quarantine", "Add a member", "Delete",
)
OFFERED: Mapping[KeyRole, Collection[str]] = {
    KeyRole.READER: (), KeyRole.HELPDESK: CHANGES[:-1], KeyRole.ADMIN: CHANGES,
}


class Keyed(NamedTuple):
    """A portal, and a key of each role."""

    address: str
    keys: Mapping[KeyRole, str]


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    project = tmp_path_factory.mktemp("project")
    copy_project(project)
    commands = create_app(SETTINGS_OF_TESTS, project=project).test_cli_runner()

    def add(role: KeyRole) -> str:
        added = commands.invoke(args=["keys", "add", "desk", "--role", role.value])
        return added.stdout.strip()

    keys = {role: add(role) for role in KeyRole}
    with production(project) as portal:
        yield Keyed(f"http://127.0.0.1:{portal.port}", keys)


@pytest.mark.parametrize("role", KeyRole)
def test_what_a_role_may_not_do_is_not_offered(page: Page, keyed: Keyed, role: KeyRole) -> None:
    page.goto(keyed.address)
    sign_in(page, keyed.keys[role])
    expect(page.locator("#who")).to_have_text(f"Role {role.value}")
    assert offered(page, keyed, "pod6user1", "pod6user10") == set(OFFERED[role])
    expect(page.get_by_role("button", name="Copy the invitation: guests")).to_be_visible()
    make_plan(page, keyed.address)
    expect(page.locator("#apply")).to_be_visible(visible=role is KeyRole.ADMIN)
    expect(page.locator("#may-not")).to_be_visible(visible=role is not KeyRole.ADMIN)


def offered(page: Page, keyed: Keyed, *userids: str) -> set[str]:
    """Return which changes are offered on the pages of these people."""
    found: set[str] = set()
    for userid in userids:
        open_person(page, keyed.address, userid)
        expect(page.locator("[aria-busy]")).to_have_count(0)
        buttons = set(page.get_by_role("button").all_inner_texts())
        found |= buttons.intersection(CHANGES)
    return found


@pytest.mark.parametrize("role", [KeyRole.HELPDESK, KeyRole.ADMIN])
def test_to_do_it_all_the_same_is_an_admins(page: Page, keyed: Keyed, role: KeyRole) -> None:
    page.goto(keyed.address)
    sign_in(page, keyed.keys[role])
    page.goto(f"{keyed.address}/#/person/fleet")
    press(page, "Quarantine")
    confirm(page, "Quarantine")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("fleet")
    forced = page.get_by_role("button", name="Do it all the same")
    expect(forced).to_be_visible(visible=role is KeyRole.ADMIN)
