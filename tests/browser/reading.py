"""What tests of reading do with a page: open it, leave it and return, and write down what moves
and what is said aloud."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace
from playwright.async_api import Locator, Page, expect

from liveblog.queries import LivePage
from liveblog.types import Cursor, Seq
from liveblog.wire.messages import EntryView
from tests.browser.content import NOON, SLUG, entry_id, entry_view, live_page
from tests.browser.stub import Stub, message

START = 100
"""The seq of the long page."""

RECORD = """() => {
  window.said = [];
  const region = document.getElementById("announcement");
  new MutationObserver(() => region.textContent && window.said.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
}"""

# The words of the state line follow one another; that is no part of what is read.
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      const moved = sources.map(({ node }) => node?.parentElement?.closest(".state") ? null : node);
      const names = moved.filter(Boolean).map((node) => node.id || node.className || node.nodeName);
      if (names.length) window.shifts.push([value, ...names]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""

HIDE = """(hidden) => {
  const say = (name, get) => Object.defineProperty(document, name, { configurable: true, get });
  say("hidden", () => hidden);
  say("visibilityState", () => (hidden ? "hidden" : "visible"));
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def entry(page: Page, number: int) -> Locator:
    """The entry where it stands in the feed."""
    return page.locator(f"#feed #entry-{entry_id(number)}")


def long_page(last: int = 7, first: int = 1) -> LivePage:
    """A live page of entries of about a screen each."""
    return page_of([long_entry(n) for n in range(last, first - 1, -1)])


def long_entry(number: int, **changes: Any) -> EntryView:
    """An entry as high as a phone: what stands above or below it is out of sight."""
    words = f"Words of entry {number}. " * 12
    return entry_view(number, "\n\n".join([words] * 2), headline=f"Headline {number}", **changes)


def page_of(entries: list[EntryView]) -> LivePage:
    """A live page with these entries, newest first, and nothing above them."""
    whole = live_page()
    shown = replace(
        whole.snapshot,
        blog=replace(whole.snapshot.blog, updated_at=NOON - timedelta(hours=6)),
        cursor=Cursor(f"test:{START}"),
        seq=Seq(START),
        day=None,
        pinned=None,
        entries=tuple(entries),
    )
    return replace(whole, snapshot=shown, older=None)


async def open_page(page: Page, stub: Stub, path: str = "") -> None:
    """Opens the live page and waits until it is connected."""
    await page.goto(f"{stub.address}/blogs/{SLUG}{path}")
    await stub.connected("socket")
    await live(page)


async def live(page: Page) -> None:
    """The page follows."""
    await expect(page.locator("#live")).to_have_attribute("data-connection", "live")


async def beat(page: Page, stub: Stub, seq: int, at: str = "11:03:22") -> None:
    """The page has heard a heartbeat, and so taken in everything that was sent before."""
    stub.send(message("heartbeat", seq, at=f"2025-07-23T{at}.456789Z"))
    hour, rest = int(at[:2]) + 3, at[2:]
    await expect(page.locator("#updated")).to_have_text(f"Up to date {hour}{rest} EEST")


async def read(page: Page, number: int) -> float:
    """Scrolls an entry to the top of the screen; gives where it stands then."""
    await entry(page, number).evaluate("(it) => it.scrollIntoView({ behavior: 'instant' })")
    return await top(page, number)


async def top(page: Page, number: int) -> float:
    """Where an entry begins on the screen."""
    place: float = await entry(page, number).evaluate("(it) => it.getBoundingClientRect().top")
    return place


async def order(page: Page) -> list[int]:
    """The numbers of the entries, from the top."""
    ids = await page.locator("#feed article").evaluate_all("(all) => all.map((a) => a.id)")
    return [int(one.removeprefix("entry-")) for one in ids]


async def said(page: Page) -> list[str]:
    """What was said aloud since it is recorded."""
    words: list[str] = await page.evaluate("window.said")
    return words
