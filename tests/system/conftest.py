"""Portals that run as processes of their own, each for as many tests as can share it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from support.browsers import ARGUMENTS, CHROMIUM, KEY, REPORT_VIOLATIONS, Watch
from support.processes import LAB, Running, curl, need, running
from support.targets import STARTS, Target


@pytest.fixture(scope="module")
def lab() -> Iterator[Running]:
    with running(*LAB) as lab:
        yield lab


@pytest.fixture
def portal(lab: Running) -> str:
    """The address of the lab's portal, in front of a pod as it is at its start."""
    control = re.findall(r"their faults +(\S+)", lab.output)[0]
    curl("-H", "Content-Type: application/json", "-d", "", f"{control}/reset")
    return lab.portal


# Lab and production are served by the same front: some tests of their own show that of the lab.
@pytest.fixture(scope="module", params=["production"])
def shared_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with STARTS[request.param]() as target:
        yield target


@pytest.fixture
def target(shared_target: Target) -> Target:
    shared_target.control_port("POST", "/reset", {})
    return shared_target


@pytest.fixture(params=["production"])
def own_target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A portal that the test may end."""
    with STARTS[request.param]() as target:
        yield target


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
