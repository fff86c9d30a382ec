"""What the composer does with answers that are late, lost or none of the server's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from liveblog.actions import Ask
from liveblog.wire.requests import PatchBlog
from tests.browser.studio import desk, kept, public, saved, sent, text
from tests.browser.test_desk_words import FORBIDDEN, question
from tests.kit import SLUG
from tests.pictures import jpeg
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server where what is published comes out at once."""
    async with serving(tmp_path, undo_seconds=0) as running:
        await running.blog()
        yield running


@pytest.fixture
async def editor(served: Served, browser: Browser) -> AsyncIterator[Page]:
    """The desk of an editor."""
    async with desk(served, browser, []) as page:
        yield page


async def test_an_answer_that_never_comes_is_not_waited_for(
    served: Served, browser: Browser
) -> None:
    """The connection is up and carries nothing, as after a change of networks."""
    async with desk(served, browser, []) as page:
        await page.clock.install()
        await page.reload()
        await expect(text(page)).to_be_focused()
        hangs = asyncio.Event()
        keys: list[str] = []

        async def hang(route: Route) -> None:
            if route.request.method != "POST":
                return await route.fallback()
            keys.append(route.request.headers["idempotency-key"])
            if len(keys) > 1:
                return await route.continue_()
            hangs.set()

        await page.route("**/entries", hang)
        await page.keyboard.type("Once.")
        await page.keyboard.press("Control+Enter")
        await hangs.wait()
        await page.clock.fast_forward(60_000)
        await page.clock.run_for(5_000)
        await expect(sent(page).get_by_text("Published: Once.")).to_be_visible()
        assert keys == [keys[0]] * len(keys)
        assert [entry["body"] for entry in await public(served)] == ["Once."]


async def test_what_somebody_between_answers_is_no_answer(served: Served, editor: Page) -> None:
    """A page of the hotel's, with a 200."""
    turns: list[str] = []

    async def between(route: Route) -> None:
        if route.request.method != "POST" or turns:
            return await route.fallback()
        turns.append(route.request.url)
        await route.fulfill(status=200, content_type="text/html", body="<h1>Welcome</h1>")

    await editor.route("**/entries", between)
    await editor.keyboard.type("Once.")
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("Published: Once.")).to_be_visible()
    assert turns
    assert [entry["body"] for entry in await public(served)] == ["Once."]


@pytest.mark.parametrize("status", [403, 413, 422, 429, 500, 503])
async def test_what_the_server_will_not_have_is_kept_and_said(
    served: Served, editor: Page, status: int
) -> None:
    await editor.route("**/entries", lambda route: route.fulfill(status=status, body=""))
    await editor.keyboard.type("These words.")
    await expect(editor.locator(".kept")).to_have_text("Kept in this browser")
    await editor.unroute("**/entries")
    await editor.keyboard.type(" More.")
    await saved(editor)
    assert [entry["body"] for entry in await kept(editor)] == ["These words. More."]


async def test_a_page_that_is_closed_takes_no_draft_apart(served: Served, editor: Page) -> None:
    await editor.keyboard.type("Too late.")
    await saved(editor)
    (draft,) = await kept(editor)
    actions = served.actions
    blog = await served.store.inner.read(lambda tx: tx.blog(SLUG))
    assert blog is not None
    who = await actions.tokens.principal(await served.token("admin"))
    assert who is not None
    await actions.blogs.revise(SLUG, PatchBlog(status="closed"), Ask(who, match=blog.revision))
    await editor.keyboard.press("Control+Enter")
    await expect(editor.get_by_text("This blog is closed").first).to_be_visible()
    await expect(text(editor)).to_have_value("Too late.")
    await editor.keyboard.type(" But kept.")
    await saved(editor)
    assert [(one["id"], one["body"]) for one in await kept(editor)] == [
        (draft["id"], "Too late. But kept.")
    ]


async def test_taking_back_whose_answer_was_lost_is_taking_back(
    tmp_path: Path, browser: Browser
) -> None:
    async with serving(tmp_path, undo_seconds=60) as served:
        await served.blog()
        async with desk(served, browser, []) as page:
            lost: list[int] = []

            async def lose(route: Route) -> None:
                if route.request.method != "PATCH" or lost:
                    return await route.fallback()
                lost.append((await route.fetch()).status)
                await route.abort()

            await page.keyboard.type("A slip.")
            await page.keyboard.press("Control+Enter")
            undo = sent(page).get_by_role("button", name="Undo")
            await expect(undo).to_be_visible()
            await page.route("**/entries/*", lose)
            await undo.click()
            await expect(sent(page).get_by_role("alert")).to_be_visible()
            assert lost == [200]
            await undo.click()
            await expect(text(page)).to_have_value("A slip.")
            await expect(text(page)).to_be_focused()
            await saved(page)
            assert [entry["state"] for entry in await kept(page)] == ["draft"]


async def test_a_text_that_is_too_long_is_taken_whole_and_said(
    served: Served, editor: Page
) -> None:
    long = "word " * 11_000
    await text(editor).fill(long)
    await expect(text(editor)).to_have_value(long)
    await editor.get_by_role("button", name="Publish", exact=True).click()
    await expect(editor.locator("#text-fault")).to_contain_text("by 5,000 characters")
    await expect(text(editor)).to_have_value(long)
    assert await public(served) == []


async def test_an_open_schedule_is_what_the_keys_do(served: Served, editor: Page) -> None:
    """Nothing goes out at once while it is being said when it goes out."""
    await editor.keyboard.type("Tomorrow.")
    await editor.get_by_role("button", name="Schedule…").click()
    await editor.get_by_label("Embargo").check()
    await editor.get_by_role("button", name="Cancel").focus()
    await text(editor).focus()
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("Under embargo until")).to_be_visible()
    assert [entry["state"] for entry in await kept(editor)] == ["scheduled"]


async def test_a_browser_that_keeps_nothing_asks_before_it_is_left(editor: Page) -> None:
    await editor.route("**/entries", lambda route: route.abort())
    await editor.evaluate(FORBIDDEN)
    await editor.keyboard.type("Nowhere else.")
    await expect(editor.locator(".kept")).to_contain_text("Not saved")
    assert await question(editor)
    await expect(text(editor)).to_have_value("Nowhere else.")


async def test_what_is_on_its_way_is_not_taken_up_twice(served: Served, editor: Page) -> None:
    await editor.keyboard.type("Once.")
    await saved(editor)
    await editor.route(
        "**/entries/*",
        lambda route: (
            route.fulfill(status=500) if route.request.method == "PATCH" else route.fallback()
        ),
    )
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("On its way: Once.")).to_be_visible()
    await editor.get_by_role("link", name="Drafts").click()
    await editor.get_by_role("button", name="Continue in the composer").click()
    await expect(editor.get_by_text("It is on its way already.")).to_be_visible()
    await expect(text(editor)).to_have_value("")
    await editor.unroute("**/entries/*")
    await expect(sent(editor).get_by_text("Published: Once.")).to_be_visible()
    assert [entry["state"] for entry in await kept(editor)] == ["published"]


async def test_a_picture_on_its_way_is_not_left_without_a_question(
    served: Served, editor: Page
) -> None:
    """Its file is in this window only."""
    hangs = asyncio.Event()
    await editor.route("**/media?name=*", lambda _: hangs.set())
    photo = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=jpeg(60, 40))
    await editor.locator("#pictures").set_input_files([photo])
    await hangs.wait()
    assert await question(editor)
    await editor.unroute("**/media?name=*")
    await editor.get_by_role("button", name="Take picture 1 out").click()
    assert not await question(editor)
