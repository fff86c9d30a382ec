"""What the page claims of itself is true: LIVE and the time come from the wire, whatever the
reader's clock, network and machine do."""

import datetime as dt

import pytest
from msgspec.structs import replace
from playwright.async_api import Browser, Page, expect

from liveblog.queries import LivePage
from tests.browser.content import SLUG, live_page
from tests.browser.reading import HIDE, START, beat, entry, live, long_entry, long_page, open_page
from tests.browser.stub import Stub, message

pytestmark = pytest.mark.needs("chromium")

AS_OF = "As of 12:49 EEST, July 23"
"""When the long page changed last: its seventh entry."""

PERSISTED = "(type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true }))"


async def says(page: Page, mark: str, line: str) -> None:
    """The state line."""
    await expect(page.locator("#mark")).to_have_text(mark)
    await expect(page.locator("#updated")).to_have_text(line)


@pytest.fixture
async def opened(page: Page, stub: Stub) -> Page:
    """A long page that follows."""
    stub.page = long_page()
    await open_page(page, stub)
    return page


async def test_nothing_is_claimed_before_the_wire_proves_it(page: Page, stub: Stub) -> None:
    stub.page, stub.sockets = long_page(), False
    await page.route("**/api/**", lambda route: route.abort())
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    await expect(page.locator("#mark")).to_have_text("Reconnecting…")
    await expect(page.locator("#updated")).to_have_text("Last update 12:49 EEST, July 23")


async def test_nothing_is_claimed_without_a_script(browser: Browser, stub: Stub) -> None:
    stub.page = long_page()
    page = await browser.new_page(java_script_enabled=False)
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    await says(page, "", AS_OF)
    await expect(page.locator("#mark")).to_be_hidden()
    await expect(page.get_by_role("link", name="Reload")).to_be_visible()
    await expect(page.locator("#pause, #options-open, #pill, .share")).to_have_count(10)
    for control in await page.locator("#pause, #options-open, #pill, .share").all():
        await expect(control).to_be_hidden()
    await page.close()


async def test_heartbeats_prove_up_to_which_second(opened: Page, stub: Stub) -> None:
    await says(opened, "Live", "Last update 12:49 EEST, July 23")
    await beat(opened, stub, START, "11:03:22")
    await beat(opened, stub, START, "11:03:37")
    await expect(opened.locator("#mark")).to_have_text("Live")
    await expect(opened.locator("#reload")).to_be_hidden()
    time = opened.locator("#updated time")
    await expect(time).to_have_attribute("datetime", "2025-07-23T11:03:37.456789Z")


async def test_a_change_proves_its_own_moment(opened: Page, stub: Stub) -> None:
    stub.send(stub.change(long_entry(8), START + 1))
    await says(opened, "Live", "Up to date 14:00:00 EEST")


async def test_a_catch_up_proves_no_moment(opened: Page, stub: Stub) -> None:
    changes = [stub.entry(long_entry(8), START + 1)]
    since = {"from": f"test:{START}"}
    stub.send(message("changes", START + 1, **since, changes=changes))
    await says(opened, "Live", "Last update 14:00 EEST, July 23")


async def test_a_lost_wire_says_what_the_last_update_was(opened: Page, stub: Stub) -> None:
    await beat(opened, stub, START)
    stub.send(1012)
    await says(opened, "Reconnecting…", "Last update 12:49 EEST")
    assert await stub.connected("socket") == f"test:{START}"
    await says(opened, "Live", "Last update 12:49 EEST")
    await beat(opened, stub, START, "11:04:00")


async def test_a_stopped_wire_claims_nothing(opened: Page, stub: Stub) -> None:
    await beat(opened, stub, START)
    stub.send(4501)
    await says(opened, "Not updating", "Last update 12:49 EEST")
    await expect(opened.locator("#reload")).to_be_visible()


@pytest.mark.parametrize("clock", ["1999-12-31T23:59:59Z", "2025-07-22T13:00:00Z", "2038-01-01"])
async def test_the_readers_clock_may_be_wrong(page: Page, stub: Stub, clock: str) -> None:
    await page.clock.set_fixed_time(clock)
    stub.page = long_page()
    await open_page(page, stub)
    await says(page, "Live", "Last update 12:49 EEST, July 23")
    await beat(page, stub, START)
    stub.send(stub.change(long_entry(8), START + 1))
    await says(page, "Live", "Up to date 14:00:00 EEST")
    stub.send(1012)
    await says(page, "Reconnecting…", "Last update 14:00 EEST")
    await stub.connected("socket")
    await live(page)


async def test_a_clock_that_is_set_costs_at_most_a_new_wire(opened: Page, stub: Stub) -> None:
    await beat(opened, stub, START)
    await opened.clock.set_fixed_time("2031-01-01")
    assert await stub.connected("socket") == f"test:{START}"
    await beat(opened, stub, START, "11:05:00")
    await expect(opened.locator("#mark")).to_have_text("Live")


@pytest.mark.parametrize("hours", [0.02, 8])
async def test_after_sleep_it_is_not_live_until_it_has_asked(
    page: Page, stub: Stub, hours: float
) -> None:
    """The timers stood still; when the machine wakes, the socket still looks open."""
    await page.clock.install(time=dt.datetime(2025, 7, 23, 11, tzinfo=dt.UTC))
    stub.page = long_page()
    await open_page(page, stub)
    await beat(page, stub, START)
    stub.hold = True  # The next handshake is not answered.
    await page.clock.fast_forward(int(hours * 3_600_000))
    await says(page, "Reconnecting…", "Last update 12:49 EEST")
    assert await stub.connected("socket") == f"test:{START}"
    stub.hold = False
    await page.evaluate("dispatchEvent(new Event('online'))")
    await stub.connected("socket")
    await live(page)


async def test_a_tab_that_was_frozen_catches_up_at_once(page: Page, stub: Stub) -> None:
    await page.clock.install(time=dt.datetime(2025, 7, 23, 11, tzinfo=dt.UTC))
    stub.page = long_page()
    await open_page(page, stub)
    await beat(page, stub, START)
    await page.evaluate(HIDE, True)
    await page.clock.set_system_time(dt.datetime(2025, 7, 23, 12, tzinfo=dt.UTC))
    await page.evaluate(HIDE, False)
    assert await stub.connected("socket") == f"test:{START}"
    missed = [stub.entry(long_entry(n), START + n - 7) for n in (8, 9)]
    stub.send(message("changes", START + 2, **{"from": f"test:{START}"}, changes=missed))
    await expect(entry(page, 9)).to_be_visible()
    await expect(page.locator(".since")).to_have_text("2 updates since you left")
    await beat(page, stub, START + 2, "12:00:01")
    stub.send(stub.change(long_entry(10), START + 3))
    await expect(entry(page, 10)).to_be_visible()
    await expect(page.locator(".since")).to_have_text("2 updates since you left")


async def test_a_short_absence_makes_no_new_wire(opened: Page, stub: Stub) -> None:
    await opened.evaluate(HIDE, True)
    await opened.evaluate(HIDE, False)
    await beat(opened, stub, START)
    assert stub.asked.empty()


async def test_offline_and_back(opened: Page, stub: Stub) -> None:
    await beat(opened, stub, START)
    await opened.context.set_offline(True)
    await says(opened, "Reconnecting…", "Last update 12:49 EEST")
    await opened.context.set_offline(False)
    assert await stub.connected("socket") == f"test:{START}"
    missed = [stub.entry(long_entry(n), START + n - 7) for n in (8, 9, 10)]
    stub.send(message("changes", START + 3, **{"from": f"test:{START}"}, changes=missed))
    await expect(entry(opened, 10)).to_be_visible()
    await beat(opened, stub, START + 3, "11:09:00")
    await expect(opened.locator("#mark")).to_have_text("Live")


async def test_a_page_from_the_back_cache_takes_up_the_wire(opened: Page, stub: Stub) -> None:
    await beat(opened, stub, START)
    await opened.evaluate(PERSISTED, "pagehide")
    stub.hold = True
    await opened.evaluate(PERSISTED, "pageshow")
    await says(opened, "Reconnecting…", "Last update 12:49 EEST")
    assert await stub.connected("socket") == f"test:{START}"


async def test_the_zone_is_named_as_it_is_at_that_moment(opened: Page, stub: Stub) -> None:
    stub.send(message("heartbeat", START, at="2025-10-26T00:59:59Z"))
    await says(opened, "Live", "Up to date 03:59:59 EEST")
    stub.send(message("heartbeat", START, at="2025-10-26T01:00:00Z"))
    await says(opened, "Live", "Up to date 03:00:00 UTC+2")
    stub.send(1012)
    await says(opened, "Reconnecting…", "Last update 12:49 EEST, July 23")


@pytest.mark.parametrize("now", ["2025-07-24T09:00:00Z", "2026-07-23T11:00:00Z"])
async def test_one_that_has_ended_is_not_up_to_date(page: Page, stub: Stub, now: str) -> None:
    ended = live_page(status="closed")
    stub.page = LivePage(replace(ended.snapshot, pinned=None), None)
    await open_page(page, stub)
    stub.send(stub.change(long_entry(8), 10), message("heartbeat", 10, at=now))
    await expect(entry(page, 8)).to_have_count(1)
    await says(page, "Ended", "Last update 14:00 EEST, July 23")


async def test_polling_proves_by_the_servers_own_clock(page: Page, stub: Stub) -> None:
    stub.page, stub.sockets, stub.streams = long_page(), False, False
    await page.clock.set_fixed_time("1999-12-31T23:59:59Z")
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    for kind in ("stream", "stream", "changes"):
        await stub.connected(kind)
    since = {"from": f"test:{START}"}
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    await stub.polls.put(message("changes", START, **since, changes=[]))
    await expect(page.locator("#updated")).to_contain_text("Up to date")
    text = await page.locator("#updated time").get_attribute("datetime") or ""
    assert before - dt.timedelta(seconds=2) <= dt.datetime.fromisoformat(text)
