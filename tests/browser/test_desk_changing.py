"""Changing what was published: in place, with a mark and a note; taken back, and restored."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Route, expect

from tests import people
from tests.browser.newsroom import Newsroom, newsroom
from tests.kit import SLUG
from tests.pictures import jpeg
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


async def test_an_entry_is_edited_in_place(room: Newsroom) -> None:
    entry = await room.entry(headline="Minister to go", body="He leaves tomorow.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await expect(form.get_by_label("Text", exact=True)).to_be_focused()
    await form.get_by_label("Text", exact=True).fill("He leaves tomorrow.")
    await form.get_by_label("Typo").check()
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await expect(ana.row(entry)).to_contain_text("He leaves tomorrow.")
    await expect(ana.row(entry)).to_be_focused()
    now = await room.now(entry)
    assert (now.body, now.headline) == ("He leaves tomorrow.", "Minister to go")
    assert now.edit is not None
    assert now.edit.kind == "typo"
    assert ana.complaints == []


async def test_a_correction_says_what_was_wrong(room: Newsroom) -> None:
    entry = await room.entry(body="Five died.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Six died.")
    await form.get_by_label("Correction").check()
    await form.get_by_role("button", name="Save").click()
    note = form.get_by_label("Note for readers: what was wrong?")
    await expect(note).to_be_focused()
    await expect(note).to_have_attribute("aria-invalid", "true")
    assert (await room.now(entry)).body == "Five died."
    await note.fill("The number was wrong.")
    await note.press("Control+Enter")
    await expect(form).to_be_hidden()
    await expect(ana.row(entry)).to_contain_text("Corrected")
    await expect(ana.row(entry)).to_contain_text("The number was wrong.")
    reader = await ana.context.new_page()
    await reader.goto(f"{room.served.url}/blogs/{SLUG}")
    await expect(reader.get_by_text("The number was wrong.")).to_be_visible()


async def test_escape_asks_before_words_are_lost(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await ana.page.keyboard.press("Escape")
    await expect(form).to_be_hidden()  # Nothing was written: nothing is asked.
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Written over.")
    await ana.page.keyboard.press("Escape")
    asked = ana.page.get_by_role("dialog", name="Throw away what you wrote?")
    await expect(asked).to_be_visible()
    await asked.get_by_role("button", name="Go on writing").click()
    await expect(form.get_by_label("Text", exact=True)).to_have_value("Written over.")
    await form.get_by_label("Text", exact=True).press("Escape")
    await asked.get_by_role("button", name="Throw away").click()
    await expect(form).to_be_hidden()
    await expect(ana.row(entry)).to_contain_text("As it was.")
    assert (await room.now(entry)).body == "As it was."


async def test_words_that_are_not_saved_outlive_the_page(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Half a sentence that")
    await ana.page.reload()
    await expect(form.get_by_label("Text", exact=True)).to_have_value("Half a sentence that")
    await expect(form).to_contain_text("These words were not saved yet.")


async def test_a_retraction_has_a_reason_and_can_be_taken_back(room: Newsroom) -> None:
    entry = await room.entry(headline="Not true", body="It was not so.")
    ana = await room.colleague("Ana")
    row = ana.row(entry)
    await row.get_by_role("button", name="Retract").click()
    asked = ana.page.get_by_role("dialog", name="Retract this entry?")
    await asked.get_by_label("Reason").fill("Our source was wrong.")
    await asked.get_by_role("button", name="Retract").click()
    await expect(row).to_contain_text("Our source was wrong.")
    gone = await room.now(entry)
    assert (gone.state, gone.note) == ("retracted", "Our source was wrong.")
    await ana.open("retracted")
    await row.get_by_text("What it said").click()
    await expect(row).to_contain_text("It was not so.")
    await row.get_by_role("button", name="Restore").click()
    await expect(row).to_be_hidden()  # It is no retracted one any more.
    assert (await room.now(entry)).state == "published"


async def test_the_history_shows_what_changed(room: Newsroom) -> None:
    entry = await room.entry(headline="Five died", body="Five people died.\n\nMore soon.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Six people died.\n\nMore soon.")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await ana.row(entry).get_by_role("button", name="History").click()
    history = ana.row(entry).get_by_role("region", name="History")
    versions = history.get_by_role("listitem")
    await expect(versions).to_have_count(2)
    await expect(versions.first).to_contain_text("Version 2")
    await expect(versions.first).to_contain_text("by Ana")
    await expect(versions.first.locator("del")).to_have_text("Five ")
    await expect(versions.first.locator("ins")).to_have_text("Six ")
    await history.get_by_role("button", name="version 1").click()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Take them out").click()
    await expect(versions.last).to_contain_text("Taken out of the public history")
    await ana.page.keyboard.press("Escape")
    await expect(history).to_be_hidden()


async def test_a_picture_comes_in_with_its_words(room: Newsroom) -> None:
    entry = await room.entry(body="Look.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    photo = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=jpeg(640, 480))
    await form.get_by_label("Add pictures").set_input_files([photo])
    shows = form.get_by_label("What picture 1 shows")
    await expect(shows).to_be_visible()
    await form.get_by_role("button", name="Save").click()
    await expect(shows).to_have_attribute("aria-invalid", "true")
    await expect(shows).to_be_focused()
    await shows.fill("A gradient")
    await form.get_by_role("button", name="Save").click()
    # It is not ready for readers yet: the desk says it again until it is.
    await room.prepare()
    await expect(form).to_be_hidden(timeout=15_000)
    (medium,) = (await room.now(entry)).media
    assert medium.alt == "A gradient"
    await expect(ana.row(entry).get_by_role("img", name="A gradient")).to_be_visible()


async def test_the_words_are_kept_when_the_network_goes_in_the_middle(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana")
    form = await ana.edit(entry)
    await ana.context.set_offline(True)
    await expect(ana.page.locator(".wire")).to_contain_text("Not connected")
    await form.get_by_label("Text", exact=True).fill("Written in a tunnel.")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_contain_text("kept in this browser")
    await ana.context.set_offline(False)
    await expect(form).to_be_hidden(timeout=15_000)
    await expect(ana.row(entry)).to_contain_text("Written in a tunnel.")
    now = await room.now(entry)
    assert (now.body, now.revision) == ("Written in a tunnel.", entry.revision + 1)


async def test_a_session_that_ends_in_the_middle_costs_no_word(room: Newsroom) -> None:
    entry = await room.entry(body="As it was.")
    ana = await room.colleague("Ana", password=people.PASSWORD)
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Written meanwhile.")
    ended = asyncio.Event()

    async def late(route: Route) -> None:
        """On its way while the session ends, which the desk notices within a second anyway."""
        await ended.wait()
        await route.continue_()

    await ana.page.route(f"**/entries/{entry.id}", late, times=1)
    await form.get_by_role("button", name="Save").click()
    await room.end_session(ana)
    ended.set()
    again = ana.page.get_by_role("dialog", name="Your session has ended")
    await expect(again).to_be_visible()
    await again.get_by_label("Password").fill(people.PASSWORD)
    await again.get_by_role("button", name="Sign in").click()
    await expect(form).to_be_hidden()
    await expect(ana.page.locator('[data-wire="live"]')).to_be_attached(timeout=15_000)
    assert (await room.now(entry)).body == "Written meanwhile."
