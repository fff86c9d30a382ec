"""What the open page does about what a server says, on every wire."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.async_api import Locator, Page, expect

from liveblog.queries import LivePage
from liveblog.types import Cursor, Revision, Seq
from tests.browser.content import SLUG, entry_id, entry_view, live_page, tombstone
from tests.browser.stub import Stub, message

pytestmark = pytest.mark.needs("chromium")
VECTORS = Path(__file__).parent.parent / "vectors"


def entry(page: Page, number: int) -> Locator:
    """The entry where it stands in the feed."""
    return page.locator(f"#entry-{entry_id(number)}")


async def open_live(page: Page, stub: Stub) -> None:
    """Opens the live page and waits until it is connected."""
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    assert await stub.connected("socket") == "test:9"
    await expect(page.locator("#mark")).to_have_text("Live")
    await expect(page.locator("#live")).to_have_attribute("data-connection", "live")


async def test_the_core_passes_the_table(page: Page, stub: Stub) -> None:
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    cases = json.loads((VECTORS / "follow.json").read_text())["cases"]
    got = await page.evaluate(
        """async (cases) => {
          const { step } = await import("/static/test/session.js");
          return cases.map(({ state, message }) => step(state, message));
        }""",
        cases,
    )
    for case, step in zip(cases, got, strict=True):
        said = {**step, "changes": len(step["changes"])}
        assert said == case["expect"], case["name"]


async def test_a_conversation_from_the_future(page: Page, stub: Stub) -> None:
    vector = json.loads((VECTORS / "future.json").read_text())
    start = live_page(seq=57)
    empty = replace(start.snapshot, entries=(), pinned=None, cursor=Cursor("k3f9:57"))
    stub.page = LivePage(empty, None)
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    assert await stub.connected("socket") == "k3f9:57"
    for said in vector["messages"][1:]:
        stub.send(as_page(said))
    await expect(page.locator("#feed article")).to_have_count(2)
    for row, wanted in enumerate(vector["expect"]["entries"]):
        article = page.locator("#feed article").nth(row)
        await expect(article).to_have_id(f"entry-{wanted['id']}")
        await expect(article).to_have_attribute("data-revision", str(wanted["revision"]))
        shown = await article.inner_html()
        assert shown == (wanted["html"] or "removed")
    stub.send(message("heartbeat", 68))
    assert await stub.connected("socket") == vector["expect"]["state"]["cursor"]


def as_page(said: dict[str, Any]) -> dict[str, Any]:
    """The message as the page view says it."""
    changes = said.get("changes", [said["change"]] if "change" in said else [])
    for item in (c["entry"] for c in changes if "entry" in c):
        html = item.get("html", "removed")
        head = f'id="entry-{item["id"]}" data-entry="{item["id"]}"'
        item["fragment"] = f'<article {head} data-revision="{item["revision"]}">{html}</article>'
    return said


async def test_new_edited_and_removed(page: Page, stub: Stub, complaints: list[str]) -> None:
    await open_live(page, stub)
    stub.send(stub.change(entry_view(8, "Eight is here."), 10))
    await expect(page.locator("#feed > li:has(article)").first).to_contain_text("Eight is here.")
    edited = entry_view(3, "Three, put right.", revision=Revision(2))
    stub.send(stub.change(edited, 11, "entry.revised"))
    await expect(entry(page, 3)).to_contain_text("Three, put right.")
    stub.send(stub.change(tombstone(5, "It was doubled."), 12))
    await expect(entry(page, 5)).to_contain_text("This entry was removed at 12:40 EEST")
    await expect(entry(page, 5)).not_to_contain_text("Belarus")
    stub.send(stub.change(tombstone(99), 13))
    stub.send(stub.change(entry_view(3, "An older wording."), 14, "entry.revised"))
    stub.send(stub.change(entry_view(9, "Nine is here."), 15))
    await expect(page.locator("#feed > li:has(article)").first).to_contain_text("Nine is here.")
    await expect(page.locator("#feed > li:has(article)")).to_have_count(9)
    await expect(entry(page, 3)).to_contain_text("Three, put right.")
    assert complaints == []


async def test_the_pinned_copy_follows(page: Page, stub: Stub) -> None:
    await open_live(page, stub)
    pinned = page.locator("#pinned")
    await expect(pinned).to_contain_text("third round of peace talks")
    await expect(pinned.locator("a[data-to]")).to_have_attribute("href", f"#entry-{entry_id(1)}")
    calm = entry_view(1, "No longer pinned.", revision=Revision(2))
    stub.send(stub.change(calm, 10, "entry.revised"))
    await expect(pinned).to_be_hidden()
    new = entry_view(2, "Pinned now.", revision=Revision(2), pinned=True)
    stub.send(stub.change(new, 11, "entry.revised"))
    await expect(pinned).to_contain_text("Pinned now.")
    stub.send(stub.change(tombstone(2, revision=3), 12))
    await expect(pinned).to_be_hidden()
    await expect(entry(page, 2)).to_contain_text("removed")


async def test_nothing_moves_what_is_being_read(page: Page, stub: Stub) -> None:
    await open_live(page, stub)
    await entry(page, 3).evaluate("(it) => it.scrollIntoView({ behavior: 'instant' })")
    top = "(it) => it.getBoundingClientRect().top"
    before = await entry(page, 3).evaluate(top)
    stub.send(*(stub.change(entry_view(n, f"New {n}."), n + 2) for n in (8, 9, 10)))
    longer = entry_view(7, "Longer.\n\n" * 12, revision=Revision(2))
    stub.send(stub.change(longer, 13, "entry.revised"))
    pill = page.get_by_role("button", name="3 new updates")
    await expect(pill).to_be_visible()
    await expect(entry(page, 7)).to_contain_text("Longer.")
    await expect(page).to_have_title("(3) " + live_page().snapshot.blog.headline)
    assert abs(await entry(page, 3).evaluate(top) - before) <= 1
    await expect(entry(page, 8)).to_have_count(0)
    await expect(page.locator("#announcement")).to_have_text("3 new updates")
    await pill.click()
    await expect(entry(page, 8)).to_be_in_viewport()
    await expect(entry(page, 8)).to_be_focused()
    await expect(pill).to_be_hidden()
    order = await page.locator("#feed article").evaluate_all("(all) => all.map((a) => a.id)")
    assert order[:4] == [f"entry-{entry_id(n)}" for n in (10, 9, 8, 7)]


async def test_a_hole_is_filled_from_the_cursor(page: Page, stub: Stub) -> None:
    await open_live(page, stub)
    stub.send(stub.change(entry_view(9, "Nine."), 11))
    assert await stub.connected("socket") == "test:9"
    missing = [stub.entry(entry_view(8, "Eight."), 10), stub.entry(entry_view(9, "Nine."), 11)]
    stub.send(message("changes", 11, **{"from": "test:9"}, changes=missing))
    await expect(page.locator("#feed > li:has(article)").first).to_contain_text("Nine.")
    await expect(entry(page, 8)).to_have_count(1)
    stub.send(message("heartbeat", 12))
    assert await stub.connected("socket") == "test:11"


async def test_silence_is_a_dead_wire(page: Page, stub: Stub) -> None:
    stub.heartbeat_seconds = 1
    await open_live(page, stub)
    # Asked at every frame: it comes back within a moment.
    waiting = "() => document.getElementById('mark').textContent === 'Reconnecting…'"
    await page.wait_for_function(waiting)
    assert await stub.connected("socket") == "test:9"


@pytest.mark.parametrize("end", [4001, {"type": "reset", "blog": SLUG, "reason": "too_old"}])
async def test_a_reset_takes_the_snapshot(page: Page, stub: Stub, end: Any) -> None:
    await open_live(page, stub)
    kept = (entry_view(30, "After the reset."), entry_view(3, "Still there."))
    shown = replace(
        stub.page.snapshot, cursor=Cursor("next:40"), seq=Seq(40), entries=kept, pinned=None
    )
    stub.page = LivePage(shown, None)
    stub.send(end)
    await stub.connected("snapshot")
    assert await stub.connected("socket") == "next:40"
    await expect(page.locator("#feed > li:has(article)")).to_have_count(2)
    await expect(entry(page, 3)).to_contain_text("Still there.")
    await expect(page.locator("#day")).to_be_empty()
    await expect(page.locator("#pinned")).to_be_hidden()


async def test_not_allowed_does_not_come_back(page: Page, stub: Stub) -> None:
    await open_live(page, stub)
    stub.send(4501)
    await expect(page.locator("#mark")).to_have_text("Not updating")
    await expect(page.locator("#reload")).to_be_visible()
    assert stub.asked.empty()


async def test_events_where_sockets_do_not_pass(page: Page, stub: Stub) -> None:
    stub.sockets = False
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    assert [(await stub.asked.get())[0] for _ in range(3)] == ["socket", "socket", "changes"]
    assert await stub.connected("stream") == "test:9"
    stub.send(stub.change(entry_view(8, "By events."), 10))
    await expect(entry(page, 8)).to_contain_text("By events.")
    await expect(page.locator("#live")).to_have_attribute("data-connection", "live")
    stub.send(1)  # The stream ends; the browser comes back by itself.
    assert await stub.connected("stream") == "test:10"


async def test_polling_where_nothing_else_passes(page: Page, stub: Stub) -> None:
    stub.sockets = stub.streams = False
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    await stub.connected("stream")
    await stub.connected("stream")
    # Once whether the server is well, then to go on.
    assert await stub.connected("changes") == "test:9"
    assert await stub.connected("changes") == "test:9"
    one = stub.entry(entry_view(8, "By asking."), 10)
    await stub.polls.put(message("changes", 10, **{"from": "test:9"}, changes=[one]))
    await expect(entry(page, 8)).to_contain_text("By asking.")
    assert await stub.connected("changes") == "test:10"


async def test_polling_where_a_stream_is_cut_before_it_speaks(page: Page, stub: Stub) -> None:
    """No answer that says so: the browser alone would try the stream for ever."""
    stub.sockets = False
    await page.route("**/stream?*", lambda route: route.abort())
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    one = stub.entry(entry_view(8, "By asking."), 10)
    await stub.polls.put(message("changes", 10, **{"from": "test:9"}, changes=[one]))
    await expect(entry(page, 8)).to_contain_text("By asking.")
    assert stub.polls.empty()


@pytest.mark.parametrize("sockets", [True, False])
async def test_what_is_held_back_on_the_way_is_given_up(
    page: Page, stub: Stub, sockets: bool
) -> None:
    """Something between takes the handshake, or the stream, and lets no word of it through."""
    stub.sockets, stub.hold = sockets, True
    kind, instead = ("socket", "stream") if sockets else ("stream", "changes")
    await page.clock.install()
    await page.goto(f"{stub.address}/blogs/{SLUG}")
    for _ in range(2):
        await stub.connected(kind)
        await page.clock.fast_forward(11_000)
        await page.clock.run_for(10_000)
    assert await stub.connected(instead) == "test:9"


async def test_the_server_may_ask_to_poll(page: Page, stub: Stub) -> None:
    await open_live(page, stub)
    told = {"type": "reconnect", "blog": SLUG, "after_ms": 1, "reason": "overload"}
    stub.send({**told, "transport": "poll", "interval_ms": 20})
    for _ in range(12):
        assert await stub.connected("changes") == "test:9"
    assert await stub.connected("socket") == "test:9"
