"""An extension of the window that comes too late for the window.

A reader below the floor waits for a read of the store. While it is under way so much changes
that the window drops what came just after the moment of the read. Applied all the same, the
extension brought old states back (a retracted entry among them) over a hole.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from liveblog.actions import Ask
from liveblog.errors import NotFound, StoreBusy
from liveblog.fanout.poll import poll
from liveblog.fanout.window import Bounds
from liveblog.model.entry import Entry
from liveblog.model.position import parse_cursor
from liveblog.store.contract import Tx
from liveblog.wire.codec import Format
from liveblog.wire.requests import NewBlog, NewEntry
from tests.kit import EDITOR, SLUG, Reader, World
from tests.served import eventually

T = TypeVar("T")


async def test_a_window_that_moved_on_meanwhile_is_read_again(tmp_path: Path) -> None:
    world = await World.open(tmp_path, processes=1, bounds=Bounds(count=3))
    process = world.processes[0]
    actions = process.actions
    await actions.blogs.create(NewBlog(slug=SLUG, title="W", visibility="public"), Ask(EDITOR))
    stale = await world.snapshot()
    await Reader(stale).connect(process, lambda _: None)

    async def publish(text: str) -> Entry:
        outcome = await actions.entries.create(SLUG, NewEntry(body=text), Ask(EDITOR))
        process.broker.deliver_all()
        assert isinstance(outcome.value, Entry)
        return outcome.value

    secret = await publish("secret")
    for n in range(7):
        await publish(f"before {n}")

    reading = process.hub.store.read
    crossed = False

    async def read(work: Callable[[Tx], T]) -> T:
        """The second read (the extension; the first one heals) is answered late."""
        nonlocal crossed
        found = await reading(work)
        if not crossed and isinstance(found, tuple) and len(found[1]) > 3:
            crossed = True
            await actions.entries.retract(SLUG, secret.id, None, Ask(EDITOR, match=1))
            process.broker.deliver_all()
            for n in range(6):
                await publish(f"after {n}")
        return found

    process.hub.store.read = read  # type: ignore[method-assign]
    late = Reader(stale)
    await late.connect(process, lambda _: None)
    late.read()
    assert crossed
    assert late.entries[secret.id]["state"] == "retracted"
    assert len(late.entries) == 14
    assert late.state.seq == 15
    await world.close()


async def test_a_topic_that_cannot_open_leaves_no_subscription(tmp_path: Path) -> None:
    world = await World.open(tmp_path, processes=1)
    process = world.processes[0]
    new = NewBlog(slug=SLUG, title="W", visibility="public")
    await process.actions.blogs.create(new, Ask(EDITOR))
    snapshot = await world.snapshot()
    reading, reads = process.hub.store.read, 0

    async def read(work: Callable[[Tx], T]) -> T:
        """The second read of an opening fails."""
        nonlocal reads
        reads += 1
        if reads == 2:
            raise StoreBusy
        return await reading(work)

    process.hub.store.read = read  # type: ignore[method-assign]
    reader = Reader(snapshot)
    with pytest.raises(StoreBusy):
        await reader.connect(process, lambda _: None)
    assert process.broker.channels == set()
    await reader.connect(process, lambda _: None)
    assert len(process.broker.channels) == 1
    await world.close()


async def test_a_poll_whose_blog_goes_meanwhile_is_told_at_once(tmp_path: Path) -> None:
    """It went on waiting for a change of nothing, and was told that there was none."""
    world = await World.open(tmp_path, processes=1)
    process = world.processes[0]
    new = NewBlog(slug=SLUG, title="W", visibility="public")
    await process.actions.blogs.create(new, Ask(EDITOR))
    after = parse_cursor((await world.snapshot())["cursor"])
    form = Format("message", "json", "data")
    polling = asyncio.create_task(poll(process.hub, SLUG, None, after, 30, form))
    await eventually(lambda: any(found.topic.changed for found in process.hub.topics))
    process.hub.topics[0].topic.vanish()
    with pytest.raises(NotFound):
        await polling
    await world.close()
