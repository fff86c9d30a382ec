"""What a write leaves in the outbox: each change, in its transaction, and no word of it."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from liveblog.actions import Actions, Ask, Outcome
from liveblog.errors import Conflict, Moved
from liveblog.model.entry import Entry
from liveblog.store.contract import Tx
from liveblog.types import Seq
from liveblog.wire.requests import NewBlog, NewEntry, PatchBlog, PatchEntry
from tests.kit import EDITOR, SLUG, Reader, World

SECRET = "unmistakable"


class Newsroom:
    """A world with a purge hook, and its outbox as it lies in the file."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        self.actions: Actions = world.processes[0].actions
        self.actions.door.destinations = ("purge",)

    def rows(self, what: str = "subject, seq") -> list[Any]:
        with sqlite3.connect(self.folder / "world.db") as database:
            return database.execute(f"SELECT {what} FROM outbox ORDER BY seq, id").fetchall()

    async def publish(self, **fields: Any) -> Entry:
        outcome = await self.actions.entries.create(SLUG, NewEntry(**fields), Ask(EDITOR))
        assert isinstance(outcome.value, Entry)
        return outcome.value


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Newsroom]:
    world = await World.open(tmp_path, processes=1)
    room = Newsroom(world, tmp_path)
    new = NewBlog(slug=SLUG, title="War", visibility="public", time_zone="UTC")
    await room.actions.blogs.create(new, Ask(EDITOR))
    yield room
    await world.close()


async def test_each_change_of_a_transaction_leaves_a_row(room: Newsroom) -> None:
    one = await room.publish(headline="one", key=True, pinned=True)
    two = await room.publish(headline="two", pinned=True)
    day = f"day:{(one.published_at or pytest.fail('no time')).date()}"
    assert room.rows() == [
        (f"entry:{one.id}", 1),
        (day, 2),
        (f"entry:{one.id}", 3),
        (f"entry:{two.id}", 4),
    ]
    assert room.rows("DISTINCT destination, attempts, claimed_until") == [("purge", 0, None)]


async def test_an_outbox_has_no_text(room: Newsroom) -> None:
    entry = await room.publish(headline=SECRET, body=SECRET, key=True, tags=(SECRET,))
    patch = PatchEntry(body=f"{SECRET} again")
    await room.actions.entries.revise(SLUG, entry.id, patch, Ask(EDITOR, match=1))
    await room.actions.entries.retract(SLUG, entry.id, SECRET, Ask(EDITOR, match=2))
    view = await room.world.queries.blog(SLUG, EDITOR)
    blog = PatchBlog(title=SECRET)
    await room.actions.blogs.revise(SLUG, blog, Ask(EDITOR, match=view.revision))
    rows = room.rows("*")
    assert len(rows) == 6
    assert SECRET not in repr(rows)


async def test_what_nobody_sees_is_told_to_nobody(room: Newsroom) -> None:
    entry = await room.publish(body="x", state="draft")
    await room.actions.entries.retract(SLUG, entry.id, None, Ask(EDITOR, match=1))
    assert room.rows() == []


async def test_a_write_that_is_refused_or_repeated_leaves_nothing(room: Newsroom) -> None:
    ask = Ask(EDITOR, key="k", digest="d")
    first = await room.actions.entries.create(SLUG, NewEntry(body="x"), ask)
    second = await room.actions.entries.create(SLUG, NewEntry(body="x"), ask)
    assert second.replayed
    assert isinstance(first, Outcome)
    assert isinstance(first.value, Entry)
    entry_id = first.value.id
    with pytest.raises(Moved):
        await room.actions.entries.retract(SLUG, entry_id, None, Ask(EDITOR, match=9))
    with pytest.raises(Conflict):
        await room.actions.entries.restore(SLUG, entry_id, Ask(EDITOR, match=1))
    assert room.rows() == [(f"entry:{entry_id}", 1)]


async def test_a_new_epoch_is_told_as_a_change_of_the_blog(room: Newsroom) -> None:
    """A restored database has forgotten what was withdrawn after its backup; caches have not."""
    await room.publish(body="x")
    await room.actions.renew_epoch()
    assert room.rows()[1:] == [("blog", 1)]


async def test_a_log_that_was_replaced_is_told_too(room: Newsroom) -> None:
    """Nobody ran ``liveblog epoch renew``: a process with readers sees it and does it."""
    process = room.world.processes[0]
    process.hub.settings = replace(process.hub.settings, destinations=("purge",))
    for _ in range(2):
        await room.publish(body="x")
    reader = Reader(await room.world.snapshot())
    await reader.connect(process, lambda _: None)

    def restore(tx: Tx) -> None:
        blog = tx.lock_blog(SLUG)
        assert blog is not None
        tx.save_blog(replace(blog, head=Seq(1)))

    await room.world.store.write(restore)
    await process.look()
    assert [row for row in room.rows() if row[0] == "blog"] == [("blog", 1)]


async def test_without_a_hook_there_are_no_rows(room: Newsroom) -> None:
    room.actions.door.destinations = ()
    await room.publish(headline="one", key=True)
    await room.actions.renew_epoch()
    assert room.rows() == []


async def test_whoever_delivers_is_woken_after_the_commit(room: Newsroom) -> None:
    flying = room.world.processes[0].broker.flying
    await room.publish(body="x", state="draft")
    assert flying == []
    await room.publish(body="x")
    assert [channel.partition(":")[0] for channel, _ in flying] == ["blog", "outbox"]
    assert flying[1] == ("outbox:purge", b"")
