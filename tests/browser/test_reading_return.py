"""The reader comes back: a line where they left, and the key developments they missed marked."""

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from liveblog.queries import LivePage
from liveblog.types import Cursor, Seq
from tests.browser.content import SLUG, day_view, entry_id, tombstone
from tests.browser.reading import (
    HIDE,
    START,
    beat,
    entry,
    long_entry,
    long_page,
    open_page,
    order,
    page_of,
)
from tests.browser.stub import Stub

pytestmark = pytest.mark.needs("chromium")

LINE = """() => {
  const rows = [...document.querySelectorAll("#feed > li:not(.day-line)")];
  const at = rows.findIndex((row) => row.matches(".since"));
  return [rows[at - 1], rows[at + 1]].map((row) => row?.querySelector("article")?.id ?? null);
}"""


def keys_of(*numbers: int, last: int, seq: int) -> LivePage:
    """A page up to ``last`` whose entries of these numbers are key, read at ``seq``."""
    entries = [long_entry(n, key=n in numbers) for n in range(last, 0, -1)]
    keys = tuple(e for e in entries if e.key)
    page = page_of(entries)
    moment = {"cursor": Cursor(f"test:{seq}"), "seq": Seq(seq)}
    shown = replace(page.snapshot, day=day_view(list(keys)), **moment)
    return replace(page, snapshot=shown, keys=keys)


async def leave(page: Page) -> None:
    """Goes to another site."""
    await page.goto("about:blank")


def ids(*numbers: int) -> list[str]:
    """The ids of entries in the page."""
    return [f"entry-{entry_id(n)}" for n in numbers]


async def test_a_first_visit_has_no_line(page: Page, stub: Stub) -> None:
    stub.page = keys_of(3, last=7, seq=START)
    await open_page(page, stub)
    await beat(page, stub, START)
    await expect(page.locator(".since, .missed")).to_have_count(0)


async def test_the_next_visit_shows_where_the_reader_left(page: Page, stub: Stub) -> None:
    stub.page = keys_of(3, last=7, seq=START)
    await open_page(page, stub)
    await leave(page)
    stub.page = keys_of(3, 9, last=11, seq=START + 4)
    await open_page(page, stub)
    await expect(page.locator(".since")).to_have_text("4 updates since you left")
    assert await page.evaluate(LINE) == ids(8, 7)
    missed = page.get_by_role("link", name="New since you left")
    await expect(missed).to_have_count(2)
    await expect(page.locator("#strip a:has(.missed)")).to_contain_text("Headline 9")
    await expect(page.locator("#day a:has(.missed)")).to_contain_text("Headline 9")
    for number in (8, 9, 10, 11):
        await page.keyboard.press("n")
        await expect(entry(page, number)).to_be_focused()
    await page.keyboard.press("n")
    await expect(entry(page, 11)).to_be_focused()


async def test_the_marks_outlive_a_new_roll_up(page: Page, stub: Stub) -> None:
    stub.page = keys_of(3, last=7, seq=START)
    await open_page(page, stub)
    await leave(page)
    stub.page = keys_of(3, 9, last=9, seq=START + 2)
    await open_page(page, stub)
    await expect(page.locator("#day a:has(.missed)")).to_have_count(1)
    keys = [long_entry(n, key=True) for n in (3, 9, 10)]
    stub.send(stub.day(day_view(keys, 2), START + 3), stub.change(keys[2], START + 4))
    await expect(page.locator("#day li")).to_have_count(3)
    await expect(page.locator("#day a:has(.missed)")).to_have_text(
        ["New since you left Headline 9"]
    )


async def test_nothing_new_draws_nothing(page: Page, stub: Stub) -> None:
    stub.page = keys_of(3, last=7, seq=START)
    await open_page(page, stub)
    await leave(page)
    await open_page(page, stub)
    await beat(page, stub, START)
    await expect(page.locator(".since, .missed")).to_have_count(0)


async def test_everything_is_new(page: Page, stub: Stub) -> None:
    """All that was seen lies on older pages: the line stands below everything."""
    stub.page = long_page(last=3)
    await open_page(page, stub)
    await leave(page)
    entries = [long_entry(n) for n in range(30, 20, -1)]
    shown = replace(page_of(entries).snapshot, cursor=Cursor("test:127"), seq=Seq(127))
    stub.page = LivePage(shown, 1)
    await open_page(page, stub)
    await expect(page.locator(".since")).to_have_text("10 updates since you left")
    assert await page.evaluate(LINE) == [f"entry-{entry_id(21)}", None]


async def test_away_for_a_while_with_the_tab_open(page: Page, stub: Stub) -> None:
    stub.page = keys_of(3, last=7, seq=START)
    await open_page(page, stub)
    await page.evaluate(HIDE, True)
    stub.send(stub.change(long_entry(8, key=True), START + 1))
    stub.send(stub.change(long_entry(9), START + 2))
    await expect(page.locator("#pill")).to_have_text("2 new updates")
    await page.evaluate(HIDE, False)
    await expect(page.locator(".since")).to_have_text("2 updates since you left")
    assert await page.evaluate(LINE) == ids(8, 7)
    await expect(page.locator("#strip a:has(.missed)")).to_contain_text("Headline 8")
    # From now on the reader is here: what comes stands above, and no new line is drawn.
    stub.send(stub.change(long_entry(10), START + 3))
    await expect(entry(page, 10)).to_be_visible()
    assert await page.evaluate(LINE) == ids(8, 7)
    assert (await order(page))[:3] == [10, 9, 8]


async def test_what_was_held_while_reading_is_not_called_an_absence(page: Page, stub: Stub) -> None:
    stub.page = long_page()
    await open_page(page, stub)
    await entry(page, 4).evaluate("(it) => it.scrollIntoView({ behavior: 'instant' })")
    stub.send(*(stub.change(long_entry(n), START + n - 7) for n in (8, 9)))
    await page.get_by_role("button", name="2 new updates").click()
    await expect(page.locator(".since")).to_have_text("2 new updates")
    assert await page.evaluate(LINE) == ids(8, 7)


async def test_a_removed_one_is_no_update(page: Page, stub: Stub) -> None:
    stub.page = long_page()
    await open_page(page, stub)
    await leave(page)
    stub.page = keys_of(last=11, seq=START + 4)
    await open_page(page, stub, f"#entry-{entry_id(2)}")
    await expect(page.locator(".since")).to_have_text("4 updates since you left")
    stub.send(stub.change(tombstone(9), START + 5), stub.change(long_entry(12), START + 6))
    await page.get_by_role("button", name="1 new update", exact=True).click()
    await expect(page.locator(".since")).to_have_text("4 new updates")


async def test_two_tabs_keep_what_either_has_seen(browser: Browser, stub: Stub) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 700})
    stub.page = long_page()
    old = await context.new_page()
    await open_page(old, stub)
    stub.page = keys_of(last=9, seq=START + 2)
    new = await context.new_page()
    await open_page(new, stub)
    await leave(new)
    await leave(old)
    seen = f"localStorage.getItem('liveblog::{SLUG}:seen')"
    await old.goto(f"{stub.address}/static/test/icon.svg")
    assert str(await old.evaluate(seen)).endswith(entry_id(9))
    await context.close()
