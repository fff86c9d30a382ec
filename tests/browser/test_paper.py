"""The page on paper, and in colours that the reader's system chose."""

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from tests.browser.content import live_page
from tests.browser.reading import long_entry, open_page
from tests.browser.stub import Stub

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def opened(page: Page, stub: Stub) -> Page:
    """The live page with more key developments than a screen has room for."""
    listed = tuple(long_entry(n, key=True) for n in range(9, 0, -1))
    stub.page = replace(live_page(), keys=listed)
    await open_page(page, stub)
    return page


async def test_on_paper_it_says_as_of_when_and_has_nothing_to_press(opened: Page) -> None:
    await opened.emulate_media(media="print")
    await expect(opened.locator("#updated")).to_contain_text("EEST")
    await expect(opened.locator("#updated")).to_be_visible()
    await expect(opened.locator("#mark")).to_be_hidden()
    assert await opened.locator("button:visible").count() == 0


async def test_on_paper_all_key_developments_are_there(opened: Page) -> None:
    await opened.emulate_media(media="print")
    places = await opened.locator("#strip li").evaluate_all(
        "(all) => all.map((li) => li.getBoundingClientRect().right)"
    )
    assert len(places) == 9
    assert max(places) <= 390
    cut = await opened.locator(".strip-title").evaluate_all(
        "(all) => all.filter((it) => it.scrollHeight > it.clientHeight + 1).length"
    )
    assert cut == 0


async def test_in_forced_colours_what_a_background_says_is_still_said(opened: Page) -> None:
    await opened.emulate_media(forced_colors="active")
    await opened.get_by_role("button", name="Pause updates").click()
    dots = """() => ["#strip li", "#mark"].map((where) => {
      return getComputedStyle(document.querySelector(where), "::before").backgroundColor;
    })"""
    paper = "getComputedStyle(document.body).backgroundColor"
    assert await opened.evaluate(paper) not in await opened.evaluate(dots)
    lines = """() => ["#pause", ".order [aria-current]", "#options-open"].map((where) => {
      return getComputedStyle(document.querySelector(where)).outlineStyle;
    })"""
    await opened.locator("#options-open").evaluate("(it) => it.blur()")
    assert await opened.evaluate(lines) == ["solid", "solid", "none"]
