"""Two editors at once: they see each other, nobody is locked out, nobody's words are lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, expect

from liveblog.model.entry import Entry
from tests.browser.newsroom import Colleague, Newsroom, newsroom
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")

BODY = "One stays.\n\nTwo people were hurt.\n\nThree stays."


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


@pytest.fixture
async def both(room: Newsroom) -> tuple[Colleague, Colleague]:
    return await room.colleague("Ana"), await room.colleague("Ben")


Both = tuple[Colleague, Colleague]


async def test_each_sees_who_is_here_and_on_what(room: Newsroom, both: Both) -> None:
    entry = await room.entry(headline="The vote")
    ana, ben = both
    here = ben.page.get_by_role("region", name="Who is here")
    await expect(here).to_contain_text("Ana")
    await ana.edit(entry)
    await expect(here).to_contain_text("working on The vote")
    await expect(ben.row(entry)).to_contain_text("Ana is working on this entry")
    # It is said, and locks nothing.
    form = await ben.edit(entry)
    await expect(form).to_contain_text("Ana is working on this entry")
    await expect(ana.row(entry)).to_contain_text("Ben is working on this entry")
    await form.get_by_label("Text", exact=True).fill("By Ben.")
    await form.get_by_role("button", name="Save").click()
    await expect(form).to_be_hidden()
    await expect(ana.row(entry)).not_to_contain_text("Ben is working")
    await ana.context.close()
    await expect(here).to_contain_text("Nobody else.")


async def test_what_one_publishes_the_other_sees(room: Newsroom, both: Both) -> None:
    ana, ben = both
    entry = await room.entry(body="Just in.")
    await expect(ben.row(entry)).to_contain_text("Just in.")
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Just in, and more.")
    await form.get_by_role("button", name="Save").click()
    await expect(ben.row(entry)).to_contain_text("Just in, and more.")


async def collide(room: Newsroom, both: Both, mine: str, theirs: str) -> tuple[Entry, Locator]:
    """Ben saves while Ana writes, then Ana saves; what she is shown."""
    ana, ben = both
    entry = await room.entry(headline="Storm", body=BODY)
    hers = await ana.edit(entry)
    his = await ben.edit(entry)
    await his.get_by_label("Text", exact=True).fill(theirs)
    await his.get_by_role("button", name="Save").click()
    await expect(his).to_be_hidden()
    await expect(hers).to_contain_text("Ben changed this entry meanwhile.")
    await hers.get_by_label("Text", exact=True).fill(mine)
    await hers.get_by_role("button", name="Save").click()
    title = "Ben saved this while you were writing"
    return entry, ana.row(entry).get_by_role("form", name=title)


async def saved(room: Newsroom, one: Colleague, entry: Entry, body: str) -> None:
    """The edit is closed, and this is what stands."""
    await expect(one.row(entry).locator("form")).to_have_count(0)
    assert (await room.now(entry)).body == body


async def test_other_paragraphs_come_together_by_themselves(room: Newsroom, both: Both) -> None:
    mine = BODY.replace("One stays", "One is mine")
    theirs = BODY.replace("Three stays", "Three is his")
    entry, shown = await collide(room, both, mine, theirs)
    await expect(shown).to_contain_text("Nothing is overwritten")
    assert (await room.now(entry)).body == theirs
    await shown.get_by_role("button", name="Save what stands here").click()
    await saved(room, both[0], entry, "One is mine.\n\nTwo people were hurt.\n\nThree is his.")


async def test_both_texts_are_shown_and_one_is_chosen(room: Newsroom, both: Both) -> None:
    mine, theirs = BODY.replace("Two", "Five"), BODY.replace("Two", "Six")
    entry, shown = await collide(room, both, mine, theirs)
    text = shown.get_by_role("region", name="Text")
    await expect(text.locator(".sides > div").nth(0)).to_contain_text("Yours")
    await expect(text.locator(".sides ins")).to_have_text(["Five ", "Six "])
    await expect(text.locator(".sides del")).to_have_text(["Two ", "Two "])
    await text.get_by_text("What both came from").click()
    await expect(text.locator("details .text")).to_have_text(BODY)
    await shown.get_by_role("button", name="Save what stands here").click()
    await expect(shown.get_by_role("status")).to_have_text("Something is not decided yet.")
    assert (await room.now(entry)).body == theirs  # Not overwritten.
    await text.get_by_role("radio", name="Ben Six people were hurt.").check()
    await expect(text.get_by_label("What will stand")).to_have_value(theirs)
    await text.get_by_role("radio", name="Both, one after the other").check()
    await shown.get_by_role("button", name="Save what stands here").click()
    wanted = BODY.replace("Two people", "Five people were hurt.\n\nSix people")
    await saved(room, both[0], entry, wanted)


async def test_it_may_be_written_too(room: Newsroom, both: Both) -> None:
    mine, theirs = BODY.replace("Two", "Five"), BODY.replace("Two", "Six")
    entry, shown = await collide(room, both, mine, theirs)
    await shown.get_by_label("What will stand").fill("Five or six people were hurt.")
    await shown.get_by_label("What will stand").press("Control+Enter")
    await saved(room, both[0], entry, "Five or six people were hurt.")


async def test_what_is_written_into_both_is_left_only_after_a_question(
    room: Newsroom, both: Both
) -> None:
    mine, theirs = BODY.replace("Two", "Five"), BODY.replace("Two", "Six")
    _, shown = await collide(room, both, mine, theirs)
    stands = shown.get_by_label("What will stand")
    await stands.fill("Some were hurt.")
    await stands.press("Escape")
    asked = both[0].page.get_by_role("dialog", name="Throw away what you wrote here?")
    await asked.get_by_role("button", name="Stay here").click()
    await expect(stands).to_have_value("Some were hurt.")
    await stands.press("Escape")
    await asked.get_by_role("button", name="Throw away").click()
    await expect(shown).to_have_count(0)


async def test_somebody_is_faster_again(room: Newsroom, both: Both) -> None:
    mine, theirs = BODY.replace("Two", "Five"), BODY.replace("Two", "Six")
    entry, shown = await collide(room, both, mine, theirs)
    await shown.get_by_role("radio", name="Yours").check()
    await room.change(entry, both[1], body=BODY.replace("Two", "Seven"))
    await shown.get_by_role("button", name="Save what stands here").click()
    await expect(shown).to_contain_text("Seven people were hurt.")
    assert (await room.now(entry)).body == BODY.replace("Two", "Seven")
    await shown.get_by_role("radio", name="Yours").check()
    await shown.get_by_role("button", name="Save what stands here").click()
    await saved(room, both[0], entry, mine)


async def test_the_other_text_is_taken_only_after_a_question(room: Newsroom, both: Both) -> None:
    mine, theirs = BODY.replace("Two", "Five"), BODY.replace("Two", "Six")
    entry, shown = await collide(room, both, mine, theirs)
    await shown.get_by_role("button", name="Take the other text").click()
    asked = both[0].page.get_by_role("dialog", name="Throw away what you wrote?")
    await asked.get_by_role("button", name="Go back").click()
    await shown.get_by_role("button", name="Go on writing").click()
    form = both[0].row(entry).get_by_role("form", name="Edit this entry")
    await expect(form.get_by_label("Text", exact=True)).to_have_value(mine)
    await form.get_by_role("button", name="Save").click()
    await shown.get_by_role("button", name="Take the other text").click()
    await asked.get_by_role("button", name="Throw mine away").click()
    await expect(both[0].row(entry)).to_contain_text("Six people were hurt.")
    assert (await room.now(entry)).body == theirs


async def test_retracted_while_somebody_writes(room: Newsroom, both: Both) -> None:
    ana, ben = both
    entry = await room.entry(headline="Storm", body=BODY)
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Words of mine.")
    await room.retract(entry, ben, "It was another storm.")
    alert = form.get_by_role("alert")
    await expect(alert).to_contain_text("Ben retracted this entry while you were writing.")
    await expect(alert).to_contain_text("It was another storm.")
    await expect(form.get_by_label("Text", exact=True)).to_have_value("Words of mine.")
    await alert.get_by_role("button", name="Keep mine as a draft").click()
    await expect(form).to_be_hidden()
    assert (await room.now(entry)).state == "retracted"
    await ana.open("drafts")
    await expect(ana.page.get_by_text("Words of mine.")).to_be_visible()


async def test_restored_with_the_words_of_who_wrote(room: Newsroom, both: Both) -> None:
    ana, ben = both
    entry = await room.entry(headline="Storm", body=BODY)
    form = await ana.edit(entry)
    await form.get_by_label("Text", exact=True).fill("Words of mine.")
    await room.retract(entry, ben)
    await form.get_by_role("button", name="Restore the entry with my words").click()
    await expect(form).to_be_hidden()
    now = await room.now(entry)
    assert (now.state, now.body) == ("published", "Words of mine.")
