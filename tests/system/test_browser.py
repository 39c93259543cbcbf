"""The page in a real browser, click by click, against the lab in a process of its own."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright
from support.facts import GUID
from support.processes import LAB, need, running

from flaskr.api.v1.docs.fields import OPTIONS
from flaskr.cms.v1.spaces import SETTABLE_FIELDS

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)
# Says on the console what the page's Content-Security-Policy has stopped.
REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`stopped by ${event.effectiveDirective}: ${event.blockedURI}`));
"""
# What Chromium itself says of an answer with an error status; the tests look at those answers.
ERROR_STATUS = "Failed to load resource: the server responded with a status of "
SPACE = "/cms/spaces/{userid}"
USERID = "pod6user1"
OPERATIONS = (
    "GET.*/cms/version", "GET.*/cms/spaces", "POST.*/cms/spaces", "PUT.*/cms/spaces",
    "DELETE.*/cms/spaces", "GET.*/cms/template", "GET.*/cms/spaces", "POST.*/cms/plan",
    "POST.*/cms/apply", "GET.*/members", "PUT.*/members", "DELETE.*/members", "POST.*/passcode",
    "GET.*/invitation", "POST.*/repair",
)
KEY = "s3cret"
ROLES_OF_FIELDS: tuple[Literal["textbox", "combobox", "checkbox"], ...] = (
    "textbox", "combobox", "checkbox",
)
NOTHING = re.compile(r"^\s*$")
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
SCROLLS_SIDEWAYS = """
() => [document.documentElement, ...document.querySelectorAll("body *")]
  .filter((element) => !element.closest("pre, code") && element.clientWidth
    && element.scrollWidth > element.clientWidth + 1
    && (element === document.documentElement
      || ["auto", "scroll"].includes(getComputedStyle(element).overflowX)))
  .map((element) => element.outerHTML.slice(0, 100))
"""
# How bright the page is, from 0 to 1, and the texts whose contrast is below that of WCAG 2.1,
# 1.4.3: 4.5, or 3 where the text is large.
CONTRASTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const backgrounds = (element) => element
    ? [...backgrounds(element.parentElement), getComputedStyle(element).backgroundColor] : ["#fff"];
  const paint = (colors) => {
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (element) => {
    const below = backgrounds(element);
    const lights = [paint(below), paint([...below, getComputedStyle(element).color])];
    return (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  };
  const enough = (style) => {
    const size = parseFloat(style.fontSize);
    return size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
  };
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    element.checkVisibility() && [...element.childNodes].some((node) =>
      node.nodeType === Node.TEXT_NODE && node.textContent.trim()));
  return [paint(backgrounds(document.body)), texts
    .filter((text) => contrast(text) < enough(getComputedStyle(text)))
    .map((text) => `${contrast(text)} ${text.className} ${text.textContent.slice(0, 40)}`)];
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
        """Return the row of a parameter."""
        return self.block.locator(f'tr[data-param-name="{name}"]')

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.field(name).locator("input[type=text]").fill(value)

    def choose(self, name: str, value: str) -> None:
        self.field(name).locator("select").select_option(value)

    def execute(self) -> Answered:
        """Click Execute, and read what is shown then."""
        with self._page.expect_response(lambda response: "/cms/" in response.url) as answered:
            self.block.get_by_role("button", name="Execute").click()
        status = answered.value.status
        expect(self.answer.locator(".response .response-col_status")).to_contain_text(str(status))
        body = self.answer.locator(".response .highlight-code pre").inner_text()
        return Answered(status, json.loads(body))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    need(CHROMIUM.exists(), f"This needs {CHROMIUM}, of Debian's package chromium.")
    expect.set_options(timeout=20_000)  # on a busy machine too
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def portal_with_key() -> Iterator[str]:
    with running(*LAB, environment={"PORTAL_API_KEY": KEY}) as lab:
        yield lab.portal


class Watch:
    """What a page said on its console, and whom it asked for something."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.hosts: set[str | None] = set()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ERROR_STATUS):
            self.errors.append(message.text)


@pytest.fixture
def blank_page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page of a fresh profile; a picture of how it was at the end is in the test's folder."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.add_init_script(REPORT_VIOLATIONS)
    page = context.new_page()
    yield page
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    context.close()


@pytest.fixture
def page(blank_page: Page) -> Iterator[Page]:
    """A page that must have no error and ask no other host until the test's end."""
    watch = Watch(blank_page)
    yield blank_page
    assert watch.errors == []
    assert watch.hosts == {"127.0.0.1"}


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
    expect(header).to_contain_text("This is the lab: CMS and CUCM are simulated")
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
    rows = operation.block.locator("tr[data-param-name]")
    expect(rows.first).to_have_attribute("data-param-name", "userid")
    fields = operation.block.locator("tr[data-param-name] :is(input[type=text], select)")
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
    modify.execute()
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
    found.get_by_role("tab", name="Model").click()
    expect(found.get_by_text("Up to 100 characters that mark its calls")).to_be_visible()
    expect(found.get_by_text("How many further access methods it has")).to_be_visible()


def test_the_page_stops_what_comes_from_elsewhere(blank_page: Page, portal: str) -> None:
    watch = Watch(blank_page)
    blank_page.goto(f"{portal}/api/v1/")
    with blank_page.expect_console_message(lambda message: "stopped by" in message.text):
        blank_page.evaluate("new Image().src = 'http://elsewhere.example/x.png'")
    assert "stopped by img-src: http://elsewhere.example/x.png" in watch.errors
