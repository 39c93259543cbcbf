"""The Swagger page in a real browser, click by click, against the lab in a process of its own."""

import json
import re
from typing import Any, Literal, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect
from support.browsers import CONTRASTS, KEY, SCROLLS_SIDEWAYS, Watch
from support.facts import GUID
from support.timing import timed

from flaskr.api.v1.docs.fields import OPTIONS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS

pytestmark = timed

SPACE = "/cms/spaces/{userid}"
USERID = "pod6user1"
OPERATIONS = (
    "GET.*/cms/version", "GET.*/cms/spaces", "POST.*/cms/spaces", "PUT.*/cms/spaces",
    "DELETE.*/cms/spaces", "GET.*/cms/template", "GET.*/cms/spaces", "POST.*/cms/plan",
    "POST.*/cms/apply", "GET.*/members", "PUT.*/members", "DELETE.*/members", "POST.*/passcode",
    "GET.*/invitation", "POST.*/invitation", "POST.*/repair",
)
ROLES_OF_FIELDS: tuple[Literal["textbox", "combobox", "checkbox"], ...] = (
    "textbox", "combobox", "checkbox",
)
NOTHING = re.compile(r"^\s*$")
ROWS = "tr:is([data-param-name], [data-property-name])"
# What else is where a block of text is, in a grid of points over what is seen of it.
COVERED = """
(block) => {
  const { left, right, top, bottom } = block.getBoundingClientRect();
  const found = new Set();
  for (let x = left + 2; x < right - 2; x += 8)
    for (let y = Math.max(top, 0) + 2; y < Math.min(bottom, innerHeight) - 2; y += 8) {
      const there = document.elementFromPoint(x, y);
      if (there && !block.contains(there)) found.add(there.outerHTML.slice(0, 100));
    }
  return [...found];
}
"""


class Answered(NamedTuple):
    """What an operation shows after Execute."""

    status: int
    body: Any


class Operation:
    """An operation on the page, as people see it."""

    def __init__(self, page: Page, method: str, path: str) -> None:
        same_path = page.locator(f'[data-path="{path}"]')
        self._page = page
        self.block = page.locator(f".opblock-{method.lower()}").filter(has=same_path)
        self.answer = self.block.locator(".live-responses-table")

    def expand(self) -> None:
        self.block.locator(".opblock-summary-control").click()

    def try_it_out(self) -> None:
        self.expand()
        self.block.get_by_role("button", name="Try it out").click()

    def field(self, name: str) -> Locator:
        """Return the row of a parameter, or of a field of the form."""
        return self.block.locator(
            f'tr:is([data-param-name="{name}"], [data-property-name="{name}"])'
        )

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.field(name).locator("input[type=text]").fill(value)

    def choose(self, name: str, value: str) -> None:
        self.field(name).locator("select").select_option(value)

    def choose_kind(self, kind: str) -> None:
        """Choose which kind of body is sent."""
        self.block.get_by_label("Request content type").select_option(kind)

    @property
    def text(self) -> Locator:
        """The body, where it is written as a text."""
        return self.block.get_by_role("textbox", name="Request body")

    def execute(self) -> Answered:
        """Click Execute, and read the JSON that is shown then."""
        status, body = self.execute_for_text()
        return Answered(status, json.loads(body))

    def execute_for_text(self) -> tuple[int, str]:
        """Click Execute, and read what is shown then."""
        with self._page.expect_response(lambda response: "/cms/" in response.url) as answered:
            self.block.get_by_role("button", name="Execute").click()
        status = answered.value.status
        expect(self.answer.locator(".response .response-col_status")).to_contain_text(str(status))
        return status, self.answer.locator(".response .highlight-code pre").first.inner_text()


def test_the_page_opens_unfolded_in_the_guides_order_and_says_what_it_talks_to(
    page: Page, portal: str
) -> None:
    page.goto(f"{portal}/api/v1/")
    operations = page.locator("#operations-tag-cms ~ div .opblock-summary")
    expect(operations).to_have_count(len(OPERATIONS))
    for operation, words in zip(operations.all(), OPERATIONS):
        expect(operation).to_be_visible()
        expect(operation).to_contain_text(re.compile(words))
    header = page.locator(".information-container")
    expect(header).to_contain_text("This is the lab: all servers are simulated")
    expect(header).to_contain_text(re.compile(r"the CMS at 127\.\S+ and to the CUCM at 127\."))
    expect(header).to_contain_text("User IDs to try: pod6user1")
    expect(page).to_have_title("LTRCOL-2574 Portal")
    expect(page.get_by_role("button", name="Authorize")).to_have_count(0)


def test_the_guides_verification_click_by_click(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")

    version = Operation(page, "GET", "/cms/version")
    version.try_it_out()
    assert version.execute() == (200, "3.9.2")

    create = Operation(page, "POST", SPACE)
    create.try_it_out()
    create.fill(userid=USERID)
    status, created = create.execute()
    assert (status, created["success"]) == (200, True)
    assert re.fullmatch(GUID, created["response"])
    assert created["response"] in created["message"]

    modify = Operation(page, "PUT", SPACE)
    modify.try_it_out()
    modify.fill(name="New Pod6 User1 Space")
    modify.choose("defaultLayout", "allEqual")
    modify.fill(userid=USERID)
    status, modified = modify.execute()
    assert (status, modified["success"]) == (200, True)

    space = retrieve(page)
    assert space["@id"] == created["response"]
    assert (space["name"], space["defaultLayout"]) == ("New Pod6 User1 Space", "allEqual")

    page.on("dialog", lambda dialog: dialog.accept())
    delete = Operation(page, "DELETE", SPACE)
    delete.try_it_out()
    delete.fill(userid=USERID)
    assert delete.execute().status == 200
    status, again = delete.execute()
    assert (status, again["success"]) == (404, False)
    sentence = f'There is no Space for the user ID \\"{USERID}\\"'
    expect(delete.answer.get_by_text(sentence)).to_be_visible()


def retrieve(page: Page) -> dict[str, Any]:
    """Return the user's Space, looked up on the page as it is reloaded."""
    page.reload()
    operation = Operation(page, "GET", SPACE)
    operation.try_it_out()
    operation.fill(userid=USERID)
    status, found = operation.execute()
    assert status == 200
    return dict(found["response"]["coSpace"])


def test_the_user_id_of_the_guide_is_filled_in_and_nothing_else(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    operation = Operation(page, "POST", SPACE)
    operation.try_it_out()
    rows = operation.block.locator(ROWS)
    expect(rows.first).to_have_attribute("data-param-name", "userid")
    fields = rows.locator(":is(input[type=text], select)")
    nothing = [""] * len([*SETTABLE_FIELDS, *OPTIONS])
    expect(fields).to_have_count(1 + len(nothing))
    assert [field.input_value() for field in fields.all()] == [USERID, *nothing]


def test_a_deletion_is_asked_about_once_and_cancel_sends_nothing(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    delete = Operation(page, "DELETE", SPACE)
    delete.try_it_out()
    delete.fill(userid="pod6user10")
    asked: list[str] = []
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method))
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.once("dialog", lambda dialog: dialog.dismiss())
    execute = delete.block.get_by_role("button", name="Execute")
    execute.click()
    expect(execute).to_be_enabled()
    expect(delete.block.locator(".loading")).to_have_count(0)
    assert sent == []
    page.once("dialog", lambda dialog: dialog.accept())
    assert delete.execute().status == 200
    assert sent == ["DELETE"]
    assert ['"pod6user10"' in question for question in asked] == [True, True]


def test_every_field_has_a_name_for_those_who_do_not_see_it(
    page: Page, portal_with_key: str
) -> None:
    page.goto(f"{portal_with_key}/api/v1/")
    modify = Operation(page, "PUT", SPACE)
    modify.try_it_out()
    for name in ("userid", "name", "uri", "secondaryUri", "callId", "passcode"):
        expect(modify.block.get_by_role("textbox", name=name, exact=True)).to_have_count(1)
    for name in ("defaultLayout", "nonMemberAccess"):
        expect(modify.block.get_by_role("combobox", name=name, exact=True)).to_have_count(1)
    expect(modify.block.get_by_role("checkbox", name="Send passcode empty")).to_have_count(1)
    expect(modify.block.get_by_role("checkbox")).to_have_count(len(SETTABLE_FIELDS))
    modify.execute()
    modify.choose_kind("application/json")
    expect(modify.text).to_have_count(1)
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_role("textbox", name="API key")).to_have_count(1)
    for role in ROLES_OF_FIELDS:
        expect(page.get_by_role(role, name=NOTHING)).to_have_count(0)


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_covers_an_answer_or_scrolls_sideways(
    page: Page, portal: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{portal}/api/v1/")
    for method in ("GET", "PUT"):
        operation = Operation(page, method, SPACE)
        operation.try_it_out()
        operation.fill(userid="pod6user10")
        if method == "PUT":
            operation.fill(name="New Pod6 User10 Space")
        assert operation.execute().status == 200
        for block in operation.answer.locator(".highlight-code pre").all():
            block.scroll_into_view_if_needed()
            assert block.evaluate(COVERED) == []
    assert page.evaluate(SCROLLS_SIDEWAYS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_dark_where_the_system_is_and_readable(
    page: Page, portal: str, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{portal}/api/v1/")
    for method in ("GET", "POST", "DELETE"):
        Operation(page, method, SPACE).try_it_out()
    for tab in page.get_by_role("tab", name="Schema").all()[:2]:
        tab.click()
    operation = Operation(page, "PUT", SPACE)
    operation.try_it_out()
    operation.fill(name="x")
    assert operation.execute().status == 404
    page.mouse.move(0, 0)
    brightness, faint = page.evaluate(CONTRASTS)
    assert (brightness < 0.1) == (scheme == "dark")
    assert faint == []


def test_the_page_turns_dark_when_the_system_does(page: Page, portal: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{portal}/api/v1/")
    expect(page.locator("html.dark-mode")).to_have_count(0)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html.dark-mode")).to_have_count(1)


def test_fields_left_blank_change_nothing(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    create = Operation(page, "POST", SPACE)
    create.try_it_out()
    create.fill(callId="777001", passcode="135790")
    create.choose("nonMemberAccess", "false")
    assert create.execute().status == 200
    before = retrieve(page)

    modify = Operation(page, "PUT", SPACE)
    modify.try_it_out()
    modify.fill(name="Never mind")
    modify.fill(name="")
    modify.choose("nonMemberAccess", "true")
    modify.choose("nonMemberAccess", "")
    modify.choose("defaultLayout", "stacked")
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        assert modify.execute().status == 200
    assert sent.value.post_data == "defaultLayout=stacked"
    assert retrieve(page) == {**before, "defaultLayout": "stacked"}


def test_a_body_is_sent_as_json_too_and_begins_with_nothing_in_it(
    page: Page, portal: str
) -> None:
    page.goto(f"{portal}/api/v1/")
    create = Operation(page, "POST", SPACE)
    create.try_it_out()
    create.fill(name="Of the form")
    create.field("name").locator("input").press("Tab")
    create.choose_kind("application/json")
    expect(create.text).to_have_value("{}")
    create.text.fill('{"name": "By JSON", "passcode": "135790", "nonMemberAccess": false}')
    with page.expect_request(lambda request: request.method == "POST") as sent:
        assert create.execute().status == 200
    assert sent.value.headers["content-type"] == "application/json"
    assert "135790" not in sent.value.url
    space = retrieve(page)
    assert [space[key] for key in ("name", "passcode", "nonMemberAccess")] == [
        "By JSON", "135790", "false"
    ]


def test_a_form_is_blank_again_after_another_kind_of_body(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    modify = Operation(page, "PUT", SPACE)
    modify.try_it_out()
    modify.choose_kind("application/json")
    modify.text.fill('{"name": "x"}')
    modify.choose_kind("application/x-www-form-urlencoded")
    fields = modify.block.locator(f"{ROWS} :is(input[type=text], select)")
    assert {field.input_value() for field in fields.all()} == {USERID, ""}
    modify.fill(name="x", uri="y")
    modify.block.get_by_role("button", name="Reset").click()
    expect(modify.field("name").locator("input[type=text]")).to_have_value("")
    assert {field.input_value() for field in fields.all()} <= {USERID, ""}
    modify.fill(userid="pod6user10", cdrTag="pod6user10")
    with page.expect_request(lambda request: request.method == "PUT") as sent:
        assert modify.execute().status == 200
    assert sent.value.post_data == "cdrTag=pod6user10"


def test_a_plan_is_asked_for_as_csv_and_applied_as_lines(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    plan = Operation(page, "POST", "/cms/plan")
    plan.try_it_out()
    plan.choose_kind("text/csv")
    expect(plan.text).to_have_value("userid\n")
    plan.text.fill("userid,name\npod6user1,Room 1\n")
    answers = plan.block.locator(".responses-inner tr.response")
    answers.first.get_by_label("Media Type").select_option("application/x-ndjson")
    status, lines = plan.execute_for_text()
    assert status == 200
    assert json.loads(lines.splitlines()[-1]) == {"complete": True, "counts": {"create": 1}}

    apply = Operation(page, "POST", "/cms/apply")
    apply.try_it_out()
    apply.choose_kind("application/x-ndjson")
    expect(apply.text).to_have_value('{"complete": true, "counts": {}}\n')
    apply.text.fill(lines)
    status, applied = apply.execute()
    assert (status, applied["response"]["counts"]) == (200, {"done": 1})
    assert retrieve(page)["name"] == "Room 1"


def test_a_field_is_unset_where_its_own_box_is_ticked(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    create = Operation(page, "POST", SPACE)
    create.try_it_out()
    create.fill(callId="777001", passcode="135790")
    assert create.execute().status == 200
    before = retrieve(page)

    modify = Operation(page, "PUT", SPACE)
    modify.try_it_out()
    modify.field("passcode").get_by_text("Send empty value").click()
    expect(modify.field("passcode").get_by_role("checkbox")).to_be_checked()
    expect(modify.field("name").get_by_role("checkbox")).not_to_be_checked()
    assert modify.execute().status == 200
    assert retrieve(page) == {key: before[key] for key in before if key != "passcode"}


def test_with_an_api_key_set_the_page_lets_people_in_through_authorize(
    page: Page, portal_with_key: str
) -> None:
    page.goto(f"{portal_with_key}/api/v1/")
    version = Operation(page, "GET", "/cms/version")
    version.try_it_out()
    status, refused = version.execute()
    assert (status, refused["success"]) == (401, False)
    expect(version.answer.get_by_text("The API key is missing or wrong")).to_be_visible()

    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".dialog-ux")
    dialog.locator("input").fill(KEY)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").last.click()
    assert version.execute() == (200, "3.9.2")


def test_a_link_to_an_operation_opens_it(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    Operation(page, "DELETE", SPACE).expand()
    link = page.url
    assert link == f"{portal}/api/v1/#/cms/deleteSpace"
    page.goto("about:blank")
    page.goto(link)
    button = Operation(page, "DELETE", SPACE).block.get_by_role("button", name="Try it out")
    expect(button).to_be_visible()
    expect(page.get_by_role("button", name="Try it out")).to_have_count(1)


@pytest.mark.parametrize(("userid", "status"), [("pod6user10", 200), ("zoë.o'brien", 404)])
def test_the_time_that_a_request_took_is_shown(
    page: Page, portal: str, userid: str, status: int
) -> None:
    page.goto(f"{portal}/api/v1/")
    operation = Operation(page, "GET", SPACE)
    operation.try_it_out()
    operation.fill(userid=userid)
    assert operation.execute().status == status
    expect(operation.answer).to_contain_text(re.compile(r"Request duration\s*\d+ ms"))


def test_a_real_answer_stands_beside_each_status(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    operation = Operation(page, "GET", SPACE)
    operation.expand()
    answers = operation.block.locator(".responses-inner tr.response")
    statuses = ["200", "400", "401", "403", "404", "409", "502", "503", "504"]
    expect(answers).to_have_count(len(statuses))
    assert [row.get_attribute("data-code") for row in answers.all()] == statuses
    expect(answers.first).to_contain_text('"name": "New Pod6 User1 Space"')
    expect(answers.last).to_contain_text("no whole answer within 10 s")


def test_the_fields_of_a_space_are_explained(page: Page, portal: str) -> None:
    page.goto(f"{portal}/api/v1/")
    operation = Operation(page, "GET", SPACE)
    operation.expand()
    found = operation.block.locator('.responses-inner tr.response[data-code="200"]')
    found.get_by_role("tab", name="Schema").click()
    expect(found.get_by_text("Up to 100 characters that mark its calls")).to_be_visible()
    expect(found.get_by_text("How many further access methods it has")).to_be_visible()


def test_the_page_stops_what_comes_from_elsewhere(blank_page: Page, portal: str) -> None:
    watch = Watch(blank_page)
    blank_page.goto(f"{portal}/api/v1/")
    with blank_page.expect_console_message(lambda message: "stopped by" in message.text):
        blank_page.evaluate("new Image().src = 'http://elsewhere.example/x.png'")
    assert "stopped by img-src: http://elsewhere.example/x.png" in watch.errors
