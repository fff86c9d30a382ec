"""Words of an open edit outlive whatever happens to it: slow answers, lost ones, another person
at the same browser, a key of an input method, a browser that keeps nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Locator, Page, Route, expect

from tests import people
from tests.browser.newsroom import Colleague, Newsroom, newsroom
from tests.kit import SLUG
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")

FORBIDDEN = """void (Storage.prototype.setItem = () => {
  throw new DOMException("", "QuotaExceededError");
})"""
"""A browser that keeps nothing: its storage is full, or it is forbidden."""
PLAIN_HTTP = "delete Crypto.prototype.randomUUID; delete Navigator.prototype.locks;"
"""What a browser does not give to a page that came by plain http."""
COMPOSING = """(key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
  { key, isComposing: true, bubbles: true, cancelable: true }))"""
"""A key that an input method takes for itself; whether the page left it alone."""


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


def words(form: Locator) -> Locator:
    """Where the text of an entry is written."""
    return form.get_by_label("Text", exact=True)


async def held(page: Page, address: str, method: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Holds the next request of this kind: it is set when it came, and goes on when told to."""
    came, go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method != method or came.is_set():
            return await route.fallback()
        came.set()
        await go.wait()
        await route.continue_()

    await page.route(address, hold)
    return came, go


async def question(page: Page) -> bool:
    """Whether the browser asks before the page is loaded anew."""
    asked = asyncio.Event()

    async def answer(dialog: Dialog) -> None:
        asked.set()
        await dialog.dismiss()

    page.on("dialog", answer)
    await page.evaluate("void setTimeout(() => location.reload())")
    try:
        async with asyncio.timeout(5):
            await asked.wait()
    except TimeoutError:
        return False
    finally:
        page.remove_listener("dialog", answer)
    return True


async def test_an_edit_and_a_selection_work_by_plain_http(
    tmp_path: Path, valkey: ValkeyProcess, browser: Browser
) -> None:
    async with newsroom(tmp_path, valkey, browser) as room:
        entry = await room.entry(body="As it was.")
        ana = await room.colleague("Ana")
        await ana.context.add_init_script(PLAIN_HTTP)
        await ana.page.reload()
        form = await ana.edit(entry)
        await words(form).fill("Changed.")
        await words(form).press("Control+Enter")
        await expect(form).to_be_hidden()
        await ana.page.get_by_role("button", name="Select", exact=True).click()
        await ana.row(entry).get_by_role("checkbox").check()
        await ana.page.get_by_role("button", name="Tag", exact=True).click()
        await ana.page.get_by_role("dialog").get_by_label("Tag").fill("Kyiv")
        await ana.page.keyboard.press("Control+Enter")
        await expect(ana.row(entry)).to_contain_text("#Kyiv")
        assert (await room.now(entry)).body == "Changed."
        assert ana.complaints == []


async def test_what_is_typed_while_it_is_saved_stays(room: Newsroom) -> None:
    entry = await room.entry(headline="Talks", body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    came, go = await held(ana.page, f"**/entries/{entry.id}", "PATCH")
    await words(form).fill("First.")
    await words(form).press("Control+Enter")
    await came.wait()
    await ana.page.keyboard.type(" Second.")
    go.set()
    await expect(form).to_contain_text("What you wrote since is not saved yet.")
    await expect(words(form)).to_have_value("First. Second.")
    await expect(words(form)).to_be_focused()
    await ana.page.reload()
    await expect(words(ana.row(entry))).to_have_value("First. Second.")
    await words(ana.row(entry)).press("Control+Enter")
    await expect(form).to_be_hidden()
    now = await room.now(entry)
    assert (now.body, now.revision) == ("First. Second.", entry.revision + 2)


async def test_a_conflict_that_cannot_be_read_is_tried_again(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana, ben = await room.colleague("Ana"), await room.colleague("Ben")
    form = await ana.edit(entry)
    await words(form).fill("Mine.")
    await room.change(entry, ben, body="Theirs.")
    await expect(form).to_contain_text("When you save, you see both texts.")
    await ana.page.route(f"**/desk/entries/{entry.id}", lambda route: route.fulfill(status=500))
    await words(form).press("Control+Enter")
    await expect(form).to_contain_text("Not saved.")
    await ana.page.unroute(f"**/desk/entries/{entry.id}")
    await words(form).press("Control+Enter")
    await expect(ana.row(entry).locator(".conflict")).to_be_visible()


async def enter(room: Newsroom, page: Page, who: Colleague) -> None:
    """Somebody else signs in, in this browser."""
    await people.enter(page.context, room.served.url, who.secret)
    await page.goto(f"{room.served.url}/studio/{SLUG}")
    await expect(page.locator(".who")).to_contain_text(who.who.name)
    await expect(page.locator('[data-wire="live"]')).to_be_attached()


async def test_the_next_one_at_this_browser_gets_no_words_of_the_one_before(
    room: Newsroom,
) -> None:
    entry = await room.entry(body="As it was.")
    ana, ben = await room.colleague("Ana"), await room.colleague("Ben")
    form = await ana.edit(entry)
    await words(form).fill("Ana’s words.")
    await enter(room, ana.page, ben)
    await expect(ana.row(entry)).to_be_visible()
    await expect(form).to_have_count(0)
    await ana.edit(entry)
    await expect(words(form)).to_have_value("As it was.")
    await enter(room, ana.page, ana)
    await expect(words(form)).to_have_value("Ana’s words.")


async def test_what_is_typed_into_a_list_of_names_is_asked_about_and_kept(
    room: Newsroom,
) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    tags = form.get_by_label("Tags, by commas")
    await tags.press_sequentially("Kyiv, Lv")
    await expect(tags).to_have_value("Kyiv, Lv")
    await ana.page.reload()
    await expect(tags).to_have_value("Kyiv, Lv")
    await tags.press("Escape")
    asked = ana.page.get_by_role("dialog", name="Throw away what you wrote?")
    await asked.get_by_role("button", name="Go on writing").click()
    await tags.press("End")
    await tags.press_sequentially("iv,")
    await expect(tags).to_have_value("Kyiv, Lviv,")
    await tags.press("Control+Enter")
    await expect(form).to_be_hidden()
    assert (await room.now(entry)).tags == ("Kyiv", "Lviv")


async def test_a_note_alone_is_words_too(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await form.get_by_label("Note for readers").fill("We said seven.")
    await ana.page.reload()
    await expect(form.get_by_label("Note for readers")).to_have_value("We said seven.")
    await form.get_by_label("Note for readers").press("Escape")
    await expect(ana.page.get_by_role("dialog")).to_be_visible()


async def test_keys_of_an_input_method_are_not_the_desks(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    await ana.page.get_by_role("combobox", name="Tags").fill("きょう")
    assert await ana.page.evaluate(COMPOSING, "Enter")
    assert await ana.page.evaluate(COMPOSING, "Escape")
    await expect(ana.page.get_by_role("combobox", name="Tags")).to_have_value("きょう")
    form = await ana.edit(entry)
    await words(form).fill("きょう")
    assert await ana.page.evaluate(COMPOSING, "Escape")
    await expect(ana.page.get_by_role("dialog")).to_have_count(0)
    search = ana.page.get_by_role("searchbox", name="Search entries")
    await search.fill("きょう")
    assert await ana.page.evaluate(COMPOSING, "Escape")
    await expect(search).to_have_value("きょう")


async def test_a_browser_that_keeps_nothing_is_not_left_without_a_question(
    room: Newsroom,
) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await words(form).fill("Kept.")
    assert not await question(ana.page)
    await ana.page.evaluate(FORBIDDEN)
    await expect(words(form)).to_have_value("Kept.")
    await words(form).fill("Not kept.")
    assert await question(ana.page)
    await expect(words(form)).to_have_value("Not kept.")


# Not entries ------------------------------------------------------------------------------------


async def test_the_words_of_the_page_outlive_another_place_and_a_crash(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    headline = ana.page.get_by_role("textbox", name="Headline")
    await headline.fill("Second round")
    await ana.page.get_by_role("link", name="Drafts").click()
    await expect(headline).to_have_count(0)
    await ana.page.get_by_role("link", name="Page", exact=True).click()
    await expect(headline).to_have_value("Second round")
    await ana.page.reload()
    await expect(headline).to_have_value("Second round")
    page = ana.page.get_by_role("region", name="The page")
    await expect(page).to_contain_text("These words were not saved yet.")
    await ana.page.get_by_role("button", name="Undo", exact=True).click()
    await ana.page.reload()
    await expect(headline).to_have_value("")


async def test_what_is_typed_while_the_page_is_saved_stays(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    headline = ana.page.get_by_role("textbox", name="Headline")
    came, go = await held(ana.page, f"**/blogs/{SLUG}", "PATCH")
    await headline.fill("Second")
    await headline.press("Control+Enter")
    await came.wait()
    await ana.page.keyboard.type(" round")
    go.set()
    await expect(ana.says("Saved.")).to_be_attached()
    await expect(headline).to_have_value("Second round")
    await headline.press("Control+Enter")
    save = ana.page.get_by_role("button", name="Save the page")
    await expect(save).to_be_disabled()
    await ana.page.reload()
    await expect(headline).to_have_value("Second round")
    await expect(save).to_be_disabled()


async def test_what_is_arranged_outlives_the_page(room: Newsroom) -> None:
    for words in ("One", "Two"):
        await room.entry(headline=words, body=words, key=True)
    ana = await room.colleague("Ana", place="page")
    shown = ana.page.get_by_role("region", name="Roll-up of the day")
    lines = shown.get_by_role("list", name="Lines").get_by_role("listitem")
    await expect(lines).to_have_count(2)
    await shown.get_by_role("button", name="Reword: One").click()
    await shown.get_by_label("Words of the line").fill("The first")
    await shown.get_by_role("button", name="Take").click()
    await ana.page.reload()
    await expect(lines.filter(has_text="The first")).to_be_visible()
    await expect(shown).to_contain_text("This was not saved yet.")
    await shown.get_by_role("button", name="Save the roll-up").click()
    await expect(ana.says("The roll-up is saved.")).to_be_attached()
    await ana.page.reload()
    await expect(lines.filter(has_text="The first")).to_be_visible()
    await expect(shown.get_by_role("button", name="Save the roll-up")).to_be_disabled()


async def test_a_note_is_kept_and_left_only_after_a_question(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    note = ana.page.get_by_role("region", name="Hand-over note")
    await note.get_by_role("button", name="Leave a note").click()
    written = note.get_by_label("For whoever comes next")
    await written.fill("Call the court.")
    await ana.page.reload()
    await expect(written).to_have_value("Call the court.")
    await written.press("Escape")
    asked = ana.page.get_by_role("dialog", name="Throw away your note?")
    await asked.get_by_role("button", name="Go on writing").click()
    await expect(written).to_have_value("Call the court.")
    await written.press("Escape")
    await asked.get_by_role("button", name="Throw away").click()
    await expect(written).to_have_count(0)
    await expect(note.get_by_role("button", name="Leave a note")).to_be_focused()
    await ana.page.reload()
    await expect(note.get_by_role("button", name="Leave a note")).to_be_visible()
