"""What people do on the help desk's page, for the tests of it in a real browser."""

import json
from typing import Any

from playwright.sync_api import Page, expect
from support.processes import curl

from flaskr.pod.cms.start import CALL_LEG_PROFILE

# A Space has its owner as a member, who is its host.
WITH_HOSTS = {
    "SPACE_OWNER_JID": "$userName$@pod6.example",
    "SPACE_HOST_CALL_LEG_PROFILE": CALL_LEG_PROFILE,
    "SPACE_CALL_ID": "auto",
    "SPACE_PASSCODE_DIGITS": "6",
}
ROWS = "#rows .body .line"
JSON = ("-H", "Content-Type: application/json")


def find(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="User ID, name or number").fill(text)
    page.get_by_role("button", name="Find", exact=True).click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def confirm(page: Page, name: str) -> None:
    """Press a button of the dialog that asks."""
    page.get_by_role("dialog").get_by_role("button", name=name).click()


def open_person(page: Page, portal: str, userid: str) -> None:
    page.goto(f"{portal}/#/person/{userid}")
    expect(page.locator("#person-title")).to_contain_text(userid)
    expect(page.locator("#entry dl")).to_be_visible()


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Sign in")).to_be_hidden()


def make_plan(page: Page, portal: str) -> None:
    page.goto(f"{portal}/#/everyone")
    press(page, "Make the plan")
    expect(page.get_by_role("heading", name="The plan")).to_be_focused()


def plan_file(page: Page, portal: str, text: str) -> None:
    page.goto(f"{portal}/#/everyone")
    page.get_by_role("radio", name="A CSV file").check()
    file = {"name": "users.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
    press(page, "Make the plan")


def fault(control: str, **given: Any) -> None:
    """Have something go wrong at a server; see the control port's manual."""
    curl(*JSON, "-d", json.dumps(given), f"{control}/faults")


def end_faults(control: str) -> None:
    curl(*JSON, "-X", "DELETE", f"{control}/faults")


def switch(control: str, **values: Any) -> None:
    """Have the servers behave in another way."""
    curl(*JSON, "-X", "PATCH", "-d", json.dumps(values), f"{control}/switches")
