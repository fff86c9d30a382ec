"""No word is lost: saved as typed, kept without a network, sent once, one window at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.conftest import keep
from tests.browser.studio import desk, kept, public, saved, sent, text
from tests.kit import SLUG
from tests.people import person
from tests.pictures import jpeg
from tests.served import DEADLINE, Served, serving

pytestmark = pytest.mark.needs("chromium")
BANNER = "No connection to the server."


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server where what is published comes out at once."""
    async with serving(tmp_path, undo_seconds=0) as running:
        await running.blog()
        yield running


@pytest.fixture
async def editor(served: Served, browser: Browser) -> AsyncIterator[Page]:
    """The desk of an editor; the console may say that the network is away."""
    async with desk(served, browser, []) as page:
        yield page


@pytest.fixture(params=["https", "http"])
async def window(
    served: Served, browser: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Page]:
    """The same, also as it is where the page came by plain http: without locks."""
    script = "delete Navigator.prototype.locks;" if request.param == "http" else ""
    async with desk(served, browser, [], script=script) as page:
        assert await page.evaluate("'locks' in navigator") == (request.param == "https")
        yield page


async def until(page: Page, bodies: list[str], state: str = "draft") -> list[dict[str, Any]]:
    """Wait until the server keeps just these, in any order."""
    found: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(DEADLINE):
            while True:
                found = await kept(page, state)
                if sorted(one["body"] for one in found) == sorted(bodies):
                    return found
                await asyncio.sleep(0.05)
    except TimeoutError:
        seen = [one["body"] for one in found]
        raise AssertionError(f"the server keeps {seen}, not {bodies}") from None


async def again(page: Page) -> Page:
    """Another window of the same person, at the same place."""
    other = await page.context.new_page()
    await other.goto(page.url)
    await expect(text(other)).to_be_focused()
    return other


# As typed ---------------------------------------------------------------------------------


async def test_words_are_saved_as_they_are_typed_in_one_draft(editor: Page) -> None:
    await editor.keyboard.type("The bridge")
    await saved(editor)
    (first,) = await until(editor, ["The bridge"])
    await editor.keyboard.type(" was hit")
    await expect(editor.locator(".kept")).to_have_text("Saving…")
    await saved(editor)
    (second,) = await until(editor, ["The bridge was hit"])
    assert second["id"] == first["id"]
    assert second["revision"] > first["revision"]


async def test_an_unfinished_draft_is_saved_too(editor: Page) -> None:
    await editor.get_by_role("button", name="Key", exact=True).click()
    await editor.get_by_role("button", name="Quote").click()
    await editor.get_by_label("The words, without quotation marks").fill("We go on.")
    await saved(editor)
    (draft,) = await kept(editor, "draft")
    assert draft["quote"]["text"] == "We go on."
    assert draft["headline"] is None


async def test_a_closed_tab_opened_again_has_every_word(window: Page) -> None:
    await window.keyboard.type("Saved.")
    await saved(window)
    await window.route("**/entries*", lambda route: route.abort())
    await window.keyboard.type(" Not saved.")
    other = await window.context.new_page()
    await window.close()
    await other.goto(f"{window.url}")
    await expect(text(other)).to_have_value("Saved. Not saved.")
    await until(other, ["Saved. Not saved."])


async def test_two_windows_do_not_fight_over_a_draft(window: Page) -> None:
    await window.keyboard.type("In the first.")
    await saved(window)
    other = await again(window)
    await expect(text(other)).to_have_value("")
    await other.keyboard.type("In the second.")
    await saved(other)
    await window.keyboard.type(" More.")
    await saved(window)
    await until(window, ["In the first. More.", "In the second."])
    await window.close()
    third = await again(other)
    await expect(text(third)).to_have_value("In the first. More.")


async def test_a_draft_is_open_in_one_window(editor: Page) -> None:
    await editor.keyboard.type("Here.")
    await saved(editor)
    (draft,) = await kept(editor, "draft")
    other = await again(editor)
    compose = (
        """(detail) => document.dispatchEvent(new CustomEvent("liveblog:compose", { detail }))"""
    )
    await other.evaluate(compose, draft)
    await expect(
        other.get_by_text("This draft is open in another window of yours.")
    ).to_be_visible()
    await expect(text(other)).to_have_value("")


async def test_what_was_changed_elsewhere_is_not_overwritten(served: Served, editor: Page) -> None:
    await editor.keyboard.type("Mine.")
    await saved(editor)
    (draft,) = await kept(editor, "draft")
    answer = await editor.request.patch(
        f"{served.url}/api/v1/blogs/{SLUG}/entries/{draft['id']}",
        data={"body": "Theirs."},
        headers={"If-Match": f'"r{draft["revision"]}"', "Sec-Fetch-Site": "same-origin"},
    )
    assert answer.ok
    await editor.keyboard.type(" And more.")
    await expect(editor.get_by_text("This draft was changed elsewhere.")).to_be_visible()
    await saved(editor)
    await until(editor, ["Theirs.", "Mine. And more."])


async def test_a_picture_that_went_with_its_window_is_asked_for(editor: Page) -> None:
    await editor.route("**/media?name=*", lambda route: route.abort())
    await editor.keyboard.type("With a picture.")
    picture = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg(60, 40)}
    await editor.locator("#pictures").set_input_files(picture)  # type: ignore[arg-type]
    await expect(editor.get_by_text("Picture 1 is on its way…")).to_be_visible()
    other = await editor.context.new_page()
    await editor.close()
    await other.goto(editor.url)
    await expect(text(other)).to_have_value("With a picture.")
    group = other.get_by_role("group", name="Picture 1")
    await expect(group.get_by_role("alert")).to_contain_text("Add it once more.")
    await saved(other)


# Without a network ------------------------------------------------------------------------


async def test_offline_and_back_sends_once(served: Served, editor: Page) -> None:
    await editor.context.set_offline(True)
    await expect(editor.get_by_text(BANNER)).to_be_visible()
    await editor.keyboard.type("From the tunnel.")
    await expect(editor.locator(".kept")).to_have_text("Kept in this browser")
    await editor.keyboard.press("Control+Enter")
    await expect(
        sent(editor).get_by_text("Waits for the connection: From the tunnel.")
    ).to_be_visible()
    await expect(text(editor)).to_be_focused()
    await editor.keyboard.type("And the next.")
    await editor.context.set_offline(False)
    await expect(sent(editor).get_by_text("Published: From the tunnel.")).to_be_visible()
    await expect(editor.get_by_text(BANNER)).to_be_hidden()
    await saved(editor)
    assert sorted((e["state"], e["body"]) for e in await kept(editor)) == [
        ("draft", "And the next."),
        ("published", "From the tunnel."),
    ]


async def test_what_waits_can_come_back(editor: Page) -> None:
    await editor.wait_for_load_state("networkidle")
    await editor.context.set_offline(True)
    await expect(editor.get_by_text(BANNER)).to_be_visible()
    await editor.keyboard.type("Better not.")
    await editor.keyboard.press("Control+Enter")
    await editor.get_by_role("button", name="Back into the composer").click()
    await expect(text(editor)).to_have_value("Better not.")
    await editor.context.set_offline(False)
    await saved(editor)
    assert [entry["state"] for entry in await kept(editor)] == ["draft"]


@pytest.mark.parametrize("state", ["draft", "published"])
async def test_a_lost_answer_makes_no_second_entry(editor: Page, state: str) -> None:
    """The server did it, and the answer never came: it is said again with the same key."""
    lost: list[str] = []

    async def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            return await route.continue_()
        answer = await route.fetch()
        assert answer.status == 201
        lost.append(route.request.headers["idempotency-key"])
        await route.abort()

    await editor.route("**/entries", lose)
    repeated = asyncio.create_task(anext_post(editor))
    await editor.keyboard.type("Once.")
    if state == "published":
        await editor.keyboard.press("Control+Enter")
        await expect(sent(editor).get_by_text("Published: Once.")).to_be_visible()
    else:
        await saved(editor)
    assert await repeated == [*lost, *lost]
    assert [(e["state"], e["body"]) for e in await kept(editor)] == [(state, "Once.")]


async def anext_post(page: Page) -> list[str]:
    """The keys of the next two POSTs to the blog's entries."""
    keys: list[str] = []
    done = asyncio.Event()

    def seen(request: Any) -> None:
        if request.method == "POST" and request.url.endswith("/entries"):
            keys.append(request.headers["idempotency-key"])
            if len(keys) == 2:
                done.set()

    page.on("request", seen)
    async with asyncio.timeout(DEADLINE):
        await done.wait()
    return keys


async def test_a_publication_that_was_under_way_goes_on_when_the_tab_is_back(
    served: Served, editor: Page
) -> None:
    await editor.route("**/entries*", lambda route: route.abort())
    await editor.keyboard.type("On its way.")
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("On its way.")).to_be_visible()
    other = await editor.context.new_page()
    await editor.close()
    await other.goto(editor.url)
    await expect(sent(other).get_by_text("Published: On its way.")).to_be_visible()
    await expect(text(other)).to_have_value("")
    assert [entry["body"] for entry in await public(served)] == ["On its way."]


async def test_what_is_old_asks_before_it_goes_out(served: Served, editor: Page) -> None:
    await editor.wait_for_load_state("networkidle")
    await editor.context.set_offline(True)
    await expect(editor.get_by_text(BANNER)).to_be_visible()
    await editor.keyboard.type("Yesterday’s news.")
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("Waits for the connection")).to_be_visible()
    age = """() => {
      for (const [name, value] of Object.entries(localStorage)) {
        if (!name.startsWith("liveblog:draft:")) continue;
        const draft = JSON.parse(value);
        localStorage.setItem(name, JSON.stringify({ ...draft, at: draft.at - 86400000 }));
      }
    }"""
    address, context = editor.url, editor.context
    await editor.close()
    await context.set_offline(False)
    other = await context.new_page()
    # Only now: a window that goes writes down once more what it has.
    await other.goto(f"{served.url}/healthz")
    await other.evaluate(age)
    await other.goto(address)
    await expect(sent(other).get_by_text("was not sent before the window closed")).to_be_visible()
    assert await kept(other) == []
    await sent(other).get_by_role("button", name="Send it now").click()
    await expect(sent(other).get_by_text("Published: Yesterday’s news.")).to_be_visible()
    assert [entry["body"] for entry in await public(served)] == ["Yesterday’s news."]


# A killed server --------------------------------------------------------------------------


async def test_a_server_that_goes_and_comes_back(tmp_path: Path, browser: Browser) -> None:
    """On the same port, with the same database, while an editor types."""
    async with AsyncExitStack() as first:
        served = await first.enter_async_context(serving(tmp_path))
        await served.blog()
        async with desk(served, browser, []) as page:
            port = int(served.address.rpartition(":")[2])
            await page.keyboard.type("Before. ")
            await saved(page)
            await first.aclose()
            await page.keyboard.type("While it was away. ")
            await expect(page.get_by_text(BANNER)).to_be_visible()
            await expect(page.locator(".kept")).to_have_text("Kept in this browser")
            async with serving(tmp_path, port=port) as back:
                assert back.url == served.url
                await saved(page)
                await expect(page.get_by_text(BANNER)).to_be_hidden()
                await page.keyboard.type("After.")
                await saved(page)
                await until(page, ["Before. While it was away. After."])


async def test_undoing_can_be_tried_again(tmp_path: Path, browser: Browser) -> None:
    async with serving(tmp_path, undo_seconds=60) as served:
        await served.blog()
        async with desk(served, browser, []) as page:
            await page.keyboard.type("A slip.")
            await page.keyboard.press("Control+Enter")
            undo = sent(page).get_by_role("button", name="Undo")
            await expect(undo).to_be_visible()
            await page.context.set_offline(True)
            await undo.click()
            await expect(sent(page).get_by_role("alert")).to_have_text(
                "The server cannot be reached."
            )
            await page.context.set_offline(False)
            await undo.click()
            await expect(text(page)).to_have_value("A slip.")


# Signed out -------------------------------------------------------------------------------


@pytest.fixture
async def signed(served: Served, browser: Browser) -> AsyncIterator[Page]:
    """The desk of somebody who has a password, and who signed in with it."""
    words = "correct horse battery"
    await person(served.actions, "editor", SLUG, name="Ada", email="ada@n.example", password=words)
    await person(served.actions, "editor", SLUG, name="Eve", email="eve@n.example", password=words)
    context: BrowserContext = await browser.new_context()
    page = await context.new_page()
    keep(page, [])
    await page.goto(f"{served.url}/studio/{SLUG}")
    # The last that the desk asks for by itself. Asked after the session has ended, it would
    # open the dialog, and what is typed would go there.
    async with page.expect_request("**/desk/entries?state=submitted*"):
        await enter(page, "ada@n.example")
    await expect(page.locator('[data-wire="live"]')).to_be_attached()
    await expect(text(page)).to_be_focused()
    yield page
    await context.close()


async def enter(page: Page, email: str, password: str = "correct horse battery") -> None:
    """Sign in."""
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def test_a_session_that_ends_while_typing(served: Served, signed: Page) -> None:
    await signed.keyboard.type("Half a sen")
    await saved(signed)
    await signed.context.clear_cookies()
    await signed.keyboard.type("tence.")
    dialog = signed.get_by_role("dialog", name="Your session has ended")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_label("Password")).to_be_focused()
    await expect(dialog.get_by_label("E-mail address")).to_have_value("ada@n.example")
    await enter(signed, "ada@n.example", "wrong and long enough")
    await expect(dialog.get_by_role("alert")).not_to_be_empty()
    await enter(signed, "ada@n.example")
    await expect(dialog).to_be_hidden()
    await expect(text(signed)).to_have_value("Half a sentence.")
    await saved(signed)
    await until(signed, ["Half a sentence."])
    await expect(text(signed)).to_be_focused()


async def test_signing_in_again_can_wait(signed: Page) -> None:
    await signed.context.clear_cookies()
    await signed.keyboard.type("Important.")
    await signed.get_by_role("button", name="Not now").click()
    await expect(signed.locator(".banner", has_text="You are signed out.")).to_be_visible()
    await text(signed).press("End")
    await signed.keyboard.type(" More.")
    await expect(signed.locator(".kept")).to_have_text("Kept in this browser")
    await expect(signed.get_by_role("dialog")).to_be_hidden()
    await signed.get_by_role("button", name="Sign in").click()
    await enter(signed, "ada@n.example")
    await saved(signed)
    await until(signed, ["Important. More."])


async def test_another_window_notices_who_signed_in(served: Served, signed: Page) -> None:
    await signed.keyboard.type("Ada’s words.")
    await saved(signed)
    other = await signed.context.new_page()
    await other.goto(f"{served.url}/studio")
    await other.get_by_role("button", name="Sign out").click()
    await enter(other, "eve@n.example")
    await expect(other.locator(".who")).to_contain_text("Eve")
    await expect(signed.locator(".who")).to_contain_text("Eve")
    await expect(text(signed)).to_have_value("")
    assert [entry["body"] for entry in await kept(signed)] == ["Ada’s words."]


async def test_nothing_goes_out_in_another_ones_name(signed: Page) -> None:
    await signed.context.clear_cookies()
    await signed.keyboard.type("Ada’s words.")
    await enter(signed, "eve@n.example")
    await expect(signed.locator(".who")).to_contain_text("Eve")
    await expect(text(signed)).to_be_focused()
    await expect(text(signed)).to_have_value("")
    assert await kept(signed) == []
    await signed.get_by_role("button", name="Sign out").click()
    await enter(signed, "ada@n.example")
    await expect(text(signed)).to_have_value("Ada’s words.")
    await saved(signed)
    await until(signed, ["Ada’s words."])
    words = "Object.values(localStorage).some((one) => one.includes('Ada’s words.'))"
    assert await signed.evaluate(words)
    await signed.get_by_role("button", name="Sign out").click()
    await expect(signed.get_by_label("E-mail address")).to_be_visible()
    assert not await signed.evaluate(words), "who signs out leaves nothing that is saved"
