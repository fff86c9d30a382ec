"""Every view of the desk by axe, by keyboard alone, by its names and roles, and on a phone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from liveblog.model.entry import Byline, Quote
from liveblog.wire.requests import EditNote
from tests.browser.axe import faults
from tests.browser.newsroom import Colleague, Newsroom, newsroom
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")

PLACES = ["", "submitted", "scheduled", "drafts", "retracted", "media", "page", "people"]


@pytest.fixture(params=["ltr", "rtl"])
async def room(
    request: pytest.FixtureRequest, tmp_path: Path, valkey: ValkeyProcess, browser: Browser
) -> AsyncIterator[Newsroom]:
    lang = {"ltr": "en", "rtl": "ar"}[request.param]
    async with newsroom(tmp_path, valkey, browser, dir=request.param, lang=lang) as one:
        await fill(one)
        yield one


async def fill(room: Newsroom) -> None:
    """An entry of every kind that the desk shows differently."""
    await room.entry(headline="Key", key=True, breaking=True, tags=("war",))
    await room.entry(headline="Pinned", pinned=True, bylines=(Byline("Ana"),))
    await room.entry(kind="quote", quote=Quote(text="I go", speaker="He"))
    for state in ("draft", "submitted"):
        await room.entry(body=state, state=state)
    await room.entry(publish_at=datetime.now(UTC) + timedelta(hours=3))


async def sideways(page: Page) -> bool:
    """Whether the page has to be scrolled sideways."""
    found: bool = await page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
async def test_axe_finds_nothing_in_any_view(room: Newsroom, scheme: Any, width: int) -> None:
    ada = await room.colleague(
        "Ada", "chief", scheme=scheme, width=width, bypass_csp=True, reduced_motion="reduce"
    )
    gone = await room.entry(body="Gone")
    await room.retract(gone, ada, "A slip.")
    found: list[str] = []
    for place in PLACES:
        await ada.open(place)
        await expect(ada.page.locator("h2").first).to_be_visible()
        await expect(ada.page.get_by_role("status").filter(has_text="Reading")).to_have_count(0)
        found += [f"{place}: {fault}" for fault in await faults(ada.page)]
        assert not await sideways(ada.page), place
    assert not found, "\n".join(found)
    assert ada.complaints == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
async def test_axe_finds_nothing_in_what_is_open(room: Newsroom, scheme: Any, width: int) -> None:
    options = {"scheme": scheme, "width": width, "bypass_csp": True, "reduced_motion": "reduce"}
    ana = await room.colleague("Ana", "editor", **options)
    entry = await room.entry(headline="Storm", body="One.\n\nTwo.")
    form = await ana.edit(entry)
    found = [f"edit: {fault}" for fault in await faults(ana.page)]
    await form.get_by_label("Text", exact=True).fill("One.\n\nMine.")
    await room.change(entry, ana, body="One.\n\nTheirs.", edit=EditNote("update"))
    await form.get_by_role("button", name="Save").click()
    await expect(ana.row(entry).get_by_text("Nothing is overwritten")).to_be_visible()
    found += [f"conflict: {fault}" for fault in await faults(ana.page)]
    assert not await sideways(ana.page)
    await ana.row(entry).get_by_role("button", name="Go on writing").click()
    await ana.page.keyboard.press("Escape")
    await expect(ana.page.get_by_role("dialog")).to_be_visible()
    found += [f"question: {fault}" for fault in await faults(ana.page)]
    await ana.page.get_by_role("button", name="Throw away").click()
    await ana.row(entry).get_by_role("button", name="History").click()
    await expect(ana.row(entry).get_by_text("Version 2")).to_be_visible()
    found += [f"history: {fault}" for fault in await faults(ana.page)]
    await ana.page.get_by_role("button", name="Select").click()
    await ana.page.get_by_text("Filters").click()
    found += [f"select: {fault}" for fault in await faults(ana.page)]
    assert not found, "\n".join(found)


async def tab_to(page: Page, name: str) -> None:
    """Reaches something by Tab alone."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        said = await page.evaluate(
            "document.activeElement.textContent.trim() || document.activeElement.ariaLabel"
        )
        if said == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


async def test_by_keyboard_alone(room: Newsroom) -> None:
    ana: Colleague = await room.colleague("Ana")
    entry = await room.entry(headline="Latest", body="As it was.")
    await expect(ana.row(entry)).to_be_visible()
    page = ana.page
    await tab_to(page, "Select")
    await page.keyboard.press("j")
    await expect(ana.row(entry)).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await expect(ana.row(entry)).to_be_focused()
    await page.keyboard.press("e")
    text = ana.row(entry).get_by_label("Text", exact=True)
    await expect(text).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("jkerx/ are letters here.")
    await page.keyboard.press("Control+Enter")
    await expect(ana.row(entry)).to_be_focused()
    assert (await room.now(entry)).body == "jkerx/ are letters here."
    await page.keyboard.press("h")
    await expect(ana.row(entry).get_by_role("heading", name="History")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(ana.row(entry)).to_be_focused()
    await page.keyboard.press("r")
    await page.keyboard.type("Reason")
    await page.keyboard.press("Control+Enter")
    await expect(ana.row(entry)).to_contain_text("Reason")
    assert (await room.now(entry)).state == "retracted"


async def test_the_focus_goes_along_to_another_place(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    rail = ana.page.get_by_role("navigation", name="Desk")
    await rail.get_by_role("link", name="Drafts").press("Enter")
    await expect(ana.page.get_by_role("heading", name="Drafts")).to_be_focused()
    await rail.get_by_role("link", name="Desk").press("Enter")
    composer = ana.page.get_by_role("region", name="Composer")
    await expect(composer.get_by_role("textbox", name="Text")).to_be_focused()


async def test_what_a_screen_reader_walks_through(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    entry = await room.entry(headline="Latest", body="Words.", key=True)
    row = ana.page.get_by_role("article", name="Latest")
    await expect(row).to_have_attribute("data-entry", entry.id)
    for name in ("Edit", "Pin", "History", "Retract"):
        await expect(row.get_by_role("button", name=name, exact=True)).to_have_count(1)
        await expect(
            row.get_by_role("button", name=name, exact=True)
        ).to_have_accessible_description("Latest")
    await expect(ana.page.get_by_role("navigation", name="Desk")).to_be_visible()
    await expect(ana.page.get_by_role("region", name="Timeline")).to_be_visible()
    await expect(ana.page.get_by_role("search")).to_be_visible()
    rail = ana.page.get_by_role("navigation", name="Desk")
    current = rail.get_by_role("link", name="Desk", exact=True)
    await expect(current).to_have_attribute("aria-current", "page")
