"""Days that end: frozen by themselves once, at their own midnight, and never for good."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.actions import Ask, Outcome
from liveblog.model.day import Day
from liveblog.model.entry import Entry
from liveblog.wire.requests import EditNote, NewBlog, NewEntry, PatchBlog, PatchDay, PatchEntry
from tests.kit import EDITOR, SLUG, World, decode

NOON = datetime(2025, 7, 23, 9, 0, tzinfo=UTC)
"""12:00 in Kyiv."""
TODAY = date(2025, 7, 23)


class Newsroom:
    """A world whose clock the test sets."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.actions = world.processes[0].actions
        self.now = NOON
        self.actions.door.clock = lambda: self.now

    async def key(self, name: str, **fields: Any) -> Entry:
        new = NewEntry(headline=name, key=True, **fields)
        outcome = await self.actions.entries.create(SLUG, new, Ask(EDITOR))
        assert isinstance(outcome.value, Entry)
        return outcome.value

    async def day(self, when: date = TODAY) -> Day:
        found = await self.world.store.read(
            lambda tx: tx.day(blog.id, when) if (blog := tx.blog(SLUG)) else None
        )
        assert found is not None
        return found

    async def lines(self, when: date = TODAY) -> list[str]:
        return [item.text for item in (await self.day(when)).items]

    async def patch(self, when: date, **fields: Any) -> Outcome:
        ask = Ask(EDITOR, match=(await self.day(when)).revision)
        return await self.actions.blogs.revise_day(SLUG, when, PatchDay(**fields), ask)


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    world = await World.open(tmp_path, processes=1)
    room = Newsroom(world)
    new = NewBlog(slug=SLUG, title="War", visibility="public", time_zone="Europe/Kyiv")
    await room.actions.blogs.create(new, Ask(EDITOR))
    yield room
    await world.close()


async def test_a_day_is_frozen_once_when_it_has_ended_in_its_zone(room: Newsroom) -> None:
    await room.key("one")
    before_midnight = datetime(2025, 7, 23, 20, 59, tzinfo=UTC)
    assert await room.actions.freeze_days(before_midnight) == 0
    assert await room.actions.freeze_days(before_midnight + timedelta(minutes=2)) == 1
    assert (await room.day()).frozen
    await room.patch(TODAY, frozen=False)
    assert await room.actions.freeze_days(before_midnight + timedelta(hours=9)) == 0
    assert not (await room.day()).frozen, "an editor's word stands"


async def test_an_old_day_can_be_filled_for_as_long_as_it_takes(room: Newsroom) -> None:
    """An import's first key entry opened the day, and a minute later it was frozen."""
    old = NOON - timedelta(days=30)
    await room.key("one", published_at=old)
    assert await room.actions.freeze_days(NOON) == 0
    await room.key("two", published_at=old + timedelta(minutes=1))
    assert await room.lines(old.date()) == ["one", "two"]


async def test_what_is_restored_stands_in_its_frozen_day_again(room: Newsroom) -> None:
    one = await room.key("one")
    await room.key("two")
    await room.actions.freeze_days(NOON + timedelta(days=1))
    entries = room.actions.entries
    await entries.retract(SLUG, one.id, None, Ask(EDITOR, match=1))
    assert await room.lines() == ["two"]
    await entries.restore(SLUG, one.id, Ask(EDITOR, match=2))
    assert await room.lines() == ["one", "two"]
    room.now = NOON + timedelta(days=1)
    await room.key("late", published_at=NOON)
    assert await room.lines() == ["one", "two"], "nothing is added to a frozen day"


async def test_another_zone_moves_key_entries_to_their_days(room: Newsroom) -> None:
    """The entry went out of one frozen roll-up and into no other."""
    early = datetime(2025, 7, 22, 21, 30, tzinfo=UTC)  # 00:30 of the 23rd in Kyiv
    room.now = early
    await room.key("night")
    room.now = NOON
    await room.key("noon")
    room.now = NOON + timedelta(days=3)
    await room.actions.freeze_days(room.now)
    view = await room.world.queries.blog(SLUG, EDITOR)
    ask = Ask(EDITOR, match=view.revision)
    await room.actions.blogs.revise(SLUG, PatchBlog(time_zone="UTC"), ask)
    assert await room.lines(date(2025, 7, 22)) == ["night"]
    assert await room.lines() == ["noon"]
    assert (await room.day()).frozen


async def test_one_entry_that_cannot_be_published_does_not_stop_the_others(room: Newsroom) -> None:
    await room.actions.blogs.create(NewBlog(slug="other", title="O"), Ask(EDITOR))
    later = NOON + timedelta(hours=1)
    for slug in ("other", SLUG):
        new = NewEntry(body="x", publish_at=later)
        await room.actions.entries.create(slug, new, Ask(EDITOR))  # type: ignore[arg-type]

    def break_zone(tx: Any) -> None:
        blog = tx.blog("other")
        tx.save_blog(replace(blog, time_zone="Nowhere/Gone"))

    await room.world.store.write(break_zone)
    room.now = later + timedelta(seconds=1)
    done = await room.actions.publish_due(room.now)
    page = await room.world.queries.entries(SLUG, EDITOR)
    assert done >= 1
    assert [entry["text"] for entry in decode(page.entries)] == ["x"]
    assert await room.actions.freeze_days(room.now + timedelta(days=2)) == 0


async def test_a_correction_may_be_told_after_the_words_were_mended(room: Newsroom) -> None:
    """A note without changed words was dropped, with a 200."""
    one = await room.key("one")
    patch = PatchEntry(edit=EditNote("correction", "It said two."))
    outcome = await room.actions.entries.revise(SLUG, one.id, patch, Ask(EDITOR, match=1))
    assert isinstance(outcome.value, Entry)
    assert outcome.value.edit is not None
    assert (outcome.value.revision, outcome.value.edit.note) == (2, "It said two.")


async def test_a_typo_can_be_mended_while_a_clock_is_behind(room: Newsroom) -> None:
    one = await room.key("one")
    room.now = NOON - timedelta(minutes=5)
    patch = PatchEntry(headline="One")
    outcome = await room.actions.entries.revise(SLUG, one.id, patch, Ask(EDITOR, match=1))
    assert isinstance(outcome.value, Entry)
    assert outcome.value.headline == "One"
