"""The long-poll of the endpoint: what changed after a position, now or when something does."""

import asyncio
import time
from datetime import UTC, datetime
from typing import NamedTuple

from liveblog.errors import NotAuthenticated
from liveblog.fanout.hub import Hub, Open
from liveblog.fanout.topic import Topic
from liveblog.model.permissions import Principal, may_read, refuse_reading
from liveblog.model.position import Position
from liveblog.store.contract import Store
from liveblog.types import Cursor, Slug
from liveblog.wire.codec import Format, pack


class Polled(NamedTuple):
    """The answer to a long-poll: a message, and whether to say Retry-After (draining)."""

    data: bytes
    cursor: Cursor | None
    retry_after: int | None = None


async def poll(
    hub: Hub, slug: Slug, who: Principal | None, after: Position, wait: float, form: Format
) -> Polled:
    """What changed after a position; waits up to ``wait`` seconds when nothing did.

    :raises Refusal: as :meth:`liveblog.fanout.hub.Hub.using`, also where that changes meanwhile.
    """
    async with hub.using(slug, who) as found:
        topic = found.topic
        deadline = time.monotonic() + wait
        while True:
            reset = await _prepare(hub, found, who, after, form)
            if reset is not None:
                return reset
            left = deadline - time.monotonic()
            if topic.window.head > after.seq or left <= 0 or hub.draining:
                break
            await _change(topic, left)
        if who is not None and topic.blog.visibility in ("private", "draft"):
            who = await _still_valid(hub.store, who)
            reset = await _prepare(hub, found, who, after, form)
            if reset is not None:
                return reset
        data, upto = topic.batch(after.seq, form, poll_after_ms=0 if wait else 1000)
        cursor = Cursor(f"{topic.position.epoch}:{upto}")
        return Polled(data, cursor, retry_after=2 if hub.draining else None)


async def _prepare(
    hub: Hub, found: Open, who: Principal | None, after: Position, form: Format
) -> Polled | None:
    """Do what has to be done before this can be answered from the window; the answer where it
    cannot. Whoever may not read is told so, whatever the window holds."""
    refused = await hub.prepare(found, after)
    topic = found.topic
    if not may_read(who, topic.blog_id, topic.blog.visibility):
        raise refuse_reading(who, topic.blog.visibility)
    if refused is not None:
        return Polled(pack(topic.reset_message(refused.reason), form), None)
    return None


async def _still_valid(store: Store, who: Principal) -> Principal:
    """A poll may have waited long: ask whether its token or session still stands, and for
    what.

    :raises NotAuthenticated: it was revoked.
    """
    now = datetime.now(UTC)
    standing = await store.read(lambda tx: tx.standing([who], now))
    if who.credential not in standing:
        raise NotAuthenticated("This was revoked meanwhile.")
    return standing[who.credential]


async def _change(topic: Topic, timeout: float) -> None:
    """Wait until the topic changes, at most ``timeout`` seconds."""
    done = asyncio.Event()
    topic.changed.add(done.set)
    try:
        async with asyncio.timeout(timeout):
            await done.wait()
    except TimeoutError:
        pass
    finally:
        topic.changed.discard(done.set)
