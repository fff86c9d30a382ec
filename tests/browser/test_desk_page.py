"""The page as a whole at the desk: its words and status, the pin, the roll-up, who is on duty."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from liveblog.model.blog import Blog
from liveblog.model.entry import Entry
from tests.browser.newsroom import Colleague, Newsroom, newsroom
from tests.kit import SLUG
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser, time_zone="UTC") as one:
        yield one


async def blog(room: Newsroom) -> Blog:
    found = await room.served.store.inner.read(lambda tx: tx.blog(SLUG))
    assert found is not None
    return found


async def day(room: Newsroom) -> dict[str, Any]:
    """Today as readers get it."""
    today = datetime.now(UTC).date()
    answer = await room.served.http.get(f"/api/v1/blogs/{SLUG}/days/{today}")
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


async def lines_of(room: Newsroom) -> list[str]:
    return [item["text"] for item in (await day(room))["items"]]


def settings_of(one: Colleague) -> Locator:
    return one.page.get_by_role("region", name="The page")


async def test_its_words_status_zone_language_and_direction(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    page = settings_of(ana)
    await page.get_by_label("Headline").fill("أزمة في الحكومة")
    await page.get_by_label("Standfirst").fill("Everything that happens.")
    await page.get_by_label("Paused").check()
    await page.get_by_label("Language").fill("ar")
    await page.get_by_label("Direction").select_option("rtl")
    await page.get_by_label("Time zone").fill("Africa/Cairo")
    await page.get_by_role("button", name="Save the page").click()
    await expect(ana.says("Saved.")).to_be_visible()
    now = await blog(room)
    assert (now.headline, now.standfirst) == ("أزمة في الحكومة", "Everything that happens.")
    assert (now.status, now.lang, now.dir, now.time_zone) == ("paused", "ar", "rtl", "Africa/Cairo")
    await expect(page.get_by_role("button", name="Save the page")).to_be_disabled()
    await page.get_by_label("Time zone").fill("Cairo")
    await page.get_by_role("button", name="Save the page").click()
    await expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    assert (await blog(room)).time_zone == "Africa/Cairo"


async def test_it_is_closed_only_after_a_question(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    await settings_of(ana).get_by_label("Closed").check()
    await ana.page.get_by_role("button", name="Save the page").click()
    asked = ana.page.get_by_role("dialog", name="Close this page?")
    await ana.page.keyboard.press("Escape")
    assert (await blog(room)).status == "live"
    await ana.page.get_by_role("button", name="Save the page").click()
    await asked.get_by_role("button", name="Close it").click()
    await expect(ana.says("Saved.")).to_be_visible()
    assert (await blog(room)).status == "closed"


async def test_two_people_change_it_and_nothing_is_overwritten(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    await settings_of(ana).get_by_label("Headline").fill("Mine")
    await settings_of(ana).get_by_label("Standfirst").fill("Only I wrote here.")
    await room.served.revise_blog(headline="Theirs", status="paused")
    await ana.page.get_by_role("button", name="Save the page").click()
    shown = ana.page.get_by_role("form", name="Somebody else saved this while you were writing")
    await expect(shown).to_contain_text("Status")
    assert (await blog(room)).headline == "Theirs"
    await shown.get_by_role("radio", name="Yours").check()
    await shown.get_by_role("button", name="Save what stands here").click()
    await expect(shown).to_be_hidden()
    await expect(ana.says("Saved.")).to_be_visible()
    now = await blog(room)
    assert (now.headline, now.standfirst, now.status) == ("Mine", "Only I wrote here.", "paused")


async def test_what_another_changes_is_shown_at_once(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    ben = await room.colleague("Ben", place="page")
    await settings_of(ana).get_by_label("Standfirst").fill("I write here.")
    await room.served.revise_blog(headline="Theirs", title="The war, live", lang="uk")
    await expect(settings_of(ben).get_by_label("Headline")).to_have_value("Theirs")
    await expect(ben.page.locator(".top .blog")).to_have_text("The war, live")
    # What is being written stays, and it is said that there is something else.
    await expect(settings_of(ana)).to_contain_text("Somebody changed the page meanwhile.")
    await expect(ana.page.locator(".top .blog")).to_have_text("The war, live")
    await expect(settings_of(ana).get_by_label("Standfirst")).to_have_value("I write here.")


async def test_an_entry_is_pinned_and_unpinned(room: Newsroom) -> None:
    entry = await room.entry(headline="What we know")
    ana = await room.colleague("Ana")
    await ana.row(entry).get_by_role("button", name="Pin", exact=True).click()
    await expect(ana.row(entry)).to_contain_text("Pinned")
    await ana.open("page")
    pinned = ana.page.get_by_role("region", name="Pinned")
    await expect(pinned).to_contain_text("What we know")
    await pinned.get_by_role("button", name="Unpin").click()
    await expect(pinned).to_contain_text("No entry is pinned.")
    assert not (await room.now(entry)).pinned


# The roll-up ------------------------------------------------------------------------------------


@pytest.fixture
async def keys(room: Newsroom) -> list[Entry]:
    """Three key entries of today."""
    return [await room.entry(headline=name, key=True) for name in ("First", "Second", "Third")]


def roll_up(page: Page) -> Locator:
    return page.get_by_role("region", name="Roll-up of the day")


def lines(page: Page) -> Locator:
    return roll_up(page).get_by_role("list", name="Lines").get_by_role("listitem")


async def save(one: Colleague) -> None:
    # The words of the save before may still stand there.
    async with one.page.expect_response(lambda answer: answer.request.method == "PATCH"):
        await roll_up(one.page).get_by_role("button", name="Save the roll-up").click()
    await expect(one.says("The roll-up is saved.")).to_be_visible()


async def test_it_assembles_itself_and_is_reworded_dropped_and_frozen(
    room: Newsroom, keys: list[Entry]
) -> None:
    ana = await room.colleague("Ana", place="page")
    await expect(lines(ana.page)).to_have_count(3)
    await room.entry(headline="Fourth", key=True)
    await expect(lines(ana.page)).to_have_count(4)
    await roll_up(ana.page).get_by_role("button", name="Reword: Second").click()
    await roll_up(ana.page).get_by_label("Words of the line").fill("In other words")
    await ana.page.keyboard.press("Enter")
    await expect(lines(ana.page).nth(1)).to_be_focused()
    await roll_up(ana.page).get_by_role("button", name="Leave out: Third").click()
    await roll_up(ana.page).get_by_label("Frozen").check()
    await save(ana)
    assert await lines_of(room) == ["First", "In other words", "Fourth"]
    assert (await day(room))["frozen"] is True
    await roll_up(ana.page).get_by_role("button", name="Put back: Third").click()
    await roll_up(ana.page).get_by_label("Frozen").uncheck()
    await save(ana)
    assert await lines_of(room) == ["First", "In other words", "Fourth", "Third"]


async def test_it_is_put_in_order_by_keyboard(room: Newsroom, keys: list[Entry]) -> None:
    ana = await room.colleague("Ana", place="page")
    await roll_up(ana.page).get_by_role("button", name="Move down: First").press("Enter")
    await expect(ana.says("Line 2 of 3.")).to_be_visible()
    await expect(lines(ana.page).nth(1)).to_be_focused()
    await ana.page.keyboard.press("Alt+ArrowDown")
    await expect(lines(ana.page).nth(2)).to_contain_text("First")
    await expect(lines(ana.page).nth(2)).to_be_focused()
    await save(ana)
    assert await lines_of(room) == ["Second", "Third", "First"]


async def test_it_is_put_in_order_by_dragging(room: Newsroom, keys: list[Entry]) -> None:
    ana = await room.colleague("Ana", place="page")
    await expect(lines(ana.page)).to_have_count(3)
    await lines(ana.page).nth(2).drag_to(lines(ana.page).nth(0))
    await expect(lines(ana.page).nth(0)).to_contain_text("Third")
    await save(ana)
    assert await lines_of(room) == ["Third", "First", "Second"]


async def test_what_is_retracted_is_never_in_it(room: Newsroom, keys: list[Entry]) -> None:
    ana = await room.colleague("Ana", place="page")
    ben = await room.colleague("Ben")
    await roll_up(ana.page).get_by_role("button", name="Move down: First").click()
    await roll_up(ana.page).get_by_role("button", name="Reword: Second").click()
    await roll_up(ana.page).get_by_label("Words of the line").fill("Second, reworded")
    await ana.page.keyboard.press("Enter")
    await room.retract(keys[1], ben)
    # The words go at once, also those that were only arranged; the rest of the work stays.
    await expect(lines(ana.page)).to_have_count(2)
    await expect(roll_up(ana.page)).not_to_contain_text("Second")
    await save(ana)
    assert await lines_of(room) == ["First", "Third"]


async def test_two_people_arrange_it(room: Newsroom, keys: list[Entry]) -> None:
    ana = await room.colleague("Ana", place="page")
    ben = await room.colleague("Ben", place="page")
    await roll_up(ana.page).get_by_role("button", name="Move down: First").click()
    await roll_up(ben.page).get_by_role("button", name="Leave out: Third").click()
    await save(ben)
    # What an entry adds is taken over meanwhile; what Ben did is not passed over by that.
    await room.entry(headline="Fourth", key=True)
    await expect(lines(ana.page)).to_have_count(4)
    await roll_up(ana.page).get_by_role("button", name="Save the roll-up").click()
    shown = roll_up(ana.page)
    await expect(shown).to_contain_text("Somebody changed this day while you arranged it.")
    assert await lines_of(room) == ["First", "Second", "Fourth"]
    await shown.get_by_role("button", name="Save mine").click()
    await expect(ana.says("The roll-up is saved.")).to_be_visible()
    assert await lines_of(room) == ["Second", "First", "Third", "Fourth"]


# The shift --------------------------------------------------------------------------------------


async def test_who_is_on_duty(room: Newsroom) -> None:
    ana = await room.colleague("Ana", place="page")
    ben = await room.colleague("Ben", place="page")
    hers, his = (one.page.get_by_role("region", name="On duty") for one in (ana, ben))
    await expect(his).to_contain_text("Nobody.")

    async def faster(route: Route) -> None:
        """Ana adds a name while Ben's is on its way."""
        if route.request.method != "PATCH" or await hers.get_by_role("listitem").count():
            return await route.continue_()
        await hers.get_by_label("Name").fill("Olena")
        await hers.get_by_label("Role").fill("Kyiv")
        await ana.page.keyboard.press("Enter")
        await expect(hers.get_by_role("listitem")).to_contain_text("Olena")
        await expect(hers.get_by_label("Name")).to_be_focused()
        return await route.continue_()

    await ben.page.route("**/desk", faster)
    await his.get_by_label("Name").fill("Taras")
    await his.get_by_role("button", name="Put on duty").click()
    await expect(ben.says("Taras is on duty.")).to_be_attached()
    await expect(his.get_by_role("listitem")).to_have_count(2)
    for name in ("Olena", "Taras"):
        await his.get_by_role("button", name=f"Take {name} off duty").click()
    await expect(his).to_contain_text("Nobody.")


async def test_a_word_for_the_next_shift(room: Newsroom) -> None:
    ana = await room.colleague("Ana")
    note = ana.page.get_by_role("region", name="Hand-over note")
    await note.get_by_role("button", name="Leave a note").click()
    await note.get_by_label("For whoever comes next").fill("Call the court at three.")
    await ana.page.keyboard.press("Control+Enter")
    await expect(note).to_contain_text("Call the court at three.")
    ben = await room.colleague("Ben")
    his = ben.page.get_by_role("region", name="Hand-over note")
    await expect(his).to_contain_text("Call the court at three.")
    await expect(his).to_contain_text("Ana")
    # Who is not writing is shown a new one at once.
    await his.get_by_role("button", name="Change the note").click()
    await his.get_by_label("For whoever comes next").fill("They are on channel two.")
    await his.get_by_role("button", name="Save").click()
    await expect(note).to_contain_text("They are on channel two.")
    # Two write at once: the second sees the first one's before it is gone.
    await note.get_by_role("button", name="Change the note").click()
    await his.get_by_role("button", name="Change the note").click()
    await his.get_by_label("For whoever comes next").fill("They moved it to four.")
    await his.get_by_role("button", name="Save").click()
    await expect(his.get_by_role("button", name="Change the note")).to_be_visible()
    await note.get_by_label("For whoever comes next").fill("Call at three sharp.")
    await note.get_by_role("button", name="Save").click()
    await expect(note).to_contain_text("They moved it to four.")
    await expect(note).to_contain_text("Ben wrote another note meanwhile")
    await expect(note.get_by_label("For whoever comes next")).to_have_value("Call at three sharp.")
