"""One screen that tells the story: the strip, the days and the clocks, while the page is open."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from bench.desk import fill
from liveblog.actions import OPERATOR, Ask
from liveblog.wire.messages import EntryView
from liveblog.wire.requests import PatchEntry
from tests.browser.content import NOON, entry_id, entry_view, tombstone
from tests.browser.content import SLUG as STORY
from tests.browser.reading import START, beat, live, long_entry, long_page, open_page, order, read
from tests.browser.stub import Stub
from tests.kit import SLUG
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")


def key(number: int, **changes: object) -> EntryView:
    """A key development."""
    return entry_view(number, "Words.", **{"key": True, "headline": f"Key {number}"} | changes)


def at(number: int, when: datetime, **changes: object) -> EntryView:
    """An entry of this moment."""
    return entry_view(number, "Words.", published_at=when, **changes)


async def strip(page: Page) -> list[str]:
    """Its headlines, from the beginning of the line."""
    return await page.locator("#strip .strip-title").all_inner_texts()


async def days(page: Page) -> list[str]:
    """What stands in the feed: days by their dates, entries by their numbers."""
    rows: list[str] = await page.locator("#feed > li").evaluate_all(
        "(all) => all.map((row) => row.dataset.day"
        " ?? String(Number(row.querySelector('article').dataset.entry)))"
    )
    return rows


# The strip ----------------------------------------------------------------------------------


async def test_the_strip_follows(page: Page, stub: Stub, complaints: list[str]) -> None:
    stub.page = replace(long_page(), keys=tuple(key(n) for n in (5, 3, 1)))
    await open_page(page, stub)
    stub.send(stub.change(key(8), START + 1))
    await expect(page.locator("#strip .strip-title").first).to_have_text("Key 8")
    # In its place by time, with new words, and gone when it is none any more.
    stub.send(stub.change(key(4, revision=2), START + 2, "entry.revised"))
    stub.send(stub.change(key(3, headline="Three", revision=2), START + 3, "entry.revised"))
    stub.send(stub.change(key(5, key=False, revision=2), START + 4, "entry.revised"))
    stub.send(stub.change(tombstone(1), START + 5))
    await beat(page, stub, START + 5)
    assert await strip(page) == ["Key 8", "Key 4", "Three"]
    for seq, number in enumerate((8, 4, 3), START + 6):
        stub.send(stub.change(tombstone(number, revision=3), seq))
    await expect(page.locator("#strip")).to_be_hidden()
    assert complaints == []


async def test_a_full_strip_takes_none_from_below_its_end(page: Page, stub: Stub) -> None:
    """Between the last of it and an older one there may be others that the page does not know."""
    stub.page = replace(long_page(first=2), keys=tuple(key(n) for n in range(21, 9, -1)))
    await open_page(page, stub)
    stub.send(stub.change(tombstone(15), START + 1))
    stub.send(stub.change(key(1, revision=2), START + 2, "entry.revised"))
    await beat(page, stub, START + 2)
    assert await strip(page) == [f"Key {n}" for n in range(21, 9, -1) if n != 15]
    stub.send(stub.change(key(22), START + 3), stub.change(key(23), START + 4))
    await beat(page, stub, START + 4, "11:04:00")
    shown = await strip(page)
    assert len(shown) == 12
    assert (shown[0], shown[-1]) == ("Key 23", "Key 11")


async def test_a_link_to_what_is_held_shows_it(page: Page, stub: Stub) -> None:
    stub.page = long_page()
    await open_page(page, stub)
    await read(page, 4)
    stub.send(stub.change(key(8), START + 1))
    await expect(page.locator("#pill")).to_be_visible()
    assert 8 not in await order(page)
    await page.locator("#strip a[data-to]").click()
    await expect(page.locator(f"#feed #entry-{entry_id(8)}")).to_be_in_viewport()
    await expect(page.locator("#pill")).to_be_hidden()
    assert page.url.endswith(f"/blogs/{STORY}#entry-{entry_id(8)}")


# Days ---------------------------------------------------------------------------------------

NIGHT = datetime(2025, 7, 23, 21, 0, tzinfo=UTC)
"""Midnight in Kyiv."""


@pytest.mark.parametrize("oldest", [False, True])
async def test_the_days_of_what_comes(page: Page, stub: Stub, oldest: bool) -> None:
    stub.page = long_page(3)
    await open_page(page, stub, "?order=oldest" if oldest else "")

    async def shows(*rows: str) -> None:
        if oldest:  # What is new stands at the end, and waits there.
            await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        await expect(page.locator("#feed > li")).to_have_count(len(rows))
        assert await days(page) == list(rows if oldest else _turned(rows))

    await shows("2025-07-23", "1", "2", "3")
    stub.send(stub.change(at(8, NIGHT + timedelta(minutes=1)), START + 1))
    await shows("2025-07-23", "1", "2", "3", "2025-07-24", "8")
    stub.send(stub.change(at(9, NIGHT - timedelta(minutes=1)), START + 2))
    await shows("2025-07-23", "1", "2", "3", "9", "2025-07-24", "8")
    link = page.locator(".day-line a", has_text="July 24")
    await expect(link).to_have_attribute("href", f"/blogs/{STORY}/days/2025-07-24")
    # Dated to the other day, it changes sides; a day without entries has no line.
    moved = at(8, NIGHT - timedelta(minutes=2), revision=2)
    stub.send(stub.change(moved, START + 3, "entry.revised"))
    await shows("2025-07-23", "1", "2", "3", "8", "9")


async def test_what_was_removed_stands_below_the_line_of_its_day(page: Page, stub: Stub) -> None:
    """A tombstone says when it was removed, and not when it was published."""
    listed = [tombstone(5), long_entry(3), tombstone(2), long_entry(1)]
    shown = replace(long_page().snapshot, entries=tuple(listed))
    stub.page = replace(long_page(), snapshot=shown)
    await open_page(page, stub)
    assert await days(page) == ["2025-07-23", "5", "3", "2", "1"]
    stub.send(stub.change(tombstone(3, revision=3), START + 1))
    await expect(page.locator(f"#entry-{entry_id(3)}")).to_contain_text("removed")
    assert await days(page) == ["2025-07-23", "5", "3", "2", "1"]
    stub.send(stub.change(at(8, NIGHT + timedelta(minutes=1)), START + 2))
    await expect(page.locator("#feed > li")).to_have_count(6 + 1)
    assert await days(page) == ["2025-07-24", "8", "2025-07-23", "5", "3", "2", "1"]


async def test_what_was_removed_on_another_day_is_not_put_into_it(page: Page, stub: Stub) -> None:
    late = replace(tombstone(5), retracted_at=NIGHT + timedelta(minutes=1))
    shown = replace(long_page().snapshot, entries=(late, long_entry(1)))
    stub.page = replace(long_page(), snapshot=shown)
    await open_page(page, stub)
    assert await days(page) == ["5", "2025-07-23", "1"]
    stub.send(stub.change(long_entry(1, revision=2), START + 1, "entry.revised"))
    await expect(page.locator(f"#entry-{entry_id(1)}")).to_have_attribute("data-revision", "2")
    assert await days(page) == ["5", "2025-07-23", "1"]


def _turned(rows: tuple[str, ...]) -> list[str]:
    """The same days and entries, newest first."""
    groups: list[list[str]] = []
    for row in rows:
        if "-" in row:
            groups.append([row])
        else:
            groups[-1].insert(1, row)
    return [row for group in reversed(groups) for row in group]


async def test_oldest_first_goes_on_at_its_end(page: Page, stub: Stub) -> None:
    stub.page = long_page()
    await open_page(page, stub, "?order=oldest")
    assert await order(page) == [1, 2, 3, 4, 5, 6, 7]
    stub.send(stub.change(long_entry(8), START + 1))
    await expect(page.locator("#pill")).to_have_text("1 new update")
    await page.locator("#pill").click()
    await expect(page.locator(f"#entry-{entry_id(8)}")).to_be_in_viewport()
    assert await order(page) == [1, 2, 3, 4, 5, 6, 7, 8]
    await page.get_by_role("link", name="Newest first").click()
    await live(page)
    assert await order(page) == [7, 6, 5, 4, 3, 2, 1]


# Clocks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first", "late"),
    [
        ("Asia/Kathmandu", "14:52 your time", "02:46 your time"),
        ("America/New_York", "05:07 your time", "July 23 at 17:01 your time"),
        ("Europe/Helsinki", "", ""),
    ],
)
async def test_the_readers_own_clock(
    browser: Browser, stub: Stub, zone: str, first: str, late: str
) -> None:
    stub.page = long_page()
    context = await browser.new_context(timezone_id=zone, viewport={"width": 390, "height": 700})
    page = await context.new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))

    async def own(number: int) -> str | None:
        return await page.locator(f"#entry-{entry_id(number)} time").get_attribute("data-own")

    await open_page(page, stub)
    assert await own(1) is None
    await page.get_by_label("Show my own time beside it").check()
    await expect(page.locator("html.has-own-clock")).to_have_count(1)
    assert await own(1) == first
    await expect(page.locator(f"#entry-{entry_id(1)} time")).to_contain_text("12:07 EEST")
    # Kept for the next visit, and for what comes.
    await open_page(page, stub)
    await expect(page.locator(f"#entry-{entry_id(1)} time[data-own]")).to_have_count(1)
    stub.send(stub.change(at(9, NOON + timedelta(hours=12, minutes=1)), START + 1))
    await expect(page.locator(f"#entry-{entry_id(9)} time[data-own]")).to_have_count(1)
    assert await own(9) == late
    await page.get_by_label("Show my own time beside it").uncheck()
    loaded.clear()
    await open_page(page, stub)
    assert not [url for url in loaded if "clock.js" in url]
    assert await own(1) is None
    await context.close()


# Five thousand entries ------------------------------------------------------------------------


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A real server with a long blog."""
    async with serving(tmp_path, "lane") as running:
        await running.blog(headline="The war")
        first = await running.entry(headline="The first of all", key=True)
        patch, ask = PatchEntry(body="It began."), Ask(OPERATOR, match=first.revision)
        await running.actions.entries.revise(SLUG, first.id, patch, ask)
        await running.store.write(lambda tx: fill(tx, SLUG, 4999))
        yield running


async def test_an_address_of_long_ago(served: Served, browser: Browser) -> None:
    """Shared when the entry stood in the live page; it leads to the page that it stands on."""
    page = await browser.new_page(viewport={"width": 390, "height": 700})
    await page.goto(f"{served.url}/blogs/{SLUG}")
    strip = page.locator("#strip .strip-title")
    await expect(strip).to_have_text("The first of all")
    href = await page.locator("#strip a[data-to]").get_attribute("href")
    assert href is not None
    name = f"entry-{href.rpartition('/')[2]}"
    await page.goto("about:blank")
    await page.goto(f"{served.url}/blogs/{SLUG}#{name}")
    await page.wait_for_url(f"{served.url}/blogs/{SLUG}/pages/1#{name}")
    await expect(page.locator(f"#{name}")).to_be_in_viewport()
    await page.goto(f"{served.url}/blogs/{SLUG}#entry-nonsense")
    await live(page)
    assert page.url == f"{served.url}/blogs/{SLUG}#entry-nonsense"
    await page.close()


async def test_without_a_script(served: Served, browser: Browser) -> None:
    """From the live page to the beginning of the story, and back to the day."""
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{served.url}/blogs/{SLUG}")
    await expect(page.get_by_label("Show my own time beside it")).to_be_hidden()
    await page.get_by_role("link", name="From the beginning").click()
    await expect(page.locator("#feed article").first).to_contain_text("It began.")
    await page.get_by_role("link", name="Later updates").click()
    await expect(page).to_have_url(f"{served.url}/blogs/{SLUG}/pages/2?order=oldest")
    await expect(page.locator("#feed article")).to_have_count(20)
    await page.locator(".day-line a").first.click()
    await expect(page.locator("#feed article")).to_have_count(100)
    await page.get_by_role("link", name="Oldest first").click()
    await expect(page.locator("#feed article").first).to_contain_text("It began.")
    await page.get_by_role("link", name="To the newest updates").click()
    await page.get_by_role("link", name="All key developments").click()
    await expect(page.locator(".moment")).to_have_count(1)
    await context.close()
