"""A film in another site's frame is watched: what is above it waits, and nothing moves it. The
other site is a page of the test's, in a frame of its own origin."""

import re
from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Frame, FrameLocator, Page, Route, expect

from liveblog.types import Revision
from tests.browser.content import SLUG, day_view, entry_view
from tests.browser.kinds import Kinds, id_of, of
from tests.browser.reading import START, beat, live, long_entry, page_of
from tests.browser.stub import serving

pytestmark = pytest.mark.needs("chromium")

FILM = """<!doctype html><title>A player</title><body style="margin:0;height:100vh">
<button style="width:100%;height:100%" onclick="this.textContent = 'Playing'">Play</button>"""
YOUTUBE = "#feed iframe"


@pytest.fixture
async def stub() -> AsyncIterator[Kinds]:
    async with serving(Kinds()) as running:
        assert isinstance(running, Kinds)
        running.page = page_of([of("youtube"), *(long_entry(n) for n in range(11, 7, -1))])
        yield running


@pytest.fixture
async def page(browser: Browser, stub: Kinds) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 390, "height": 900})

    async def player(route: Route) -> None:
        await route.fulfill(body=FILM, content_type="text/html")

    await context.route(re.compile("^https:"), player)
    opened = await context.new_page()
    await opened.goto(f"{stub.address}/blogs/{SLUG}")
    await live(opened)
    yield opened
    await context.close()


async def play(page: Page) -> FrameLocator:
    """Opens the player and starts it, as a reader does."""
    await page.get_by_role("button", name="Show content from YouTube").click()
    film = page.frame_locator(YOUTUBE)
    await film.get_by_role("button", name="Play").click()
    await expect(film.get_by_role("button", name="Playing")).to_be_visible()
    return film


async def place(page: Page) -> float:
    """Where the player stands on the screen."""
    found: float = await page.locator(YOUTUBE).evaluate("(it) => it.getBoundingClientRect().top")
    return found


def inside(page: Page) -> Frame:
    (frame,) = page.main_frame.child_frames
    return frame


async def test_what_comes_waits_above_a_film_that_is_watched(page: Page, stub: Kinds) -> None:
    await play(page)
    before = await place(page)
    stub.send(stub.change(long_entry(20), START + 1))
    pill = page.get_by_role("button", name="1 new update", exact=True)
    await expect(pill).to_be_visible()
    assert await place(page) == before
    # Whoever touches the page beside the film still watches it.
    await page.locator("h1").click()
    stub.send(stub.change(long_entry(21), START + 2))
    await expect(page.get_by_role("button", name="2 new updates")).to_be_visible()
    assert await place(page) == before
    await page.get_by_role("button", name="2 new updates").click()
    await expect(page.locator("#feed article").first).to_contain_text("Words of entry 21.")


async def test_out_of_sight_it_is_watched_no_more(page: Page, stub: Kinds) -> None:
    await page.set_viewport_size({"width": 390, "height": 500})
    await play(page)
    stub.send(stub.change(long_entry(20), START + 1))
    await expect(page.locator("#pill")).to_be_visible()
    await page.evaluate("scrollTo({ top: 1500, behavior: 'instant' })")
    await expect(page.locator(".is-watched")).to_have_count(0)
    await expect(page.locator("#pill")).to_be_visible()
    await page.locator("h1").evaluate("it => it.focus()")
    await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    await expect(page.locator("#pill")).to_be_hidden()


async def test_a_frame_that_opened_by_itself_holds_nothing(page: Page, stub: Kinds) -> None:
    await page.get_by_label("Always show content from YouTube").check()
    await expect(page.locator(YOUTUBE)).to_be_visible()
    await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    stub.send(stub.change(long_entry(20), START + 1))
    await expect(page.locator("#feed article").first).to_contain_text("Words of entry 20.")
    await expect(page.locator("#pill")).to_be_hidden()


async def test_what_changes_above_does_not_move_it(page: Page, stub: Kinds) -> None:
    """At the very top of the page, too: there the line of text that is read may move."""
    await play(page)
    await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    before = await place(page)
    stub.send(stub.day(day_view([long_entry(n, key=True) for n in range(8, 12)]), START + 1))
    await expect(page.locator("#day li")).to_have_count(4)
    assert abs(await place(page) - before) <= 1
    pinned = entry_view(30, "Pinned words. " * 60, pinned=True)
    stub.send(stub.change(pinned, START + 2))
    await expect(page.locator("#pinned")).to_be_visible()
    assert abs(await place(page) - before) <= 1


async def test_its_entry_is_edited_and_it_goes_on(page: Page, stub: Kinds) -> None:
    film = await play(page)
    frame = inside(page)
    edited = replace(of("youtube"), revision=Revision(2), html="<p>From the other hall.</p>")
    stub.send(stub.change(edited, START + 1, "entry.revised"))
    await expect(page.locator(f"#entry-{id_of('youtube')}")).to_contain_text("other hall")
    await expect(film.get_by_role("button", name="Playing")).to_be_visible()
    assert inside(page) is frame
    assert await page.evaluate("document.activeElement.localName") == "iframe"
    stub.send(stub.change(long_entry(20), START + 2))
    await beat(page, stub, START + 2)
    await expect(page.locator("#pill")).to_have_text("1 new update")


async def test_a_frame_says_whose_it_is(page: Page) -> None:
    await play(page)
    await expect(page.locator(YOUTUBE)).to_have_attribute("title", "YouTube: The hall, live")
