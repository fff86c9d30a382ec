"""Where the focus is when what had it has gone, and what is said of a list in which nothing is."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, expect

from tests.browser.newsroom import Newsroom, newsroom
from tests.browser.studio import text
from tests.pictures import jpeg
from tests.valkey import ValkeyProcess

pytestmark = pytest.mark.needs("chromium")

WHERE = "document.activeElement.closest('lb-studio')?.localName ?? document.activeElement.localName"
"""``lb-studio`` as long as the focus is somewhere in the desk."""


@pytest.fixture
async def room(tmp_path: Path, valkey: ValkeyProcess, browser: Browser) -> AsyncIterator[Newsroom]:
    async with newsroom(tmp_path, valkey, browser) as one:
        yield one


async def in_desk(page: Page) -> None:
    """Wait until the focus is on something that can be worked with."""
    await page.wait_for_function(f"{WHERE} === 'lb-studio'")


async def test_a_button_that_went_with_its_work_leaves_the_focus_beside_it(
    room: Newsroom,
) -> None:
    ana = await room.colleague("Ana")
    photo = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=jpeg(60, 40))
    await ana.page.locator("#pictures").set_input_files([photo])
    out = ana.page.get_by_role("button", name="Take picture 1 out")
    await out.focus()
    await ana.page.keyboard.press("Enter")
    await expect(out).to_have_count(0)
    await in_desk(ana.page)


async def test_the_focus_stays_with_an_entry_that_is_retracted(room: Newsroom) -> None:
    entry = await room.entry(body="A slip.")
    await room.entry(body="Another.")
    ana = await room.colleague("Ana")
    await ana.row(entry).get_by_role("button", name="Retract").focus()
    await ana.page.keyboard.press("Enter")
    await ana.page.get_by_role("dialog").get_by_role("button", name="Retract").click()
    await expect(ana.row(entry)).to_contain_text("Readers see: this entry was removed.")
    await in_desk(ana.page)
    assert await ana.row(entry).evaluate("(row) => row.contains(document.activeElement)")


async def test_older_ones_are_gone_on_with_where_they_begin(room: Newsroom) -> None:
    entries = [await room.entry() for _ in range(32)]
    ana = await room.colleague("Ana")
    more = ana.page.get_by_role("button", name="Show older ones")
    await more.focus()
    await ana.page.keyboard.press("Enter")
    await expect(more).to_have_count(0)
    await in_desk(ana.page)
    row = ana.row(entries[1])
    assert await row.evaluate("(row) => row.contains(document.activeElement)")


async def test_the_focus_is_not_taken_from_what_somebody_left(room: Newsroom) -> None:
    ana, ben = await room.colleague("Ana"), await room.colleague("Ben")
    entry = await room.entry(body="Here.")
    await expect(ana.row(entry)).to_be_visible()
    await ana.row(entry).get_by_role("button", name="Retract").focus()
    await ana.page.locator(".top").click(position={"x": 600, "y": 20})
    await room.retract(entry, ben)
    await expect(ana.row(entry)).to_contain_text("Readers see: this entry was removed.")
    assert await ana.page.evaluate("document.activeElement.localName") == "body"


async def test_a_reason_that_could_not_be_said_is_there_the_next_time(room: Newsroom) -> None:
    entry = await room.entry(body="A slip.")
    ana = await room.colleague("Ana")
    retract = ana.row(entry).get_by_role("button", name="Retract")

    async def busy(route: Route) -> None:
        await route.fulfill(status=503, body="")

    await ana.page.route("**/retract", busy)
    await retract.click()
    dialog = ana.page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("It was the other minister.")
    await dialog.get_by_role("button", name="Retract").click()
    await expect(ana.row(entry)).to_contain_text("The server answered 503.")
    await ana.page.unroute("**/retract")
    await retract.click()
    await expect(dialog.get_by_label("Reason")).to_have_value("It was the other minister.")


async def test_nothing_found_is_not_nothing_there(room: Newsroom) -> None:
    await room.entry(body="Here.")
    ana = await room.colleague("Ana")
    await ana.page.get_by_role("searchbox", name="Search entries").fill("nowhere")
    await expect(ana.says("Nothing is found.")).to_be_visible()
    await expect(ana.page.get_by_text("Nothing is published yet.")).to_have_count(0)


async def test_links_do_not_lead_away_from_the_desk(room: Newsroom) -> None:
    here = f"{room.served.url}/healthz"
    entry = await room.entry(body=f"Read [this]({here}).")
    ana = await room.colleague("Ana")
    async with ana.context.expect_page() as opened:
        await ana.row(entry).get_by_role("link", name="this").click()
    assert (await opened.value).url == here
    await expect(ana.row(entry)).to_be_visible()
    await text(ana.page).fill(f"See [that]({here}).")
    preview = ana.page.frame_locator("iframe[title=Preview]")
    await preview.get_by_role("link", name="that").click()
    await text(ana.page).fill(f"See [that]({here}) again.")
    await expect(preview.locator("#feed")).to_contain_text("again")
    assert len(ana.context.pages) == 2


@pytest.mark.parametrize("width", [320, 360])
async def test_nothing_is_wider_than_a_phone(room: Newsroom, width: int) -> None:
    await room.entry(headline="Word" * 60, body="https://news.example/" + "a" * 300)
    ana = await room.colleague("Ana", "chief", width=width)
    wide = "document.documentElement.scrollWidth - innerWidth"
    photo = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=jpeg(600, 400))
    await ana.page.locator("#pictures").set_input_files([photo])
    await ana.page.get_by_role("button", name="Quote", exact=True).click()
    await ana.page.get_by_role("button", name="Schedule…").click()
    await expect(ana.page.get_by_role("button", name="Take picture 1 out")).to_be_visible()
    assert await ana.page.evaluate(wide) <= 0
    for place in ("submitted", "media", "page", "people"):
        await ana.open(place)
        assert await ana.page.evaluate(wide) <= 0, place


async def test_going_back_leads_to_the_heading_of_the_place(room: Newsroom) -> None:
    ana = await room.colleague("Ana", "chief", place="people")
    await ana.page.get_by_role("link", name="Media").click()
    search = ana.page.get_by_role("searchbox", name="Search media")
    await search.focus()
    await ana.page.go_back()
    await expect(search).to_have_count(0)
    await expect(ana.page.get_by_role("heading", name="People", exact=True)).to_be_focused()


async def test_what_has_the_focus_is_not_under_the_places_of_a_phone(room: Newsroom) -> None:
    entries = [await room.entry() for _ in range(6)]
    ana = await room.colleague("Ana", width=360)
    await expect(ana.row(entries[0])).to_be_visible()
    for entry in reversed(entries):
        button = ana.row(entry).get_by_role("button", name="Retract")
        await button.focus()
        box, rail = await button.bounding_box(), await ana.page.locator(".rail").bounding_box()
        assert box is not None
        assert rail is not None
        assert box["y"] + box["height"] <= rail["y"]


async def test_what_is_pressed_and_where_one_is_shows_without_our_colours(
    room: Newsroom,
) -> None:
    ana = await room.colleague("Ana", forced_colors="active")
    key = ana.page.get_by_role("button", name="Key", exact=True)
    before = await ground(key)
    await key.click()
    await text(ana.page).focus()
    await expect(key).to_have_attribute("aria-pressed", "true")
    assert await ground(key) != before
    places = ana.page.get_by_role("navigation", name="Desk")
    here, other = places.get_by_role("link", name="Desk"), places.get_by_role("link", name="Media")
    assert await ground(here) != await ground(other)


async def ground(shown: Locator) -> object:
    """The colour that is painted at the inner edge of something."""
    painted = Image.open(BytesIO(await shown.screenshot())).convert("RGB")
    return painted.getpixel((painted.width // 2, 4))
