"""The composer in each of its states: axe finds nothing, nothing is cut off, keys are enough."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.axe import faults
from tests.browser.studio import DESKTOP, PHONE, desk, kept, public, sent, text
from tests.pictures import jpeg
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")
Step = Callable[[Page], Awaitable[None]]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server that waits before what is published comes out."""
    async with serving(tmp_path, undo_seconds=60) as running:
        await running.blog(title="War in Ukraine: the latest developments of the day")
        await running.publish(headline="Before", tags=("Kherson",))
        yield running


async def begun(page: Page) -> None:
    """A command is being typed."""
    await text(page).press_sequentially("Traffic stands. /k")
    await expect(page.get_by_role("option", name="/key")).to_be_visible()


async def whole(page: Page) -> None:
    """Everything that an entry can have."""
    await page.keyboard.press("Enter")
    await page.locator("#pictures").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg(90, 60)}
    )
    await expect(page.get_by_text("is on its way…")).to_have_count(0)
    await page.get_by_role("combobox", name="Bylines").fill("Jo Ray")
    await page.get_by_role("combobox", name="Tags").fill("Kher")
    await expect(page.get_by_role("option", name="Kherson")).to_be_visible()
    await page.get_by_role("button", name="Quote").click()
    await expect(page.get_by_label("The words, without quotation marks")).to_be_focused()


async def refused(page: Page) -> None:
    """What is missing is said at its place."""
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("The quote has no words yet.")).to_be_visible()
    await page.get_by_role("button", name="Take the quote out").click()
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_text("Say what picture 1 shows")).to_be_visible()


async def scheduling(page: Page) -> None:
    """When it is to come out."""
    await page.get_by_role("button", name="Schedule…").click()
    await page.get_by_label("Date").fill("2020-01-01")
    await page.get_by_role("button", name="Schedule", exact=True).click()
    await expect(page.get_by_text("That is over already.")).to_be_visible()
    await page.keyboard.press("Escape")


async def going(page: Page) -> None:
    """One that can be taken back."""
    await page.get_by_role("button", name="Take picture 1 out").click()
    await page.get_by_role("button", name="Publish").click()
    await expect(sent(page).get_by_role("button", name="Undo")).to_be_visible()


async def cut_off(page: Page) -> None:
    """No network."""
    await page.context.set_offline(True)
    await expect(page.get_by_text("No connection to the server.")).to_be_visible()
    await text(page).fill("Kept.")


async def signed_out(page: Page) -> None:
    """The session is over."""
    await page.context.clear_cookies()
    await page.context.set_offline(False)
    await expect(page.get_by_role("dialog", name="Your session has ended")).to_be_visible()


async def later(page: Page) -> None:
    """And that can wait."""
    await page.get_by_role("button", name="Not now").click()
    await expect(page.locator(".banner", has_text="You are signed out.")).to_be_visible()


async def empty(page: Page) -> None:
    """Nothing is written yet."""
    await expect(text(page)).to_be_focused()


STATES: list[Step] = [
    empty, begun, whole, refused, scheduling, going, cut_off, signed_out, later,
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing_in_any_state(
    served: Served, browser: Browser, scheme: Any, size: Any
) -> None:
    async with desk(served, browser, [], viewport=size, color_scheme=scheme) as page:
        for state in STATES:
            await state(page)
            assert await faults(page) == [], state.__doc__
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size["width"], state.__doc__


async def test_keys_are_enough(served: Served, browser: Browser, complaints: list[str]) -> None:
    """Without a mouse: write, mark, tag, see that it goes, take it back, send it on."""
    async with desk(served, browser, complaints) as page:
        keys = page.keyboard
        await keys.type("Traffic stands. /key")
        await keys.press("Enter")
        await keys.press("Shift+Tab")
        await expect(page.get_by_role("textbox", name="Headline")).to_be_focused()
        await keys.press("End")
        await keys.type(" everywhere")
        await keys.press("Tab")
        await expect(text(page)).to_be_focused()
        await keys.press("Tab")
        await keys.type("Jo Ray,")
        await keys.press("Tab")  # to the button that takes it out, or on to the tags
        while not await page.evaluate("document.activeElement.id === 'tag-field'"):
            await keys.press("Tab")
        await keys.type("Kher")
        await expect(page.get_by_role("option", name="Kherson")).to_be_visible()
        await keys.press("Enter")
        await keys.press("Tab")
        await expect(page.get_by_role("button", name="Key", exact=True)).to_be_focused()
        await keys.press("Tab")
        await keys.press("Space")
        await expect(page.get_by_role("button", name="Pin", pressed=True)).to_be_focused()
        await keys.press("Control+Enter")
        await expect(sent(page).get_by_role("button", name="Undo")).to_be_visible()
        await expect(text(page)).to_be_focused()
        await keys.press("Escape")
        await expect(text(page)).to_have_value("Traffic stands. ")
        for name in ("Publish", "Schedule…"):
            while not await page.evaluate(f"document.activeElement.innerText === '{name}'"):
                await keys.press("Tab")
        await keys.press("Enter")
        await expect(page.get_by_label("Date")).to_be_focused()
        await keys.press("Escape")
        await keys.press("Shift+Tab")
        await keys.press("Enter")
        await expect(sent(page).get_by_role("button", name="Undo")).to_be_visible()
        await expect(text(page)).to_be_focused()
        (entry,) = await kept(page, "scheduled")
        assert entry["headline"] == "Traffic stands everywhere"
        assert entry["tags"] == ["Kherson"]
        assert [one["name"] for one in entry["bylines"]] == ["Jo Ray"]
        assert entry["pinned"]
        assert len(await public(served)) == 1
    assert complaints == []


async def test_the_next_one_is_written_where_the_last_one_was(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    """What is told of the last one moves nothing of what is written next."""
    async with desk(served, browser, complaints) as page:
        place = await text(page).bounding_box()
        await page.keyboard.type("Words.")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_role("button", name="Undo")).to_be_visible()
        assert await text(page).bounding_box() == place
