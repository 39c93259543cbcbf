"""The help desk's page in a real browser: what it does, and each state of it, looked at."""

import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from support.browsers import CONTRASTS, KEY, SCROLLS_SIDEWAYS
from support.helpdesk import (
    WITH_HOSTS, confirm, end_faults, fault, find, make_plan, open_person, press,
)
from support.processes import LAB, Running, curl, need, running
from support.timing import timed

from flaskr.provisioning.members import RIGHTS

pytestmark = timed

AXE = "axe-core@4.14.1"
AXE_FILE = Path(sys.prefix, "node_modules", "axe-core", "axe.min.js")
# What axe finds fault with: which rule, and where.
FINDINGS = """
async () => (await axe.run(document, { runOnly: [
  "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }))
  .violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120))}`)
"""
# 1.6 Mbit/s, as bytes a second, and 50 ms to answer.
SLOW_LINE = {
    "offline": False, "latency": 50, "downloadThroughput": 200_000, "uploadThroughput": 200_000
}
WITHOUT_SPACE, WITH_SPACE = "pod6user1", "pod6user10"


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    with running(*LAB, "--company", "300", environment=WITH_HOSTS) as lab:
        yield lab


@pytest.fixture(scope="module")
def axe() -> str:
    need(AXE_FILE.exists(), f"This needs axe-core: npm install --prefix {sys.prefix} {AXE}")
    return AXE_FILE.read_text(encoding="utf-8")


@pytest.fixture
def control(lab: Running) -> str:
    """The address of the pod's control port."""
    return str(re.findall(r"their faults +(\S+)", lab.output)[0])


def test_the_page_says_what_it_is_of_and_whom_to_try(page: Page, portal: str) -> None:
    page.goto(portal)
    expect(page).to_have_title("Find a person or a Space – LTRCOL-2574 Portal")
    expect(page.get_by_role("note")).to_contain_text("This is the lab: all servers are simulated")
    page.get_by_role("note").get_by_role("link", name=WITH_SPACE).click()
    expect(page.locator("#person-title")).to_contain_text("Pod6 User10")
    page.get_by_role("link", name="API, for engineers").click()
    expect(page).to_have_url(f"{portal}/api/v1/")


def test_it_can_be_used_within_a_second_on_a_slow_line(page: Page, portal: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW_LINE)
    assert min(seconds_to_use(page, portal) for _ in range(3)) < 1


def seconds_to_use(page: Page, portal: str) -> float:
    """Load the page anew; return after how long something can be typed there."""
    page.goto("about:blank")
    start = time.monotonic()
    page.goto(portal, wait_until="commit")
    page.locator("#text:focus").wait_for()
    return time.monotonic() - start


def test_people_are_found_and_whose_space_a_number_is(page: Page, portal: str) -> None:
    page.goto(portal)
    find(page, "lee")
    expect(page.locator("#people li")).to_have_count(5)
    find(page, "+1 (408) 555-0110")
    expect(page.locator("#spaces li")).to_contain_text(["Space exactly this"])
    page.locator("#spaces a").click()
    expect(page.locator("#space dl")).to_contain_text("+14085550110")
    page.get_by_role("link", name="Back to what was found for “+1 (408) 555-0110”").click()
    expect(page.locator("#spaces li")).to_have_count(1)
    expect(page.get_by_role("searchbox", name="User ID, name or number")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "+1 (408) 555-0110"
    find(page, "nobody at all")
    expect(page.locator("#people")).to_contain_text("The directory has nobody")
    expect(page.locator("#spaces")).to_contain_text("No Space has this")


def test_why_there_is_no_space_is_said_and_it_can_be_made_without_the_number(
    page: Page, portal: str
) -> None:
    open_person(page, portal, "doneill")
    expect(page.locator("#space .why")).to_contain_text("the Space \"Dan O'Brien's Space\"")
    page.goto(f"{portal}/#/person/twin1")
    expect(page.locator("#space .why")).to_contain_text("6120, is shared with twin2")
    press(page, "Create it without the telephone number")
    expect(page.locator("#space dl")).to_contain_text("twin1")
    expect(page.locator("#space dl")).not_to_contain_text("6120")


def test_what_was_begun_on_one_persons_page_is_not_shown_on_anothers(
    page: Page, portal: str
) -> None:
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)
        if route.request.method == "GET":
            route.continue_()

    page.route(f"**/cms/spaces/{WITHOUT_SPACE}", hold)
    open_person(page, portal, WITHOUT_SPACE)
    press(page, "Create the Space")
    page.get_by_role("note").get_by_role("link", name="lee-ann").click()
    expect(page.locator("#space dl")).to_contain_text("Lee-Ann Cedar's Space")
    asked[-1].continue_()
    expect(page.locator("#notices")).to_contain_text("created")
    expect(page.locator("#space dl")).to_contain_text("Lee-Ann Cedar's Space")
    assert [route.request.method for route in asked] == ["GET", "POST"]


def test_whose_space_is_nobodys_own_is_changed_only_where_it_is_meant(
    page: Page, portal: str
) -> None:
    page.goto(f"{portal}/#/person/fleet")
    expect(page.locator("#entry")).to_contain_text("CUCM has no user")
    press(page, "Delete")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(dialog.get_by_role("alert")).to_contain_text("fleet")
    press(page, "Do it all the same")
    expect(page.locator("#space")).to_contain_text("There is no Space in CMS")


def test_how_many_leavers_lose_their_space_is_said_and_sent(page: Page, portal: str) -> None:
    page.goto(f"{portal}/#/everyone")
    page.get_by_label("Spaces of people who have left").select_option("quarantine")
    press(page, "Make the plan")
    page.get_by_label("Show rows with").fill("any more")
    expect(page.locator("#shown")).to_contain_text("9 of ")
    page.locator("#apply").click()
    expect(page.get_by_role("dialog")).to_contain_text("removed or put in quarantine: 9.")
    with page.expect_request("**/apply?removals=9"):
        confirm(page, "Apply")
    expect(page.locator("#applied")).to_contain_text(re.compile(r"^Applied.*\d+ done"))


def test_what_failed_stays_and_is_exported_or_planned_again(
    page: Page, portal: str, control: str
) -> None:
    make_plan(page, portal)
    fault(control, fault="status", value=500, server="cms", method="POST", path="/coSpaces")
    page.locator("#apply").click()
    confirm(page, "Apply")
    expect(page.locator("#applied")).to_contain_text(re.compile(r"something left: .*\d+ failed"))
    with page.expect_download() as downloaded:
        press(page, "Export what is left as CSV")
    end_faults(control)
    again = curl(
        "-H", "Content-Type: text/csv", "--data-binary", f"@{downloaded.value.path()}",
        f"{portal}/api/v1/cms/apply?dry_run=true",
    )
    left = [row["action"] for row in json.loads(again)["response"]["rows"]]
    press(page, "Plan again for what is left")
    expect(page.locator("#plan-about")).to_contain_text("Planned again")
    expect(page.locator("#chips")).to_contain_text(f"create {left.count('create')}")


def expect_problem_at(field: Locator, text: str) -> None:
    """Have a field be marked and in focus, with what is wrong said right after it."""
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field.locator("+ .status").get_by_role("alert")).to_contain_text(text)


def test_what_is_wrong_with_a_field_is_said_at_the_field(page: Page, portal: str) -> None:
    open_person(page, portal, WITH_SPACE)
    press(page, "Edit")
    number = page.get_by_label("Call ID (digits)")
    number.fill("12a")
    press(page, "Save")
    expect_problem_at(number, "callId takes digits only")
    number.fill("620100013")
    press(page, "Save")
    expect_problem_at(number, "Pod6 User11's Space")
    number.fill("620100012")
    page.get_by_label("Second URI").fill("+14085550111")
    press(page, "Save")
    expect_problem_at(page.get_by_label("Second URI"), "Pod6 User11's Space")
    expect(number).not_to_have_attribute("aria-invalid", "true")
    page.get_by_label("Second URI").fill("7777")
    press(page, "Save")
    expect(page.locator("#space dl")).to_contain_text("7777")


def test_a_member_is_added_changed_and_removed(page: Page, portal: str) -> None:
    open_person(page, portal, WITH_SPACE)
    expect(page.locator("#members")).to_contain_text("Nobody is a member")
    press(page, "Add a member")
    dialog = page.get_by_role("dialog", name="Add a member")
    who = dialog.get_by_label("JID in CMS, or e-mail address")
    who.fill("nobody")
    press(page, "Add")
    expect_problem_at(who, 'no user with the JID "nobody"')
    who.fill("Pod6 User3")
    offered = page.locator("#people-options option")
    expect(offered).to_have_text(["Pod6 User3, pod6user3"])
    who.fill(offered.get_attribute("value") or "")
    dialog.get_by_label("change the name").check()
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        press(page, "Add")
    assert sent.value.post_data_json == {name: name == "canChangeName" for name in RIGHTS}
    notices = page.locator("#members-notices")
    expect(notices).to_contain_text("pod6user3@pod6.example is a member now")
    expect(page.locator("#members li")).to_contain_text(["may change the name"])

    press(page, "Change rights: pod6user3@pod6.example")
    page.get_by_label("change the name").uncheck()
    page.get_by_label("leave").check()
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        press(page, "Save")
    assert sent.value.post_data_json == {"canChangeName": False, "canRemoveSelf": True}
    expect(page.locator("#members li")).to_contain_text(["may leave"])

    press(page, "Remove: pod6user3@pod6.example")
    expect(page.get_by_role("dialog", name="Remove pod6user3@pod6.example?")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    confirm(page, "Remove")
    expect(notices).to_contain_text("no longer a member")
    expect(page.locator("#members")).to_contain_text("Nobody is a member")
    expect(page.locator("#members")).to_be_focused()


def test_hosts_are_invited_in_the_language_that_is_chosen(page: Page, portal: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    curl("-X", "POST", f"{portal}/api/v1/cms/spaces/{WITHOUT_SPACE}")
    open_person(page, portal, WITHOUT_SPACE)
    page.get_by_text("The invitation for hosts").click()
    language = page.get_by_label("Language of the invitation")
    language.focus()
    language.select_option("German (Germany)")
    expect(page.get_by_label("Invitation for hosts")).to_contain_text("Sie sind zu")
    expect(language).to_be_focused()
    press(page, "Copy the invitation: hosts")
    assert "Kenncode: " in page.evaluate("navigator.clipboard.readText()")
    expect(page.locator("#join pre").first).to_contain_text("You are invited to")
    press(page, "New passcode")
    confirm(page, "Make a new passcode")
    press(page, "Close")
    expect(page.locator("#join pre").last).to_contain_text("Sie sind zu")


def test_the_invitation_is_sent_to_the_user_by_webex_and_mail(
    page: Page, portal: str, control: str
) -> None:
    curl("-X", "POST", f"{portal}/api/v1/cms/spaces/{WITHOUT_SPACE}")
    open_person(page, portal, WITHOUT_SPACE)
    press(page, "Send by Webex: guests")
    expect(page.get_by_role("dialog", name="Send it to pod6user1 by Webex?")).to_be_visible()
    confirm(page, "Send")
    sent = page.get_by_text("Sent: the invitation for guests to pod6user1@pod6.example by Webex.")
    expect(sent).to_be_in_viewport()
    fault(control, fault="status", value="550", server="mail", method="RCPT", times=1)
    press(page, "Send by mail: hosts")
    confirm(page, "Send")
    expect(page.get_by_role("dialog")).to_contain_text("it refuses this: 550")
    confirm(page, "Send")
    expect(page.get_by_role("dialog")).to_be_hidden()
    (mail, *_) = json.loads(curl(f"{control}/mail"))
    assert mail["to"] == ["pod6user1@pod6.example"]
    shown = page.get_by_label("Invitation for hosts").text_content() or ""
    assert mail["text"].split() == shown.split()


def test_a_member_by_ldap_sync_is_shown_as_that_and_left_alone(page: Page, portal: str) -> None:
    open_person(page, portal, "ldap.user")
    expect(page.locator("#members li")).to_contain_text(["by LDAP sync"])
    expect(page.locator("#members li button")).to_have_count(0)


def test_a_cms_that_is_slow_and_then_away_leaves_the_directory(
    page: Page, portal: str, control: str
) -> None:
    held: list[Route] = []
    page.route(f"**/cms/spaces/{WITH_SPACE}", lambda route: held.append(route), times=1)
    page.goto(f"{portal}/#/person/{WITH_SPACE}")
    expect(page.locator("#space")).to_contain_text("CMS takes its time")
    held[0].continue_()
    expect(page.locator("#space dl")).to_be_visible()
    fault(control, fault="status", value=500, server="cms")
    page.get_by_role("link", name="lee-ann").click()
    expect(page.locator("#space").get_by_role("alert")).to_contain_text("CMS at 127.0.0.1")
    expect(page.locator("#entry dl")).to_contain_text("Lee-Ann")
    end_faults(control)
    press(page, "Try again")
    expect(page.locator("#space dl")).to_contain_text("Lee-Ann Cedar's Space")


def test_a_key_is_asked_for_kept_for_the_tab_if_ticked_and_forgotten(
    page: Page, portal_with_key: str
) -> None:
    page.goto(portal_with_key)
    dialog = page.get_by_role("dialog", name="Sign in")
    expect(dialog).to_contain_text("whoever runs it hands them out")
    dialog.get_by_label("API key").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog).to_contain_text("The API key is missing or wrong")
    dialog.get_by_label("API key").fill(KEY)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    find(page, "lee")
    expect(page.locator("#people li")).to_have_count(5)
    expect(page.locator("#who")).to_have_text("Role admin")
    page.reload()
    dialog.get_by_label("API key").fill(KEY)
    dialog.get_by_label("Keep it in this tab").check()
    page.keyboard.press("Enter")
    expect(page.locator("#people li")).to_have_count(5)
    page.reload()
    expect(page.locator("#people li")).to_have_count(5)
    assert page.context.cookies() == []
    press(page, "Sign out")
    expect(dialog).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


def test_what_is_refused_for_the_role_is_said_in_the_apis_words(page: Page, portal: str) -> None:
    def refuse(route: Route) -> None:
        error = {"code": "role_not_allowed", "failureCodes": [], "retry": False, "request": "r1"}
        body = {"success": False, "message": "Not with this role.", "response": "", "error": error}
        route.fulfill(status=403, json=body)

    page.route("**/repair", refuse)
    open_person(page, portal, WITH_SPACE)
    press(page, "Repair")
    expect(page.locator("#space").get_by_role("alert")).to_contain_text("Not with this role.")
    expect(page.locator("#space").get_by_role("alert")).to_contain_text("request r1")


def tab_to(page: Page, name: str) -> None:
    """Go to a control as people do who have no mouse."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == name:
            style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert style != "none", f"the focus on {name} is not seen"
            return
    raise AssertionError(f"{name} is not reached")


def test_the_main_path_by_keyboard_alone(page: Page, portal: str) -> None:
    page.goto(portal)
    expect(page.get_by_role("searchbox", name="User ID, name or number")).to_be_focused()
    page.keyboard.type("Lee Alder")
    page.keyboard.press("Enter")
    expect(page.locator("#people li")).to_have_count(1)
    tab_to(page, "Lee Alder")
    page.keyboard.press("Enter")
    expect(page.locator("#person-title")).to_be_focused()
    expect(page.get_by_role("button", name="Create the Space")).to_be_visible()
    tab_to(page, "Create the Space")
    page.keyboard.press("Enter")
    expect(page.locator("#notices")).to_contain_text("created")
    expect(page.locator("#person-title")).to_be_focused()
    tab_to(page, "Delete")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Delete", exact=True)).to_be_focused()
    tab_to(page, "Add a member")
    page.keyboard.press("Enter")
    page.keyboard.type("pod6user3@pod6.example")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#members li")).to_contain_text(["delete messages", "may change members"])
    expect(page.locator("#members")).to_be_focused()
    tab_to(page, "Change rights")


def test_the_head_of_the_page_can_be_skipped(page: Page, portal: str) -> None:
    open_person(page, portal, WITH_SPACE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_rows_are_gone_through_by_keyboard(page: Page, portal: str) -> None:
    make_plan(page, portal)
    page.locator("#rows .link").first.focus()
    for _ in range(60):
        page.keyboard.press("Tab")
    last = page.locator("#rows .line:focus-within")
    expect(last).to_have_count(1)
    assert int(last.get_attribute("aria-rowindex") or 0) > 30
    page.locator("#rows").evaluate("(rows) => { rows.scrollTop = rows.scrollHeight; }")
    expect(page.locator("#rows")).to_be_focused()


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_each_state_is_readable_fits_and_has_no_finding_of_axe(
    axe: str,
    page: Page,
    portal: str,
    control: str,
    tmp_path: Path,
    width: int,
    scheme: Literal["light", "dark"],
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)

    def check(state: str) -> None:
        page.screenshot(path=tmp_path / f"{state}.png", full_page=True)
        page.evaluate(axe)
        assert page.evaluate(FINDINGS) == [], state
        brightness, faint = page.evaluate(CONTRASTS)
        assert (brightness < 0.1, faint) == (scheme == "dark", []), state
        sideways = page.evaluate(SCROLLS_SIDEWAYS)
        assert sideways == [], state

    page.goto(portal)
    find(page, "lee")
    expect(page.locator("#spaces li")).to_have_count(7)
    check("found")
    find(page, "nobody at all")
    expect(page.locator("#spaces .empty")).to_be_visible()
    check("nothing found")
    open_person(page, portal, "twin1")
    expect(page.locator("#space .why")).to_be_visible()
    check("no space")
    open_person(page, portal, WITH_SPACE)
    expect(page.locator("#join dl")).to_be_visible()
    expect(page.locator("#members p.empty")).to_be_visible()
    check("person")
    curl("-X", "POST", f"{portal}/api/v1/cms/spaces/{WITHOUT_SPACE}")
    open_person(page, portal, WITHOUT_SPACE)
    expect(page.locator("#join dl")).to_have_count(2)
    expect(page.locator("#members li")).to_be_visible()
    page.get_by_text("The invitation for hosts").click()
    check("person with hosts and a member")
    for name in ("Edit", "New passcode", "Delete", "Add a member"):
        press(page, name)
        check(name)
        page.keyboard.press("Escape")
    press(page, f"Remove: {WITHOUT_SPACE}@pod6.example")
    confirm(page, "Remove")
    expect(page.locator("#members-notices .done")).to_be_visible()
    check("member removed")
    make_plan(page, portal)
    check("plan")
    press(page, "lee")
    check("row")
    page.keyboard.press("Escape")
    fault(control, fault="status", value=500, server="cms", method="POST", path="/coSpaces")
    page.locator("#apply").click()
    confirm(page, "Apply")
    expect(page.locator("#applied .why")).to_be_visible()
    check("applied")
    fault(control, fault="status", value=500, server="cms")
    open_person(page, portal, WITH_SPACE)
    expect(page.locator("#space").get_by_role("alert")).to_be_visible()
    check("CMS away")
    page.evaluate("dispatchEvent(new CustomEvent('keyrefused', { detail: 'No.' }))")
    check("key")
