"""Embargoes on both engines: nobody hears a word before the time, and nobody can slip."""

from datetime import UTC, datetime
from typing import Any

import pytest

from liveblog.errors import Conflict, Invalid, NotFound
from liveblog.model.change import Change
from liveblog.queries import Start
from liveblog.store.contract import Store, Tx
from liveblog.types import Seq
from liveblog.wire.codec import encode
from tests.integration.store.newsroom import EDITOR, PERSON, SLUG, Newsroom

SECRET = "Findings of the inquiry"


@pytest.fixture
async def room(store: Store) -> Newsroom:
    """A public blog with one entry."""
    made = await Newsroom.open(store)
    await made.make("Waiting for the inquiry", headline="Inquiry", key=True)
    return made


async def everything(room: Newsroom) -> str:
    """All that readers and services can get of the blog, from every door for reading."""
    read = room.read
    found: list[Any] = []
    blog = await room.store.read(lambda tx: tx.blog(SLUG))
    assert blog is not None

    def log(tx: Tx) -> list[Change]:
        return [*tx.changes_after(blog.id, Seq(0), 500), *tx.newest_changes(blog.id, Seq(0), 500)]

    found += [await read.blog(SLUG, None), await read.snapshot(SLUG, None)]
    found += [await read.live_page(SLUG, None), await read.older_page(SLUG, 1, None)]
    found += [await read.entries(SLUG, None, limit=100), await read.front()]
    found += [await read.key_page(SLUG, None), await read.key_page(SLUG, None, Start(oldest=True))]
    found += [await read.sitemaps(), await read.sitemap(SLUG, 1)]
    found += [await read.stories(datetime(2026, 1, 1, tzinfo=UTC)), await room.store.read(log)]
    texts = [encode(one).decode() for one in found]
    texts += [payload.decode(errors="replace") for _, payload in room.broker.flying]
    return "\n".join(texts)


async def test_nothing_of_it_is_anywhere_before_its_time(room: Newsroom) -> None:
    before = await everything(room)
    fields: dict[str, Any] = {"headline": SECRET, "key": True, "card": True, "embargo": True}
    made = await room.make("Nobody knew.", PERSON, publish_at=room.soon(60), **fields)
    assert (made.state, made.embargo) == ("scheduled", True)
    edited = await room.change(made, body="Somebody knew.")
    edited = await room.change(edited, PERSON, headline=f"{SECRET}: somebody knew")
    assert await everything(room) == before + "\n" * 3, "but for three words to the scheduler"
    for reading in (room.read.entry, room.read.revisions, room.read.entry_page):
        with pytest.raises(NotFound):
            await reading(SLUG, made.id, None)
    await room.pass_by(60)
    after = await everything(room)
    assert f"{SECRET}: somebody knew" in after
    assert "Nobody knew" not in after
    (public,) = await room.read.revisions(SLUG, made.id, None)
    assert public.text == "Somebody knew."
    assert (await room.again(made)).embargo is False
    assert edited.seq == 0


@pytest.mark.parametrize("who", [EDITOR, PERSON])
async def test_nobody_publishes_it_earlier(room: Newsroom, who: Any) -> None:
    made = await room.make(SECRET, who, publish_at=room.soon(60), embargo=True)
    for wrong in (
        {"state": "published"},
        {"state": "published", "breaking": True},
        {"state": "published", "embargo": False},
        {"publish_at": room.soon(30)},
        {"publish_at": room.soon(30), "embargo": False},
    ):
        with pytest.raises(Conflict, match="lift the embargo first"):
            await room.change(made, who, **wrong)
    draft = await room.change(made, who, state="draft")
    assert (draft.embargo, draft.publish_at) == (True, made.publish_at)
    with pytest.raises(Conflict, match="2026-05-01 12:01 UTC"):
        await room.change(draft, who, state="published")
    assert await room.shown() == ["Waiting for the inquiry"]
    later = await room.change(draft, who, state="scheduled", publish_at=room.soon(90))
    await room.pass_by(61)
    assert await room.shown() == ["Waiting for the inquiry"]
    await room.change(later, who, embargo=False)
    await room.pass_by(30)
    assert await room.shown() == [SECRET, "Waiting for the inquiry"]


async def test_lifted_it_is_published_like_any_other(room: Newsroom) -> None:
    made = await room.make(SECRET, publish_at=room.soon(60), embargo=True)
    lifted = await room.change(made, embargo=False)
    assert (await room.change(lifted, state="published")).ordinal == 2


async def test_an_embargo_needs_a_time_to_come(room: Newsroom) -> None:
    for wrong in ({}, {"publish_at": room.now}, {"state": "draft"}):
        with pytest.raises(Invalid) as told:
            await room.make(SECRET, embargo=True, **wrong)
        assert told.value.errors[0].path == "publish_at"
    made = await room.make(SECRET, publish_at=room.soon(60), embargo=True)
    with pytest.raises(Invalid):
        await room.change(made, publish_at=None)
    entry = await room.make("Public")
    with pytest.raises(Conflict, match="too late"):
        await room.change(entry, embargo=True)


async def test_at_its_time_it_can_be_mended_and_published_by_hand(room: Newsroom) -> None:
    made = await room.make(SECRET, publish_at=room.soon(60), embargo=True)
    room.now = room.soon(61)
    mended = await room.change(made, body=f"{SECRET}.")
    assert (await room.change(mended, state="published")).ordinal == 2


async def test_one_that_is_thrown_away_is_never_released(room: Newsroom) -> None:
    made = await room.make(SECRET, publish_at=room.soon(60), embargo=True)
    await room.retract(made)
    await room.pass_by(120)
    assert await room.shown() == ["Waiting for the inquiry"]
