"""Listening: what is said aloud, exactly; the keys; the tree that a screen reader walks."""

import pytest
from msgspec.structs import replace
from playwright.async_api import Page, expect

from liveblog.types import Revision
from tests.browser.content import SLUG, entry_view, live_page, tombstone
from tests.browser.reading import (
    HIDE,
    RECORD,
    START,
    beat,
    entry,
    long_entry,
    long_page,
    open_page,
    read,
    said,
)
from tests.browser.stub import Stub

pytestmark = pytest.mark.needs("chromium")

PRESS = """(init) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }))"""

FORBIDDEN = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("denied", "SecurityError"); },
})"""


@pytest.fixture
async def opened(page: Page, stub: Stub) -> Page:
    """A long page; what it says is written down, and its time goes when the test says."""
    await page.clock.install(time="2025-07-23T11:00:00Z")
    stub.page = long_page()
    await open_page(page, stub)
    await page.evaluate(RECORD)
    return page


async def publish(page: Page, stub: Stub, *numbers: int) -> None:
    """Publishes entries, of which each multiple of 4 is key, and waits until they are there."""
    for number in numbers:
        one = long_entry(number, key=number % 4 == 0)
        stub.send(stub.change(one, START + number - 7))
    latest = START + numbers[-1] - 7
    await beat(page, stub, latest, f"11:{numbers[-1]:02}:00")


async def choose(page: Page, option: str) -> None:
    """Chooses what is announced, in the dialog."""
    await page.get_by_role("button", name="Reading options").click()
    await page.get_by_label("Announce new updates to screen readers").select_option(label=option)
    await page.get_by_role("button", name="Close").click()


async def test_the_sentences(page: Page, stub: Stub) -> None:
    plain, key = {"headline": "P", "key": False}, {"headline": "K", "key": True}
    bare = {"headline": "", "key": False}
    table = [
        ("off", [key], 1, ""),
        ("count", [], 4, ""),
        ("count", [key], 0, "1!"),
        ("count", [plain, bare], 3, "3!"),
        ("headlines", [plain, key], 2, "K\nP"),
        ("headlines", [bare, key], 2, "2!\nK"),
        ("headlines", [bare], 1, "1!"),
        ("headlines", [key, *[plain] * 3], 0, "4!\nP\nP\nK"),
        ("key", [plain, key, bare], 3, "K"),
        ("key", [plain], 3, ""),
        ("key", [key] * 5, 5, "K\nK\nK"),
    ]
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    got = await page.evaluate(
        """async (table) => {
          const { sentence } = await import("/static/test/announce.js");
          return table.map(([mode, items, waiting]) =>
            sentence(mode, items, waiting, (count) => `${count}!`));
        }""",
        table,
    )
    assert got == [wanted for *_, wanted in table]


async def test_together_and_counted(opened: Page, stub: Stub) -> None:
    await read(opened, 4)
    await publish(opened, stub, 8, 9, 10)
    assert await said(opened) == []
    await opened.clock.run_for(1000)
    assert await said(opened) == ["3 new updates"]
    await publish(opened, stub, 11)
    await opened.clock.run_for(1000)
    assert await said(opened) == ["3 new updates"]  # Not in the middle of what was said.
    await opened.clock.run_for(4000)
    assert await said(opened) == ["3 new updates", "4 new updates"]


async def test_at_the_top_each_is_said_again(opened: Page, stub: Stub) -> None:
    for number in (8, 9):
        await publish(opened, stub, number)
        await opened.clock.run_for(6000)
    assert await said(opened) == ["1 new update", "1 new update"]


async def test_a_steady_stream_is_not_put_off_for_ever(opened: Page, stub: Stub) -> None:
    await read(opened, 4)
    for number in range(8, 14):
        await publish(opened, stub, number)
        await opened.clock.run_for(500)
    assert (await said(opened))[:1]


async def test_edits_and_removals_are_not_announced(opened: Page, stub: Stub) -> None:
    edited = long_entry(3, revision=Revision(2))
    stub.send(stub.change(edited, START + 1, "entry.revised"))
    stub.send(stub.change(tombstone(2), START + 2))
    await beat(opened, stub, START + 2)
    await opened.clock.run_for(10_000)
    assert await said(opened) == []


@pytest.mark.parametrize(
    ("option", "wanted"),
    [
        ("Nothing", []),
        ("How many there are", ["5 new updates"]),
        ("Key developments only", ["Headline 8\nHeadline 12"]),
        ("Their headlines", ["5 new updates\nHeadline 10\nHeadline 11\nHeadline 12"]),
    ],
)
async def test_the_reader_chooses_and_it_is_kept(
    opened: Page, stub: Stub, option: str, wanted: list[str]
) -> None:
    await choose(opened, option)
    await opened.reload()
    await stub.connected("socket")
    await opened.evaluate(RECORD)
    choice = opened.locator("#option-announce option:checked")
    await expect(choice).to_have_text(option)
    await read(opened, 4)
    await publish(opened, stub, 8, 9, 10, 11, 12)
    await opened.clock.run_for(1000)
    assert await said(opened) == wanted


async def test_what_was_seen_is_not_said(opened: Page, stub: Stub) -> None:
    await read(opened, 4)
    await publish(opened, stub, 8, 9)
    await opened.locator("#pill").click()
    await opened.clock.run_for(10_000)
    assert await said(opened) == []
    await publish(opened, stub, 10)
    await opened.clock.run_for(1000)
    await expect(opened.locator("#announcement")).to_have_text("1 new update")
    await opened.keyboard.press(".")
    await expect(opened.locator("#announcement")).to_be_empty()


async def test_a_hidden_tab_is_silent_until_the_reader_is_back(opened: Page, stub: Stub) -> None:
    await read(opened, 4)
    await publish(opened, stub, 8)
    await opened.evaluate(HIDE, True)
    await opened.clock.run_for(10_000)
    await publish(opened, stub, 9)
    await opened.clock.run_for(10_000)
    await publish(opened, stub, 10)
    await opened.clock.run_for(10_000)
    assert await said(opened) == []
    await opened.evaluate(HIDE, False)
    await opened.clock.run_for(1000)
    assert await said(opened) == ["3 new updates"]


async def test_the_state_is_said_once(opened: Page, stub: Stub) -> None:
    await opened.evaluate(
        """() => {
          window.marks = [];
          const mark = document.getElementById("mark");
          new MutationObserver(() => window.marks.push(mark.textContent))
            .observe(mark, { childList: true, characterData: true, subtree: true });
        }"""
    )
    for minute in (1, 2, 3):
        await beat(opened, stub, START, f"11:0{minute}:00")
    stub.send(1012)
    await expect(opened.locator("#mark")).to_have_text("Reconnecting…")
    await opened.clock.run_for(2000)
    await stub.connected("socket")
    await beat(opened, stub, START, "11:05:00")
    assert await opened.evaluate("window.marks") == ["Reconnecting…", "Live"]


async def test_the_keys(opened: Page) -> None:
    async def press(key: str, number: int) -> None:
        await opened.keyboard.press(key)
        await expect(entry(opened, number)).to_be_focused()
        await expect(entry(opened, number)).to_be_in_viewport()

    await opened.emulate_media(reduced_motion="reduce")  # No way that could still go on.
    await press("j", 7)
    await press("j", 6)
    await press("j", 5)
    await press("k", 6)
    await press(".", 7)
    await press("k", 7)
    await read(opened, 4)  # By hand: the keys go on from what is in sight.
    await press("j", 3)
    for _ in range(4):
        await opened.keyboard.press("j")
    await press("j", 1)


async def test_the_keys_of_other_alphabets(opened: Page) -> None:
    await opened.evaluate(PRESS, {"key": "о", "code": "KeyJ"})
    await expect(entry(opened, 7)).to_be_focused()
    await opened.evaluate(PRESS, {"key": "ת", "code": "Comma"})
    await opened.evaluate(PRESS, {"key": "ت", "code": "KeyJ"})
    await expect(entry(opened, 6)).to_be_focused()
    await opened.evaluate(PRESS, {"key": "؟", "code": "Slash"})
    await expect(opened.get_by_role("dialog")).to_be_visible()


async def test_the_keys_are_off_while_typing_and_with_others(opened: Page) -> None:
    await opened.evaluate("document.body.append(document.createElement('textarea'))")
    await opened.locator("textarea").focus()
    await opened.keyboard.type("jk.n?")
    await expect(opened.locator("textarea")).to_have_value("jk.n?")
    await expect(opened.locator("textarea")).to_be_focused()
    await opened.locator("textarea").evaluate("(it) => it.remove()")
    for modifier in ("Control", "Alt", "Meta"):
        await opened.keyboard.press(f"{modifier}+j")
    await expect(opened.locator("#feed article:focus")).to_have_count(0)
    await expect(opened.get_by_role("dialog")).to_be_hidden()


async def test_the_switch_turns_single_keys_off(opened: Page, stub: Stub) -> None:
    await opened.get_by_role("button", name="Pause updates").click()
    await publish(opened, stub, 8)
    await opened.keyboard.press("?")
    dialog = opened.get_by_role("dialog", name="Reading options")
    await expect(dialog).to_be_visible()
    await dialog.get_by_role("button", name="Close").focus()
    await opened.keyboard.press(".")  # The dialog has the keyboard.
    await expect(opened.locator("#pill")).to_have_text("1 new update")
    await dialog.get_by_label("Single keys lead through the page").uncheck()
    await opened.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    for key in ("j", ".", "?"):
        await opened.keyboard.press(key)
    await opened.reload()
    for key in ("j", ".", "?"):
        await opened.keyboard.press(key)
    await expect(opened.locator("#feed article:focus")).to_have_count(0)
    await expect(dialog).to_be_hidden()


async def test_it_follows_where_nothing_may_be_kept(page: Page, stub: Stub) -> None:
    await page.add_init_script(FORBIDDEN)
    stub.page = long_page()
    await open_page(page, stub)
    await choose(page, "Their headlines")
    await publish(page, stub, 8)
    await expect(page.locator("#announcement")).to_have_text("Headline 8")
    await page.goto("about:blank")


async def test_the_tree(page: Page, stub: Stub) -> None:
    whole = live_page()
    shown = replace(whole.snapshot, entries=(whole.snapshot.entries[1],))
    stub.page = replace(whole, snapshot=shown, keys=shown.entries)
    await open_page(page, stub)
    await beat(page, stub, 9)
    await page.get_by_role("button", name="Pause updates").click()
    stub.send(stub.change(entry_view(8, "More words."), 10))
    await expect(page.locator("#pill")).to_be_visible()
    await expect(page.locator("#announcement")).to_have_text("1 new update")
    await expect(page.locator("body")).to_match_aria_snapshot(
        """
        - link "Skip to the updates"
        - main:
          - paragraph:
            - status: Live
            - text: Up to date
            - time: 14:00:00 EEST
          - heading "Ukraine and Russia meet in Istanbul for a third round of peace talks" [level=1]
          - navigation "Key developments so far":
            - list:
              - listitem:
                - link /12:42 EEST/
          - region "Key developments on July 23":
            - heading "Key developments on July 23" [level=2]
            - list:
              - listitem:
                - link "Ukraine and Russia hold a third round of peace talks in Istanbul"
          - button "1 new update"
          - paragraph: 1 new update
          - button "Pause updates" [pressed]
          - button "Reading options"
          - complementary "Pinned update":
            - article:
              - heading /12:07 EEST.* Ukraine and Russia hold/ [level=2]
          - list:
            - listitem:
              - link "July 23"
            - listitem:
              - article:
                - heading /12:42 EEST Breaking Key development Belarus threatens/ [level=2]
                - figure:
                  - blockquote
          - navigation "Pages":
            - link "Older updates"
        - contentinfo:
          - paragraph: All times are Kyiv time.
        """
    )
    live = await page.locator("[aria-live], [role=status], [role=alert]").evaluate_all(
        "(all) => all.map((one) => [one.id, one.ariaLive ?? one.role])"
    )
    assert sorted(live) == [["announcement", "polite"], ["mark", "status"]]
