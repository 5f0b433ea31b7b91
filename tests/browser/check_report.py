"""The report in Chromium: errors, requests, accessibility, layout, and its controls.

`make test` does not collect this file, because it needs a browser and its own environment.
"""
# pyright: basic, reportMissingImports=false
# Playwright and axe are installed in .venv-browser only.

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

PAGES = sorted(Path(os.environ["REPORTS"]).resolve().glob("*.html"))
NAMES = [each.stem for each in PAGES]
WIDTHS = (390, 1200)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root, as in a container of CI.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator["Opener"]:
    opener = Opener(browser)
    yield opener
    assert opener.messages == [], "the console shows errors"
    assert opener.requests == [], "the page needs the network"
    for each in opener.pages:
        each.close()


class Opener:
    """Opens pages, and collects their errors and requests."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.pages: list[Page] = []
        self.messages: list[str] = []
        self.requests: list[str] = []

    def __call__(self, name: str, *, width: int = 1200, **options: object) -> Page:
        page = self.browser.new_page(viewport={"width": width, "height": 900}, **options)
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", self._request)
        page.goto(next(each for each in PAGES if each.stem == name).as_uri())
        self.pages.append(page)
        return page

    def _request(self, request: object) -> None:
        url = request.url  # pyright: ignore[reportAttributeAccessIssue]  # of Playwright
        if not url.startswith(("file:", "data:")):
            self.requests.append(url)


def open_all(page: Page) -> None:
    """Opens all details, and fails the second zone."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    if page.locator(".choices label").count() > 2:
        page.locator(".choices label").nth(2).click()


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [
        *((name, "light", 1200) for name in NAMES),
        *((name, "dark", 390) for name in NAMES),
        ("prod", "light", 390),
        ("prod", "dark", 1200),
    ],
)
def test_axe_finds_nothing(opened: Opener, name: str, scheme: str, width: int) -> None:
    page = opened(name, width=width, color_scheme=scheme, bypass_csp=True)
    open_all(page)
    assert violations(page) == []


@pytest.mark.parametrize("name", ["prod", "workloads"])
def test_axe_finds_nothing_in_print(opened: Opener, name: str) -> None:
    page = opened(name, bypass_csp=True)
    page.emulate_media(media="print")
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off(opened: Opener, name: str, width: int) -> None:
    page = opened(name, width=width)
    open_all(page)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, "the page scrolls sideways"
    outside = page.evaluate("""() => [...document.querySelectorAll("svg.figure")]
        .filter(svg => svg.getBoundingClientRect().width)
        .flatMap(svg => [...svg.querySelectorAll("text")].filter(text => {
            const box = text.getBBox(), size = svg.viewBox.baseVal;
            return box.width && (box.x < 0 || box.x + box.width > size.width);
        }).map(text => text.textContent))""")
    assert outside == [], "texts end outside of their figure"
    cut = page.evaluate("""() => [...document.querySelectorAll("svg text.chip-text")]
        .filter(text => text.getBBox().width > text.previousElementSibling.getBBox().width)
        .map(text => text.textContent)""")
    assert cut == [], "texts are wider than their boxes"
    below = page.evaluate("""() => [...document.querySelectorAll(".segment, .span")]
        .filter(each => each.scrollWidth > each.clientWidth + 1 && each.clientWidth)
        .map(each => each.textContent)""")
    assert below == [], "texts are wider than their part of a bar"


def test_a_failed_zone_is_shown_in_diagram_and_bars(opened: Opener) -> None:
    page = opened("prod")
    assert visible(page, "article.zone-loss h3") == ["If us-east-1a fails"]
    assert visible(page, "svg.wide text.bad") == []
    page.locator(".choices label", has_text="us-east-1b").click()
    assert visible(page, "article.zone-loss h3") == ["If us-east-1b fails"]
    assert visible(page, "svg.wide text.bad") == ["✕ failed"]
    assert "✕ web" in visible(page, "svg.wide text.lost")
    [said] = visible(page, ".control [role=status] span")
    assert said.startswith("us-east-1b fails, and nothing is evicted: 3 nodes with 10 pods fail.")
    assert visible(page, "article.zone-loss .loss-name") == ["left", "left"]
    page.locator("[name=evicted]").check()
    assert visible(page, "svg.wide text.lost") == []
    started = visible(page, "svg.wide text.started")
    assert sorted(started) == ["+ 3 system pods", "+ 4 system pods", "+ cache", "+ web", "+ web"]
    assert visible(page, "article.zone-loss .loss-name") == ["after", "after"]


def test_the_control_works_with_the_keyboard(opened: Opener) -> None:
    page = opened("prod")
    page.locator("[name=zone]").first.focus()
    page.keyboard.press("ArrowRight")
    assert visible(page, "article.zone-loss h3") == ["If us-east-1a fails"]
    assert visible(page, "svg.wide text.bad") == ["✕ failed"]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("[name=evicted]").is_checked()


def visible(page: Page, selector: str) -> list[str]:
    """Returns the texts of the visible elements."""
    found = page.locator(selector).all()
    return [(each.text_content() or "").strip() for each in found if each.is_visible()]


def test_resources_are_found(opened: Opener) -> None:
    page = opened("prod")
    page.locator("[name=search]").fill("natgateway us-east-1b")
    assert visible(page, ".search [role=status]") == ["1 found"]
    assert visible(page, "table.resources tbody th") == ["network-nat-us-east-1b"]
    page.locator("[name=search]").fill("")
    assert visible(page, "table.resources tbody th") == []


def test_a_link_to_a_resource_opens_its_component(opened: Opener) -> None:
    page = opened("prod")
    page.evaluate("location.hash = document.querySelector('table.resources tr').id || 'r0'")
    page.locator("#r0").wait_for(state="visible")


def test_the_navigation_marks_the_section_that_is_read(opened: Opener) -> None:
    page = opened("prod")
    for name in ("Cost", "Audit"):
        page.locator("nav a", has_text=name).click()
        page.locator("nav a[aria-current]", has_text=name).wait_for()
        assert page.locator("nav a[aria-current]").count() == 1


def test_all_zones_are_shown_without_javascript(opened: Opener) -> None:
    page = opened("prod", java_script_enabled=False)
    assert len(visible(page, "article.zone-loss h3")) == 3
    assert visible(page, "article.zone-loss .loss-name")[:2] == ["left", "after"]
    assert not page.locator(".control").is_visible()
    assert not page.locator(".search").is_visible()


def test_the_script_of_a_value_does_not_run(opened: Opener) -> None:
    page = opened("hostile")
    open_all(page)
    assert page.evaluate("window.owned") is None


def test_a_stack_with_one_zone_has_no_control(opened: Opener) -> None:
    page = opened("one-zone")
    assert page.locator(".control").count() == 0
    assert "o failover, because" in (page.locator(".verdict").first.text_content() or "")


def test_a_printed_page_is_complete(opened: Opener) -> None:
    page = opened("prod")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("nav").is_visible()
    assert not page.locator("details.manifest").first.is_visible()
    for each in page.locator("details:not(.component, .manifest, .minor)").all():
        if each.is_visible():
            assert each.locator("> :not(summary)").first.is_visible(), each.text_content()
    assert page.pdf(format="A4").startswith(b"%PDF")
