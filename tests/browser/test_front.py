"""The news feed in a browser: it moves by itself, moves nothing that is read, and everything in it
can be reached, with a script and without."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from liveblog.actions import OPERATOR, Ask
from liveblog.wire.requests import EditNote, PatchEntry
from tests.browser.reading import HIDE
from tests.kit import SLUG
from tests.served import DEADLINE, Served, serving

pytestmark = pytest.mark.needs("chromium")
MANY = 45
"""More than two pages of the feed."""
IDS = "(all) => all.map((one) => one.dataset.card)"
TOP = "(it) => it.getBoundingClientRect().top"


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with serving(tmp_path) as one:
        await one.blog(headline="The war")
        for number in range(MANY):
            await one.publish(headline=f"Story {number}", body="Words. " * 20, card=True)
        yield one


@pytest.fixture
async def page(served: Served, browser: Browser) -> AsyncIterator[Page]:
    opened = await browser.new_page(viewport={"width": 390, "height": 700})
    await opened.goto(served.url)
    yield opened
    await opened.close()


async def ask(page: Page, served: Served, said: str, unsaid: str = "…") -> None:
    """The reader leaves the tab and is back, so that the page asks at once and not within its
    time. The server may answer from memory for a second, and is waited for first."""
    async with asyncio.timeout(DEADLINE):
        text = ""
        while said not in text or unsaid in text:
            text = (await served.http.get("/api/v1/feed")).text
    async with page.expect_response("**/api/v1/feed*"):
        await page.evaluate(HIDE, True)
        await page.evaluate(HIDE, False)


async def test_what_is_new_comes_in_at_the_top(served: Served, page: Page) -> None:
    await served.publish(headline="The newest", card=True)
    await ask(page, served, "The newest")
    await expect(page.locator("#cards > article").first).to_contain_text("The newest")
    await expect(page.locator("#pill")).to_be_hidden()


async def test_nothing_moves_what_is_read(served: Served, page: Page) -> None:
    read = page.locator("#cards > article").nth(6)
    await read.scroll_into_view_if_needed()
    before = await read.evaluate(TOP)
    await served.publish(headline="The newest", card=True)
    await ask(page, served, "The newest")
    pill = page.get_by_role("button", name="New stories")
    await expect(pill).to_be_visible()
    await expect(page.locator("#announcement")).to_have_text("New stories")
    assert await read.evaluate(TOP) == before
    newest = page.get_by_role("heading", name="The newest", exact=True)
    await expect(newest).to_have_count(0)
    await pill.click()
    await expect(newest).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_what_is_corrected_or_withdrawn_is_put_right_at_once(
    served: Served, page: Page
) -> None:
    wrong = await served.publish(headline="Wrong", card=True)
    gone = await served.publish(headline="Gone", card=True)
    await ask(page, served, "Gone")
    await expect(page.locator("#cards")).to_contain_text("Gone")
    await page.locator("#cards > article").nth(6).scroll_into_view_if_needed()
    patch = PatchEntry(headline="Right", edit=EditNote("correction", "It was wrong."))
    wanted = Ask(OPERATOR, match=wrong.revision)
    await served.actions.entries.revise(SLUG, wrong.id, patch, wanted)
    await served.retract(gone)
    served.broker.deliver_all()
    await ask(page, served, "Right", "Gone")
    await expect(page.get_by_role("heading", name="Right", exact=True)).to_have_count(1)
    await expect(page.locator("#cards")).not_to_contain_text("Wrong")
    await expect(page.locator("#cards")).not_to_contain_text("Gone")


async def test_nothing_is_called_live_without_a_network(page: Page) -> None:
    mark = page.locator(".card-live .mark")
    await expect(mark).to_be_visible()
    await page.context.set_offline(True)
    await expect(mark).to_be_hidden()
    await page.context.set_offline(False)
    await expect(mark).to_be_visible()


async def test_show_more_shows_all_in_its_place(page: Page) -> None:
    more = page.get_by_role("link", name="Show more")
    seen = 0
    while await more.count():
        count = await page.locator("#cards > article").count()
        assert count > seen
        seen = count
        await more.click()
        added = page.locator("#cards > article").nth(count)
        await expect(added.locator("a").first).to_be_focused()
        assert page.url.endswith("/")
    ids = await page.locator("#cards > article").evaluate_all(IDS)
    assert len(ids) == len(set(ids)) == MANY + 1, "the stories and the live page"


async def test_show_more_needs_no_script(served: Served, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(served.url)
    found = await page.locator("#cards > article").evaluate_all(IDS)
    more = page.get_by_role("link", name="Show more")
    while await more.count():
        await more.click()
        found += await page.locator("#cards > article").evaluate_all(IDS)
    assert len(found) == len(set(found)) == MANY + 1
    await expect(page.get_by_role("link", name="To the newest stories")).to_be_visible()
    await context.close()
