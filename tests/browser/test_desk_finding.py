"""Finding at the desk: words and filters, the same for many at once, and the media library."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from liveblog.model.entry import Entry, Media, Quote
from tests import people
from tests.browser.newsroom import Colleague, Newsroom, newsroom
from tests.kit import SLUG
from tests.pictures import jpeg
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


@pytest.fixture
async def ana(room: Newsroom) -> Colleague:
    return await room.colleague("Ana")


async def shown(one: Colleague, *entries: Entry) -> None:
    """Exactly these are in the list."""
    for entry in entries:
        await expect(one.row(entry)).to_be_visible()
    await expect(one.page.locator("article.row")).to_have_count(len(entries))


async def test_words_and_parts_of_words_in_any_script(room: Newsroom, ana: Colleague) -> None:
    kyiv = await room.entry(headline="Рятувальники працюють", body="У Києві.")
    cairo = await room.entry(body="أعلنت الحكومة استقالتها")
    quoted = await room.entry(
        kind="quote", quote=Quote(text="Enough is enough", speaker="The minister")
    )
    await expect(ana.row(quoted)).to_be_visible()
    await ana.page.locator("h2").first.click()
    await ana.page.keyboard.press("/")
    box = ana.page.get_by_role("searchbox", name="Search entries")
    await expect(box).to_be_focused()
    for words, wanted in (("рятувал", kyiv), ("حكوم", cairo), ("enough", quoted)):
        await box.fill(words)
        await shown(ana, wanted)
    # Something new that is found by the words comes by itself; what is not does not.
    more = await room.entry(body="Never enough")
    await shown(ana, quoted, more)
    await box.fill("nowhere to be found")
    await expect(ana.page.get_by_role("status").filter(has_text="Nothing")).to_be_visible()
    await box.press("Escape")
    await shown(ana, kyiv, cairo, quoted, more)


async def test_filters(room: Newsroom, ana: Colleague) -> None:
    ben = await room.colleague("Ben")
    his = await room.entry(await room.principal(ben), body="By Ben")
    key = await room.entry(headline="Key", key=True, tags=("war",))
    quote = await room.entry(kind="quote", quote=Quote(text="I go", speaker="He"))
    draft = await room.entry(body="Not yet", state="draft")
    await ana.page.reload()
    search = ana.page.get_by_role("search")
    await search.get_by_text("Filters").click()
    for label, choice, wanted in (
        ("Author", "Ben", [his]),
        ("Kind", "quote", [quote]),
        ("Key", "key developments", [key]),
        ("State", "Draft", [draft]),
    ):
        await search.get_by_label(label, exact=True).select_option(label=choice)
        await shown(ana, *wanted)
        await expect(search.get_by_text("Filters (1)")).to_be_visible()
        await search.get_by_label(label, exact=True).select_option(label="any")
    await search.get_by_label("Tag", exact=True).fill("#war")
    await shown(ana, key)
    await search.get_by_label("Key", exact=True).select_option(label="all others")
    await shown(ana)
    await search.get_by_role("button", name="Show all").click()
    await shown(ana, his, key, quote)


async def test_whoever_wrote_long_ago_can_be_asked_for(room: Newsroom, ana: Colleague) -> None:
    ben = await room.colleague("Ben")
    his = await room.entry(await room.principal(ben), body="By Ben")
    for _ in range(31):  # his is not in the list that is read first
        await room.entry()
    await ana.page.reload()
    await expect(ana.page.locator("article.row")).to_have_count(30)
    search = ana.page.get_by_role("search")
    await search.get_by_text("Filters").click()
    await search.get_by_label("Author", exact=True).select_option(label="Ben")
    await shown(ana, his)


async def test_older_ones_are_read_on_demand(room: Newsroom, ana: Colleague) -> None:
    for _ in range(33):
        await room.entry()
    await ana.page.reload()
    rows = ana.page.locator("article.row")
    await expect(rows).to_have_count(30)
    await ana.page.get_by_role("button", name="Show older ones").click()
    await expect(rows).to_have_count(33)
    await expect(ana.page.get_by_role("button", name="Show older ones")).to_be_hidden()


async def test_the_same_for_many_each_with_its_result(room: Newsroom, ana: Colleague) -> None:
    one, two, three = [await room.entry() for _ in range(3)]
    await expect(ana.row(one)).to_be_visible()
    await ana.page.get_by_role("button", name="Select").click()
    await ana.row(one).get_by_role("checkbox").check()
    await ana.row(two).get_by_role("checkbox").check()
    bar = ana.page.get_by_role("group", name="With the chosen entries")
    await expect(bar).to_contain_text("2 entries chosen.")
    await expect(bar.get_by_role("button", name="Restore")).to_be_disabled()
    await bar.get_by_role("button", name="Tag", exact=True).click()
    await ana.page.get_by_role("dialog").get_by_label("Tag").fill("storm")
    await ana.page.keyboard.press("Control+Enter")
    await expect(ana.row(one)).to_contain_text("#storm")
    await expect(ana.row(two)).to_contain_text("#storm")
    assert (await room.now(three)).tags == ()
    # The desk does not hear of what comes next before it asks: one of two was changed since.
    await bar.get_by_role("button", name="Choose all shown").click()
    await bar.get_by_role("button", name="Retract").click()
    await room.change(three, await room.colleague("Ben"), body="Changed by Ben")
    await ana.page.get_by_role("dialog").get_by_label("Reason").fill("Wrong storm.")
    await ana.page.get_by_role("dialog").get_by_role("button", name="Retract").click()
    await expect(ana.row(one)).to_contain_text("Wrong storm.")
    assert [(await room.now(e)).state for e in (one, two)] == ["retracted"] * 2


async def test_one_that_was_changed_meanwhile_is_left_alone(room: Newsroom, ana: Colleague) -> None:
    one, two = [await room.entry() for _ in range(2)]
    await expect(ana.row(two)).to_be_visible()
    await ana.page.get_by_role("button", name="Select").click()
    await ana.page.get_by_role("button", name="Choose all shown").click()
    bar = ana.page.get_by_role("group", name="With the chosen entries")
    await bar.get_by_role("button", name="Retract").click()

    async def changed(route: Any) -> None:
        """Somebody is faster, after the question and before the request."""
        await room.change(two, ana, body="Changed in another window")
        await route.continue_()

    await ana.page.route("**/desk/bulk", changed)
    await ana.page.get_by_role("dialog").get_by_role("button", name="Retract").click()
    await expect(ana.says("Done for 1 entry, not for 1 entry")).to_be_visible()
    await expect(ana.row(two)).to_contain_text("Not done: somebody changed it meanwhile.")
    assert (await room.now(one)).state == "retracted"
    assert (await room.now(two)).state == "published"


# The media library ------------------------------------------------------------------------------


async def upload(room: Newsroom, name: str) -> dict[str, Any]:
    """A picture of somebody's, made ready by the worker."""
    async with people.signed_in(room.served, "editor", SLUG, name="Zoe") as zoe:
        answer = await zoe.post(
            f"/api/v1/blogs/{SLUG}/media?name={name}",
            content=jpeg(640, 480),
            headers={"Content-Type": "image/jpeg"},
        )
        made: dict[str, Any] = answer.raise_for_status().json()
    await room.prepare()
    return made


async def test_the_library_is_searched_and_what_is_unused_deleted(room: Newsroom) -> None:
    await upload(room, "flood.jpg")
    used = await upload(room, "bridge.jpg")
    entry = await room.entry(
        kind="image", media=(Media(url=used["url"], type=used["type"], alt="A bridge"),)
    )
    ana = await room.colleague("Ana", place="media")
    shelf = ana.page.get_by_role("region", name="Media").get_by_role("listitem")
    await expect(shelf).to_have_count(2)
    bridge = shelf.filter(has_text="bridge.jpg")
    await expect(bridge).to_contain_text("used once")
    await expect(bridge.get_by_role("button", name="Delete")).to_have_count(0)
    await expect(bridge.locator("img")).to_have_js_property("complete", True)
    await ana.page.keyboard.press("/")
    await ana.page.get_by_role("searchbox", name="Search media").fill("flo")
    await expect(shelf).to_have_count(1)
    await shelf.get_by_role("button", name="Delete: flood.jpg").click()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(shelf).to_have_count(0)
    await ana.page.get_by_role("searchbox", name="Search media").fill("")
    await expect(shelf).to_have_count(1)
    assert (await room.now(entry)).state == "published"
    # A picture that comes while one looks appears.
    await upload(room, "court.jpg")
    await expect(shelf.filter(has_text="court.jpg")).to_contain_text("not used")


async def test_a_picture_is_used_in_an_entry(room: Newsroom) -> None:
    await upload(room, "bridge.jpg")
    ana = await room.colleague("Ana", place="media")
    await ana.page.get_by_role("button", name="Use in an entry: bridge.jpg").click()
    await expect(ana.page).to_have_url(f"{room.served.url}/studio/{SLUG}#/")
    await expect(ana.page.locator("lb-composer img")).to_be_visible()


async def test_a_draft_goes_on_in_the_composer(room: Newsroom) -> None:
    draft = await room.entry(headline="Half", body="a sentence", state="draft")
    ana = await room.colleague("Ana", place="drafts")
    await ana.row(draft).get_by_role("button", name="Continue in the composer").click()
    composer = ana.page.get_by_role("region", name="Composer")
    await expect(composer.get_by_label("Headline")).to_have_value("Half")
    await expect(composer.get_by_role("textbox", name="Text")).to_have_value("a sentence")
