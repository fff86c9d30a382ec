"""A link that is pasted becomes a card: a real site, the worker that looks at it, the composer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from liveblog.embeds import Fetcher, Providers
from liveblog.media import Confined
from liveblog.media.disk import Disk
from liveblog.model.quota import Quota
from tests.browser.studio import PASTE, desk, public, sent, text
from tests.card_site import Site, card, site
from tests.served import Served, serving
from tests.uploads import PIXELS
from workers import embeds

pytestmark = pytest.mark.needs("chromium")
PAGE = "https://www.site.example/video/1"
PASTE_HERE = """(area, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const made = { clipboardData, bubbles: true, cancelable: true };
  return area.dispatchEvent(new ClipboardEvent("paste", made));
}"""
"""Pastes a text into an area; whether the browser is to do it."""


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    """The other site."""
    async with site() as one:
        yield one


@pytest.fixture
async def served(
    tmp_path: Path, other: Site, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """A server that makes cards of the pages of that site, and of no other."""
    monkeypatch.setattr("liveblog.app.providers_of", lambda _: Providers([other.provider]))
    async with serving(tmp_path, undo_seconds=0) as running:
        await running.blog()
        yield running


@pytest.fixture
async def maker(tmp_path: Path, other: Site) -> AsyncIterator[embeds.Maker]:
    """The worker."""
    fetcher = Fetcher(
        trust=other.trust,
        ports=(other.port,),
        allowed=lambda address: address == "127.0.0.1",
        timeout=10.0,
    )
    providers = Providers([other.provider])
    yield embeds.Maker(fetcher, providers, Disk(tmp_path / "media"), Confined(), PIXELS, Quota())
    await fetcher.close()


async def paste(page: Page, words: str) -> bool:
    """Paste into the text; whether that was left to the browser."""
    left: bool = await page.evaluate(PASTE, [words, []])
    return left


async def test_a_link_on_a_line_of_its_own_becomes_a_card(
    served: Served, other: Site, maker: embeds.Maker, browser: Browser, complaints: list[str]
) -> None:
    other.answers["/oembed"] = [card(title="A film", author_name="Ana")]
    async with desk(served, browser, complaints) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.keyboard.type("/video ")
        async with page.expect_response("**/embeds"):
            assert not await paste(page, PAGE)
        shown = page.get_by_role("group", name="Card")
        await expect(shown).to_contain_text("The page is looked at…")
        assert await maker(served.actions, datetime.now(UTC)) == 1
        await expect(shown.get_by_role("link")).to_have_text("A film")
        await expect(shown).to_contain_text("Ana")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_text("Published: A film")).to_be_visible()
        (entry,) = await public(served)
        assert entry["kind"] == "video"
        assert entry["embed"] == {
            "url": PAGE, "provider": "Site", "title": "A film", "author": "Ana",
        }  # fmt: skip
        assert [url for url in asked if not url.startswith((served.url, "blob:"))] == []
    assert complaints == []


async def test_what_is_not_on_the_list_stays_a_link(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(served, browser, complaints) as page:
        assert not await paste(page, "https://unknown.example/page")
        shown = page.get_by_role("group", name="Card")
        await expect(shown).to_contain_text("It stays a link.")
        await expect(shown.get_by_role("link")).to_have_text("https://unknown.example/page")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_text("Published:")).to_be_visible()
        (entry,) = await public(served)
        assert entry["embed"]["url"] == "https://unknown.example/page"


async def test_an_address_inside_a_sentence_stays_one(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(served, browser, complaints) as page:
        await page.keyboard.type("See ")
        assert await paste(page, PAGE)
        await text(page).fill("")
        await paste(page, PAGE)
        await page.get_by_role("button", name="Take the card out").click()
        await expect(page.get_by_role("group", name="Card")).to_be_hidden()
        await expect(text(page)).to_be_focused()


async def test_a_card_is_added_in_place_and_taken_out(
    served: Served, other: Site, maker: embeds.Maker, browser: Browser, complaints: list[str]
) -> None:
    other.answers["/oembed"] = [card(title="A film", author_name="Ana")]
    async with desk(served, browser, complaints) as page:
        await page.keyboard.type("Look at this.")
        await page.keyboard.press("Control+Enter")
        row = page.get_by_role("article", name="Look at this.")
        edit = row.get_by_role("button", name="Edit", exact=True)
        form = row.get_by_role("form", name="Edit this entry")
        body = form.get_by_label("Text", exact=True)
        await edit.click()
        await body.press("End")
        assert await body.evaluate(PASTE_HERE, PAGE), "inside a sentence it stays an address"
        await body.fill("Look at this.\n")
        async with page.expect_response("**/embeds"):
            assert not await body.evaluate(PASTE_HERE, PAGE)
        shown = form.get_by_role("group", name="Card")
        await expect(shown).to_contain_text("The page is looked at…")
        assert await maker(served.actions, datetime.now(UTC)) == 1
        await expect(shown.get_by_role("link")).to_have_text("A film")
        assert await body.evaluate(PASTE_HERE, PAGE), "a second one stays an address"
        await body.press("Control+Enter")
        await expect(form).to_be_hidden()
        await expect(row.get_by_role("link", name="A film")).to_be_visible()
        (entry,) = await public(served)
        assert entry["embed"] == {
            "url": PAGE, "provider": "Site", "title": "A film", "author": "Ana",
        }  # fmt: skip
        await edit.click()
        await form.get_by_role("button", name="Take the card out").click()
        await body.press("Control+Enter")
        await expect(form).to_be_hidden()
        (entry,) = await public(served)
        assert "embed" not in entry or entry["embed"] is None
    assert complaints == []
