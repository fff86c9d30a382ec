"""Seeing the effect at the desk: who reads, what was delivered, what waits, how the wire is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.newsroom import Newsroom, newsroom
from tests.kit import SLUG
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Asks until it is so."""
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - the page says it to nobody
            await asyncio.sleep(0.1)


async def test_readers_now_and_the_receipt_of_an_entry(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    reader = await ana.context.new_page()
    await reader.goto(f"{room.served.url}/blogs/{SLUG}")
    await expect(reader.locator("#live")).to_have_attribute("data-connection", "live")
    await expect(ana.page.locator(".readers")).to_contain_text("1 reader", timeout=20_000)
    entry = await room.entry(body="For one.")
    await expect(reader.get_by_text("For one.")).to_be_visible()
    receipt = ana.row(entry).locator(".receipt")
    await expect(receipt).to_contain_text("written to 1 reader in", timeout=20_000)
    words = await receipt.text_content()
    await ana.page.reload()
    await expect(receipt).to_have_text(words or "")


async def test_the_rail_counts_and_says_what_nobody_looked_at(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    cleo = await room.colleague("Cleo", "contributor")
    rail = ana.page.get_by_role("navigation", name="Desk")
    waiting = rail.get_by_role("link", name="Submitted")
    entry = await room.entry(await room.principal(cleo), body="Please", state="submitted")
    await expect(waiting.locator(".count")).to_have_text("1 unread")
    await waiting.click()
    await expect(ana.row(entry)).to_be_visible()
    await expect(waiting).not_to_contain_text("unread")
    more = await room.entry(await room.principal(cleo), body="And this", state="submitted")
    await expect(ana.row(more)).to_be_visible()
    await ana.row(entry).get_by_role("button", name="Publish").click()
    await expect(ana.row(entry)).to_be_hidden()
    await ana.open()
    await expect(ana.row(entry)).to_be_visible()


async def test_a_long_story_does_not_fill_the_timeline(room: Newsroom) -> None:
    long = await room.entry(body="\n\n".join(f"Paragraph {n}." for n in range(40)))
    short = await room.entry(body="One paragraph.")
    ana = await room.colleague("Ana")
    more = ana.row(long).get_by_role("button", name="Show all")
    await expect(more).to_have_attribute("aria-expanded", "false")
    await expect(ana.row(short).get_by_role("button", name="Show all")).to_have_count(0)
    height = "(row) => row.getBoundingClientRect().height"
    before = await ana.row(long).evaluate(height)
    await more.click()
    await expect(ana.row(long).get_by_role("button", name="Show less")).to_be_visible()
    assert await ana.row(long).evaluate(height) > 2 * before


async def test_drafts_and_what_is_scheduled(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="drafts")
    draft = await room.entry(body="Half", state="draft")
    await expect(ana.row(draft)).to_contain_text("Draft")
    await ana.row(draft).get_by_role("button", name="Throw away").click()
    await expect(ana.row(draft)).to_be_hidden()
    await expect(ana.page.get_by_role("heading", name="Drafts")).to_be_focused()
    later = datetime.now(UTC) + timedelta(minutes=10, seconds=30)
    entry = await room.entry(body="Later", publish_at=later)
    await ana.open("scheduled")
    await expect(ana.row(entry).locator("[data-countdown]")).to_have_text("in 10 min")
    await ana.row(entry).get_by_role("button", name="Back to drafts").click()
    await expect(ana.row(entry)).to_be_hidden()
    assert (await room.now(entry)).state == "draft"
    await ana.open("retracted")
    await ana.row(draft).get_by_role("button", name="Restore").click()
    await ana.open("drafts")
    await expect(ana.row(draft)).to_be_visible()


async def test_a_time_is_changed_and_an_embargo_lifted_on_purpose(room: Newsroom) -> None:
    later = datetime.now(UTC) + timedelta(hours=2)
    entry = await room.entry(body="Report", publish_at=later, embargo=True)
    ana = await room.colleague("Ana", place="scheduled")
    row = ana.row(entry)
    await expect(row).to_contain_text("Embargo")
    await expect(row.get_by_role("button", name="Publish")).to_have_count(0)
    await row.get_by_role("button", name="Change the time").click()
    day = row.get_by_label("Date")
    await expect(day).to_be_focused()
    await day.fill(str(date.fromisoformat(await day.input_value()) + timedelta(days=1)))
    await row.get_by_role("button", name="Set the embargo").click()
    await expect(row.locator("[data-countdown]")).to_contain_text("in 1 d")
    await expect(row).to_be_focused()
    assert (await room.now(entry)).embargo
    await row.get_by_role("button", name="Lift the embargo").click()
    await expect(row.get_by_role("button", name="Publish")).to_be_visible()
    await row.get_by_role("button", name="Publish").click()
    await expect(row).to_be_hidden()
    assert (await room.now(entry)).state == "published"


async def test_what_is_published_can_be_taken_back_where_it_was(
    tmp_path: Path, valkey: ValkeyProcess, browser: Browser
) -> None:
    async with newsroom(tmp_path, valkey, browser, undo_seconds=60) as room:
        draft = await room.entry(body="Half", state="draft")
        ana = await room.colleague("Ana", place="drafts")
        row = ana.row(draft)
        await row.get_by_role("button", name="Publish").click()
        await expect(ana.says("It goes out in some seconds.")).to_be_attached()
        await expect(row.locator("[data-countdown]")).to_contain_text("in ")
        assert (await room.now(draft)).state == "scheduled"
        await row.get_by_role("button", name="Take it back").click()
        await expect(row).to_contain_text("Draft")
        assert (await room.now(draft)).state == "draft"


async def test_the_countdown_goes_on_by_itself(room: Newsroom) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=50)
    entry = await room.entry(body="Soon", publish_at=soon)
    ana = await room.colleague("Ana", place="scheduled")
    countdown = ana.row(entry).locator("[data-countdown]")
    before = await countdown.text_content()
    await expect(countdown).not_to_have_text(before or "")


async def test_the_wire_is_shown_as_it_is_and_read_again_after_it(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    wire = ana.page.locator(".wire")
    await expect(wire).to_have_text("Connected")
    await ana.context.set_offline(True)
    await expect(wire).to_contain_text("Not connected.")
    here = ana.page.get_by_role("region", name="Who is here")
    await expect(here).to_contain_text("Not known now.")
    missed = await room.entry(body="Meanwhile")
    await ana.context.set_offline(False)
    await expect(wire).to_have_text("Connected", timeout=20_000)
    await expect(ana.row(missed)).to_contain_text("Meanwhile")


async def test_a_server_that_hears_nothing_is_not_called_live(
    room: Newsroom, valkey: ValkeyProcess
) -> None:
    ana = await room.colleague("Ana")
    await ana.context.clock.install()
    await ana.open()
    wire = ana.page.locator("[data-wire]")
    valkey.kill()

    async def deaf() -> bool:
        """Half a minute later by the page's clock; the server's own goes on as ever."""
        await ana.page.clock.fast_forward(30_000)
        return await wire.get_attribute("data-wire") == "deaf"

    await until(deaf)
    await expect(wire).to_contain_text("the server does not hear what others do")
    missed = await room.entry(body="Said to nobody")

    async def there() -> bool:
        await ana.page.clock.fast_forward(30_000)
        return await ana.row(missed).count() == 1

    await until(there)
    valkey.start()
    await expect(wire).to_have_text("Connected", timeout=20_000)
