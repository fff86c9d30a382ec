"""The line that is read does not move, and what came meanwhile is held, counted and led to."""

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from liveblog.types import Cursor, Revision, Seq
from tests.browser.content import NOON, day_view, entry_id, entry_view, live_page, tombstone
from tests.browser.reading import (
    HIDE,
    SHIFTS,
    START,
    beat,
    entry,
    long_entry,
    long_page,
    open_page,
    order,
    page_of,
    read,
    top,
)
from tests.browser.stub import Stub, message

pytestmark = pytest.mark.needs("chromium")
TITLE = live_page().snapshot.blog.headline


def news(stub: Stub, *numbers: int, seq: int = START) -> None:
    """Publishes entries, each by a message of its own."""
    for place, number in enumerate(numbers, seq + 1):
        stub.send(stub.change(long_entry(number), place))


@pytest.fixture
async def opened(page: Page, stub: Stub) -> Page:
    """A long page, read from the top."""
    stub.page = long_page()
    await open_page(page, stub)
    return page


async def test_at_the_top_it_comes_in(opened: Page, stub: Stub) -> None:
    news(stub, 8, 9)
    await expect(entry(opened, 9)).to_be_visible()
    assert (await order(opened))[:3] == [9, 8, 7]
    await expect(opened.locator("#pill")).to_be_hidden()
    await expect(opened).to_have_title(TITLE)


async def test_below_the_top_it_is_held_and_counted(opened: Page, stub: Stub) -> None:
    before = await read(opened, 4)
    news(stub, 8)
    await expect(opened.get_by_role("button", name="1 new update", exact=True)).to_be_visible()
    await expect(opened).to_have_title(f"(1) {TITLE}")
    news(stub, 9, 10, seq=START + 1)
    await expect(opened.get_by_role("button", name="3 new updates")).to_be_visible()
    await expect(opened).to_have_title(f"(3) {TITLE}")
    assert await order(opened) == [7, 6, 5, 4, 3, 2, 1]
    assert abs(await top(opened, 4) - before) <= 1


async def test_one_that_is_held_is_counted_once_and_not_when_it_went(
    opened: Page, stub: Stub
) -> None:
    await read(opened, 4)
    news(stub, 8, 9)
    stub.send(stub.change(long_entry(9, revision=Revision(2)), START + 3, "entry.revised"))
    stub.send(stub.change(tombstone(8), START + 4))
    await beat(opened, stub, START + 4)
    await expect(opened.locator("#pill")).to_have_text("1 new update")
    await opened.locator("#pill").click()
    assert (await order(opened))[:2] == [9, 7]


async def test_the_pill_leads_to_the_first_unread_then_upward(opened: Page, stub: Stub) -> None:
    await read(opened, 4)
    news(stub, 8, 9, 10)
    await opened.get_by_role("button", name="3 new updates").click()
    await expect(entry(opened, 8)).to_be_focused()
    await expect(entry(opened, 8)).to_be_in_viewport()
    assert (await order(opened))[:4] == [10, 9, 8, 7]
    await expect(opened).to_have_title(TITLE)
    for number in (9, 10):
        await opened.keyboard.press("n")
        await expect(entry(opened, number)).to_be_focused()
        await expect(entry(opened, number)).to_be_in_viewport()


async def test_the_pill_leads_to_what_came_before_anything_was_seen(page: Page, stub: Stub) -> None:
    """Paused while the head of the page is read: no entry was in sight yet."""
    stub.page = replace(live_page(), snapshot=replace(live_page().snapshot, entries=()))
    await page.set_viewport_size({"width": 390, "height": 320})
    await open_page(page, stub)
    await page.get_by_role("button", name="Pause updates").click()
    await page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    for number in (8, 9):
        stub.send(stub.change(long_entry(number), number + 2))
    await page.get_by_role("button", name="2 new updates").click()
    await expect(entry(page, 8)).to_be_focused()
    await expect(entry(page, 8)).to_be_in_viewport()


async def test_the_pill_leads_to_one_that_is_dated_back(opened: Page, stub: Stub) -> None:
    await read(opened, 2)
    late = long_entry(20, published_at=NOON)
    stub.send(stub.change(late, START + 1))
    later = replace(long_entry(21), published_at=long_entry(5).published_at)
    stub.send(stub.change(later, START + 2))
    await opened.get_by_role("button", name="2 new updates").click()
    await expect(entry(opened, 20)).to_be_focused()
    await expect(entry(opened, 20)).to_be_in_viewport()


async def test_scrolling_to_the_top_shows_what_is_held(opened: Page, stub: Stub) -> None:
    await read(opened, 4)
    news(stub, 8, 9)
    await expect(opened.locator("#pill")).to_have_text("2 new updates")
    await opened.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    await expect(entry(opened, 9)).to_be_visible()
    await expect(opened.locator("#pill")).to_be_hidden()
    await expect(opened).to_have_title(TITLE)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("reading", [6, 4])
async def test_what_changes_above_moves_nothing(
    opened: Page, stub: Stub, reading: int, width: int
) -> None:
    await opened.set_viewport_size({"width": width, "height": 700})
    before = await read(opened, reading)
    longer = replace(long_entry(7), html="<p>Longer.</p>" * 40, revision=Revision(2))
    shorter = replace(long_entry(6 if reading == 4 else 5), html="<p>Short.</p>")
    stub.send(stub.change(longer, START + 1, "entry.revised"))
    stub.send(stub.change(replace(shorter, revision=Revision(2)), START + 2, "entry.revised"))
    pinned = replace(long_entry(1), pinned=True, revision=Revision(2))
    stub.send(stub.change(pinned, START + 3, "entry.revised"))
    await expect(opened.locator("#pinned")).to_be_visible()
    assert abs(await top(opened, reading) - before) <= 1
    day = day_view([replace(long_entry(n), key=True) for n in range(1, 8)])
    stub.send(stub.day(day, START + 4))
    await expect(opened.locator("#day li")).to_have_count(7)
    assert abs(await top(opened, reading) - before) <= 1
    longer_day = replace(day, items=day.items * 3, revision=Revision(2))
    stub.send(stub.day(longer_day, START + 5))
    await expect(opened.locator("#day li")).to_have_count(21)
    assert abs(await top(opened, reading) - before) <= 1
    stub.send(stub.change(tombstone(7, revision=3), START + 6))
    stub.send(stub.change(tombstone(1, revision=3), START + 7))
    await expect(opened.locator("#pinned")).to_be_hidden()
    assert abs(await top(opened, reading) - before) <= 1


async def test_an_edit_of_what_is_read_stays_in_place_and_is_marked(
    opened: Page, stub: Stub
) -> None:
    before = await read(opened, 4)
    edited = replace(long_entry(4), html="<p>Put right.</p>", revision=Revision(2))
    stub.send(stub.change(edited, START + 1, "entry.revised"))
    await expect(entry(opened, 4)).to_contain_text("Put right.")
    assert abs(await top(opened, 4) - before) <= 1
    assert await order(opened) == [7, 6, 5, 4, 3, 2, 1]
    assert await entry(opened, 4).evaluate("(it) => it.getAnimations().length") == 1
    await expect(opened.locator("#pill")).to_be_hidden()


async def test_a_removal_of_what_is_read_leaves_a_line(opened: Page, stub: Stub) -> None:
    before = await read(opened, 4)
    stub.send(stub.change(tombstone(4, "It was doubled."), START + 1))
    await expect(entry(opened, 4)).to_have_text(
        "This entry was removed at 12:33 EEST, July 23. It was doubled."
    )
    assert abs(await top(opened, 4) - before) <= 1


async def test_an_edit_keeps_the_place_of_the_keyboard(opened: Page, stub: Stub) -> None:
    await opened.keyboard.press("j")
    await expect(entry(opened, 7)).to_be_focused()
    stub.send(stub.change(long_entry(7, revision=Revision(2)), START + 1, "entry.revised"))
    await expect(entry(opened, 7)).to_have_attribute("data-revision", "2")
    await expect(entry(opened, 7)).to_be_focused()


async def test_a_hidden_tab_holds_and_the_return_shows(opened: Page, stub: Stub) -> None:
    await opened.evaluate(HIDE, True)
    news(stub, 8, 9, 10)
    await expect(opened).to_have_title(f"(3) {TITLE}")
    assert await order(opened) == [7, 6, 5, 4, 3, 2, 1]
    await opened.evaluate(HIDE, False)
    await expect(entry(opened, 10)).to_be_visible()
    await expect(opened.locator(".since")).to_have_text("3 updates since you left")
    rows = await opened.locator("#feed > li").evaluate_all(
        "(all) => all.map((li) => li.className || li.firstElementChild.id)"
    )
    assert rows[rows.index("since") - 1] == f"entry-{entry_id(8)}"
    assert rows[rows.index("since") + 1] == f"entry-{entry_id(7)}"
    await expect(opened).to_have_title(TITLE)


async def test_a_hidden_tab_that_is_not_at_the_top_moves_nothing(opened: Page, stub: Stub) -> None:
    before = await read(opened, 4)
    await opened.evaluate(HIDE, True)
    news(stub, 8)
    await expect(opened).to_have_title(f"(1) {TITLE}")
    await opened.evaluate(HIDE, False)
    await expect(opened.get_by_role("button", name="1 new update", exact=True)).to_be_visible()
    assert abs(await top(opened, 4) - before) <= 1
    await expect(entry(opened, 8)).to_have_count(0)


async def test_pause_holds_and_counts_until_it_is_let_go(opened: Page, stub: Stub) -> None:
    pause = opened.get_by_role("button", name="Pause updates")
    await pause.click()
    await expect(pause).to_have_attribute("aria-pressed", "true")
    await opened.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
    news(stub, 8, 9)
    await expect(opened.get_by_role("button", name="2 new updates")).to_be_visible()
    await expect(opened).to_have_title(f"(2) {TITLE}")
    assert await order(opened) == [7, 6, 5, 4, 3, 2, 1]
    stub.send(stub.change(tombstone(7), START + 3))
    await expect(entry(opened, 7)).to_contain_text("removed")
    await pause.click()
    await expect(pause).to_have_attribute("aria-pressed", "false")
    await expect(entry(opened, 9)).to_be_visible()
    await expect(opened.locator("#pill")).to_be_hidden()


PLAY = """async (video) => {
  const canvas = document.createElement("canvas");
  canvas.getContext("2d").fillRect(0, 0, 9, 9);
  video.srcObject = canvas.captureStream(5);
  video.muted = true;
  await video.play();
  window.film = video;
}"""


async def test_a_playing_film_holds_everything_but_removals(page: Page, stub: Stub) -> None:
    (picture,) = (m for e in live_page().snapshot.entries for m in getattr(e, "media", ()))
    recording = replace(picture, url="/static/test/film.webm", type="video/webm")
    film = entry_view(3, "A film.", media=(recording,))
    stub.page = page_of([film, long_entry(2), long_entry(1)])
    await open_page(page, stub)
    await entry(page, 3).locator("video").evaluate(PLAY)
    news(stub, 8)
    await expect(page.get_by_role("button", name="1 new update", exact=True)).to_be_visible()
    edited = replace(film, html="<p>A film, described.</p>", revision=Revision(2))
    stub.send(stub.change(edited, START + 2, "entry.revised"))
    await beat(page, stub, START + 2)
    assert await page.evaluate("film.isConnected && !film.paused")
    await page.evaluate("film.pause()")
    await expect(entry(page, 8)).to_be_visible()
    await expect(entry(page, 3)).to_contain_text("A film, described.")
    await entry(page, 3).locator("video").evaluate(PLAY)
    stub.send(stub.change(tombstone(3, revision=3), START + 3))
    await expect(entry(page, 3)).to_contain_text("removed")


async def test_reduced_motion_is_respected(browser: Browser, stub: Stub) -> None:
    stub.page = long_page()
    page = await browser.new_page(viewport={"width": 390, "height": 700}, reduced_motion="reduce")
    await open_page(page, stub)
    await read(page, 2)
    news(stub, 8)
    await expect(page.locator("#pill")).to_be_visible()
    place = await page.evaluate(
        """() => {
          document.getElementById("pill").click();
          return document.activeElement.getBoundingClientRect().top;
        }"""
    )
    assert 0 <= place < 200  # It is there at once: nothing travels.
    lasting = await entry(page, 8).evaluate(
        "(it) => it.getAnimations().map((a) => a.effect.getComputedTiming().endTime)"
    )
    assert all(end <= 1 for end in lasting)
    await page.close()


@pytest.mark.parametrize("width", [390, 1280])
async def test_nothing_shifts(browser: Browser, stub: Stub, width: int) -> None:
    """Loading, connecting, a heartbeat, a lost wire, a new entry below the top: no shift."""
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    await page.add_init_script(f"({SHIFTS})()")
    stub.page = replace(live_page(), snapshot=replace(live_page().snapshot, seq=START))
    await open_page(page, stub)
    await beat(page, stub, START)
    stub.send(1012)
    await expect(page.locator("#mark")).to_have_text("Reconnecting…")
    await expect(page.locator("#mark")).to_have_text("Live")
    await read(page, 3)
    stub.send(stub.change(long_entry(8), START + 1))
    await expect(page.locator("#pill")).to_be_visible()
    await beat(page, stub, START + 1, "11:05:00")
    assert await page.evaluate("window.shifts") == []
    await context.close()


async def test_the_line_of_the_next_visit_shifts_nothing(browser: Browser, stub: Stub) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 1600})
    page = await context.new_page()
    await page.add_init_script(f"({SHIFTS})()")
    stub.page = page_of([entry_view(n, f"Words {n}.") for n in range(6, 0, -1)])
    await open_page(page, stub)
    await page.goto("about:blank")
    listed = tuple(entry_view(n, f"Words {n}.") for n in range(8, 0, -1))
    shown = replace(stub.page.snapshot, cursor=Cursor("test:102"), seq=Seq(102), entries=listed)
    stub.page = replace(stub.page, snapshot=shown)
    await open_page(page, stub)
    await beat(page, stub, 102)
    await expect(page.locator(".since")).to_be_in_viewport()
    assert await page.evaluate("window.shifts") == []
    await context.close()


async def test_a_reset_while_reading(opened: Page, stub: Stub) -> None:
    before = await read(opened, 4)
    kept = tuple(long_entry(n) for n in range(9, 0, -1))
    stub.page = replace(
        stub.page, snapshot=replace(stub.page.snapshot, entries=kept, seq=START + 2)
    )
    stub.send(message("reset", START, reason="epoch_changed"))
    await stub.connected("snapshot")
    await expect(opened.locator("#pill")).to_have_text("2 new updates")
    assert abs(await top(opened, 4) - before) <= 1
