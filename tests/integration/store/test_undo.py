"""Publishing that can be undone, on both engines: what a person publishes waits, and waits in
the database alone."""

import asyncio
from datetime import timedelta

import pytest

from liveblog.errors import Conflict
from liveblog.model.desk import Wanted
from liveblog.store.contract import Store
from tests.integration.store.newsroom import EDITOR, PERSON, SLUG, UNDO, Newsroom

WAITING = Wanted(("scheduled",))


@pytest.fixture
async def room(store: Store) -> Newsroom:
    """A public blog without entries."""
    return await Newsroom.open(store)


async def test_nobody_sees_it_before_its_moment(room: Newsroom) -> None:
    made = await room.make("Wait", PERSON)
    assert (made.state, made.publish_at) == ("scheduled", made.created_at + timedelta(seconds=5))
    assert await room.pass_by(UNDO - 1) == 0
    assert (await room.shown(), await room.head()) == ([], 0)
    assert await room.bodies(WAITING) == ["Wait"]
    await room.pass_by(1)
    assert (await room.shown(), await room.head()) == (["Wait"], 1)
    there = await room.again(made)
    assert there.published_at is not None
    assert there.published_at >= made.created_at + timedelta(seconds=5)


async def test_it_is_undone_within_the_time_and_not_after(room: Newsroom) -> None:
    made = await room.make("Wrong", PERSON)
    draft = await room.change(made, PERSON, state="draft")
    assert (draft.state, draft.publish_at) == ("draft", None)
    await room.pass_by(60)
    assert await room.shown() == []
    again = await room.change(draft, PERSON, state="published", body="Right")
    assert again.state == "scheduled"
    await room.pass_by(UNDO)
    with pytest.raises(Conflict, match="retract"):
        await room.change(await room.again(again), PERSON, state="draft")
    assert await room.shown() == ["Right"]


async def test_a_double_click_makes_one(room: Newsroom) -> None:
    clicks = [room.make("Once", PERSON, repeat="k") for _ in range(2)]
    made, again = await asyncio.gather(*clicks)
    assert made == again
    await room.pass_by(UNDO)
    assert await room.shown() == ["Once"]
    late = await room.make("Once", PERSON, repeat="k")
    assert (late.id, late.state) == (made.id, "published")
    assert await room.shown() == ["Once"]


async def test_a_second_editor_edits_it_meanwhile(room: Newsroom) -> None:
    made = await room.make("Teh words", PERSON)
    edited = await room.change(made, EDITOR, body="The words")
    assert (edited.state, edited.publish_at) == ("scheduled", made.publish_at)
    await room.pass_by(UNDO)
    assert await room.shown() == ["The words"]
    (only,) = await room.read.revisions(SLUG, made.id, None)
    assert only.text == "The words"


async def test_what_waits_already_waits_no_longer_for_a_second_click(room: Newsroom) -> None:
    made = await room.make("Now!", PERSON)
    await room.pass_by(3)
    clicked = await room.change(made, PERSON, state="published")
    assert clicked.publish_at == made.publish_at
    later = await room.make("Later", publish_at=room.soon(3600))
    sooner = await room.change(later, PERSON, state="published")
    assert sooner.publish_at == sooner.updated_at + timedelta(seconds=UNDO)  # type: ignore[operator]


async def test_tokens_and_breaking_news_do_not_wait(room: Newsroom) -> None:
    assert (await room.make("By a token")).state == "published"
    assert (await room.make("Breaking", PERSON, breaking=True)).state == "published"
    draft = await room.make("Breaking, too", PERSON, state="draft")
    assert (await room.change(draft, PERSON, state="published", breaking=True)).ordinal == 3


async def test_with_no_time_to_undo_it_is_published_at_once(store: Store) -> None:
    room = await Newsroom.open(store, undo=0)
    assert (await room.make("At once", PERSON)).state == "published"


async def test_a_closed_blog_refuses_at_the_click_and_keeps_what_it_took(room: Newsroom) -> None:
    await room.make("In time", PERSON)
    soon = await room.make("Scheduled", publish_at=room.soon(30))
    await room.set_status("closed")
    with pytest.raises(Conflict, match="closed"):
        await room.make("Too late", PERSON)
    await room.pass_by(30)
    assert await room.shown() == ["Scheduled", "In time"]
    assert (await room.again(soon)).ordinal == 2


async def test_the_time_of_a_token_stays_when_it_takes_an_entry_back(room: Newsroom) -> None:
    made = await room.make("Later", publish_at=room.soon())
    assert (await room.change(made, state="draft")).publish_at == made.publish_at


async def test_the_scheduler_knows_the_next_moment_and_is_woken(room: Newsroom) -> None:
    assert await room.actions.next_due(room.now) is None
    await room.make("Draft", PERSON, state="draft")
    assert room.woken() == 0
    later = await room.make("Later", publish_at=room.soon(3600))
    made = await room.make("Soon", PERSON)
    assert room.woken() == 2
    assert await room.actions.next_due(room.now) == made.publish_at
    assert await room.actions.next_due(room.soon(UNDO)) == later.publish_at
