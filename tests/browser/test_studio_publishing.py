"""Publishing from the desk: now, taken back, later, under embargo, or by somebody else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.studio import desk, kept, public, saved, sent, text
from tests.served import Served, serving

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    """A server where what is published comes out at once."""
    async with serving(tmp_path, undo_seconds=0) as running:
        await running.blog()
        yield running


@pytest.fixture
async def editor(served: Served, browser: Browser, complaints: list[str]) -> AsyncIterator[Page]:
    """The desk of an editor."""
    async with desk(served, browser, complaints) as page:
        yield page
    assert complaints == []


@pytest.mark.parametrize("keys", ["Control+Enter", "Meta+Enter"])
async def test_the_keys_publish_and_the_next_can_be_written(
    served: Served, editor: Page, keys: str
) -> None:
    await expect(text(editor)).to_be_focused()
    for words in ("First.", "Second."):
        await editor.keyboard.type(words)
        await editor.keyboard.press(keys)
        await expect(text(editor)).to_have_value("")
        await expect(text(editor)).to_be_focused()
        await expect(sent(editor).get_by_text(f"Published: {words}")).to_be_visible()
    assert [entry["body"] for entry in await public(served)] == ["Second.", "First."]


async def test_a_double_click_makes_one_entry(served: Served, editor: Page) -> None:
    await editor.keyboard.type("Once.")
    await editor.get_by_role("button", name="Publish").dblclick()
    await expect(sent(editor).get_by_text("Published: Once.")).to_be_visible()
    await expect(text(editor)).to_be_focused()
    assert [entry["body"] for entry in await kept(editor)] == ["Once."]


async def test_what_is_published_at_once_was_no_draft_before(served: Served, editor: Page) -> None:
    await editor.keyboard.type("Kept first.")
    await saved(editor)
    await editor.keyboard.type(" And more.")
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("Published: Kept first. And more.")).to_be_visible()
    assert [(e["state"], e["body"]) for e in await kept(editor)] == [
        ("published", "Kept first. And more.")
    ]


async def test_nothing_is_published_of_nothing(served: Served, editor: Page) -> None:
    await editor.get_by_role("button", name="Publish").click()
    await expect(text(editor)).to_be_focused()
    assert await kept(editor) == []


async def test_what_the_server_refuses_comes_back(
    served: Served, editor: Page, complaints: list[str]
) -> None:
    await served.revise_blog(status="closed")
    await editor.keyboard.type("Too late.")
    await editor.keyboard.press("Control+Enter")
    await expect(editor.get_by_role("alert").filter(has_text="This blog is closed")).to_be_visible()
    await expect(text(editor)).to_have_value("Too late.")
    assert ["409" in complaint for complaint in complaints] == [True]
    complaints.clear()


# Taking back ------------------------------------------------------------------------------


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[Served]:
    """A server that waits before what is published comes out."""
    async with serving(tmp_path, undo_seconds=30) as running:
        await running.blog()
        yield running


@pytest.mark.parametrize("way", ["button", "key"])
async def test_publishing_can_be_undone(
    patient: Served, browser: Browser, complaints: list[str], way: str
) -> None:
    async with desk(patient, browser, complaints) as page:
        await page.get_by_role("textbox", name="Headline").fill("Wrong")
        await text(page).fill("A slip.")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_text("Wrong comes out in")).to_be_visible()
        assert 1 <= int(await page.locator(".seconds").inner_text()) <= 30
        assert await public(patient) == []
        if way == "button":
            await page.get_by_role("button", name="Undo").click()
        else:
            await page.keyboard.press("Escape")
        await expect(text(page)).to_have_value("A slip.")
        await expect(text(page)).to_be_focused()
        await expect(page.get_by_role("textbox", name="Headline")).to_have_value("Wrong")
        assert [entry["state"] for entry in await kept(page)] == ["draft"]
        assert await public(patient) == []
        await text(page).fill("Put right.")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_text("comes out in")).to_be_visible()
        assert [(e["state"], e["body"]) for e in await kept(page)] == [("scheduled", "Put right.")]
    assert complaints == []


async def test_undoing_keeps_what_was_begun_meanwhile(
    patient: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(patient, browser, complaints) as page:
        await page.keyboard.type("A slip.")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_text("comes out in")).to_be_visible()
        await page.keyboard.type("The next one.")
        await page.get_by_role("button", name="Undo").click()
        await expect(text(page)).to_have_value("A slip.")
        await expect(page.get_by_text("What you had begun is among the drafts.")).to_be_visible()
        await saved(page)

        async def bodies() -> set[str]:
            return {entry["body"] for entry in await kept(page, "draft")}

        while await bodies() != {"A slip.", "The next one."}:
            await page.wait_for_event("response")


async def test_breaking_news_does_not_wait(
    patient: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(patient, browser, complaints) as page:
        await page.keyboard.type("It is over.")
        await page.get_by_role("button", name="Breaking").click()
        await page.get_by_role("button", name="Publish").click()
        await expect(sent(page).get_by_text("Published: It is over.")).to_be_visible()
        assert [entry["breaking"] for entry in await public(patient)] == [True]


# Later ------------------------------------------------------------------------------------


async def later(page: Page, moment: datetime, *, embargo: bool = False) -> None:
    """Fill in when it is to come out."""
    await page.get_by_role("button", name="Schedule…").click()
    await expect(page.get_by_label("Date")).to_be_focused()
    await page.get_by_label("Date").fill(moment.strftime("%Y-%m-%d"))
    await page.get_by_label("Time", exact=True).fill(moment.strftime("%H:%M"))
    if embargo:
        await page.get_by_label("Embargo").check()


def in_kyiv() -> datetime:
    """A moment two days ahead, on the clocks of the blog."""
    return (datetime.now(ZoneInfo("Europe/Kyiv")) + timedelta(days=2)).replace(
        hour=8, minute=30, second=0, microsecond=0
    )


@pytest.mark.parametrize("embargo", [False, True])
async def test_it_comes_out_later_on_the_clocks_of_the_blog(
    served: Served, browser: Browser, complaints: list[str], embargo: bool
) -> None:
    async with desk(served, browser, complaints, timezone_id="America/New_York") as page:
        await page.keyboard.type("Tomorrow.")
        moment = in_kyiv()
        await later(page, moment, embargo=embargo)
        await expect(page.locator("#schedule-told")).to_contain_text("08:30")
        await page.get_by_role(
            "button", name="Set the embargo" if embargo else "Schedule", exact=True
        ).click()
        await expect(
            sent(page).get_by_text("Under embargo until" if embargo else "Scheduled for")
        ).to_be_visible()
        await expect(text(page)).to_be_focused()
        (entry,) = await kept(page)
        assert (entry["state"], entry["embargo"]) == ("scheduled", embargo)
        assert datetime.fromisoformat(entry["publish_at"]) == moment.astimezone(UTC)
    assert complaints == []


async def test_enter_schedules_and_never_publishes(served: Served, editor: Page) -> None:
    await editor.keyboard.type("Tomorrow.")
    await later(editor, in_kyiv())
    await editor.keyboard.press("Control+Enter")
    await expect(sent(editor).get_by_text("Scheduled for")).to_be_visible()
    assert [entry["state"] for entry in await kept(editor)] == ["scheduled"]


async def test_a_time_that_is_over_or_never_comes_is_not_taken(
    served: Served, editor: Page
) -> None:
    await editor.keyboard.type("When?")
    await later(editor, datetime(2020, 1, 1, 12, 0, tzinfo=UTC))
    await editor.get_by_role("button", name="Schedule", exact=True).click()
    await expect(editor.locator("#schedule-told")).to_have_text("That is over already.")
    await editor.get_by_label("Date").fill("2027-03-28")
    await editor.get_by_label("Time", exact=True).fill("03:30")
    await expect(editor.locator("#schedule-told")).to_have_text(
        "There is no such time on that day."
    )
    await editor.keyboard.press("Escape")
    await expect(editor.get_by_role("button", name="Schedule…")).to_be_focused()
    await saved(editor)
    assert [entry["state"] for entry in await kept(editor)] == ["draft"]


# By somebody else -------------------------------------------------------------------------


async def test_a_contributor_submits_and_saves_and_nothing_else(
    served: Served, browser: Browser, complaints: list[str]
) -> None:
    async with desk(served, browser, complaints, "contributor") as page:
        buttons = page.locator(".actions").get_by_role("button")
        assert await buttons.all_inner_texts() == ["Submit", "Save draft"]
        await page.keyboard.type("For the editor.")
        await page.keyboard.press("Control+Enter")
        await expect(sent(page).get_by_text("Submitted: For the editor.")).to_be_visible()
        await page.keyboard.type("Not ready.")
        await page.get_by_role("button", name="Save draft").click()
        await expect(sent(page).get_by_text("Saved among the drafts: Not ready.")).to_be_visible()
        await expect(text(page)).to_be_focused()
        assert {e["body"]: e["state"] for e in await kept(page)} == {
            "For the editor.": "submitted",
            "Not ready.": "draft",
        }
    assert complaints == []
    assert await public(served) == []
