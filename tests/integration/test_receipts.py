"""Receipts: what processes have written to readers, as the desk is told and shown it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liveblog.broker.redis import RedisBroker
from liveblog.errors import StoreBusy
from liveblog.fanout import receipts as fanout_receipts
from liveblog.fanout.receipts import Receipts
from liveblog.model.entry import Entry
from liveblog.store import migrate
from liveblog.types import BlogId, EntryId, Revision, Seq, Slug
from liveblog.wire import messages as m
from tests.desk import AtDesk, at_desk
from tests.kit import SLUG, FlightBroker
from tests.readers import Reader, Transport, reading
from tests.served import DEADLINE, Served, eventually, serving
from tests.valkey import ValkeyProcess

Data = dict[str, Any]

NOW = datetime(2025, 7, 23, 12, tzinfo=UTC)

BODY = "word " * 1000
"""As body, HTML and text it stands three times in a message."""


def lagging(web: Served) -> int:
    """How many readers wait to drain."""
    return sum(r.lagging for o in web.hub.topics for r in o.topic.readers)


class House:
    """One or two processes over a database and a Valkey, a token, and readers."""

    def __init__(self, webs: list[Served], token: str, stack: AsyncExitStack) -> None:
        self.webs = webs
        self.token = token
        self.stack = stack

    async def readers(self, web: Served, *transports: Transport, **options: Any) -> list[Reader]:
        """Readers of a process, until the test ends."""
        found = []
        for transport in transports:
            reader = await self.stack.enter_async_context(reading(web, transport, **options))
            await reader.start()
            await reader.until_live()
            found.append(reader)
        return found

    async def desk(self, web: Served) -> AtDesk:
        """An open desk."""
        return await self.stack.enter_async_context(at_desk(web.address, self.token))

    async def shown(self, entry: Entry, web: int = 0) -> Data | None:
        """The receipt that a reload shows."""
        found: Data | None = (await self.get(f"desk/entries/{entry.id}", web))["receipt"]
        return found

    async def get(self, path: str, web: int = 0) -> Data:
        """A GET below the blog."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.webs[web].http.get(f"/api/v1/blogs/{SLUG}/{path}", headers=headers)
        found: Data = answer.raise_for_status().json()
        return found

    async def until_shown(self, entry: Entry, readers: int | None = None) -> Data:
        """Ask until a reload shows so many, or any."""
        async with asyncio.timeout(DEADLINE):
            while True:
                found = await self.shown(entry)
                if found is not None and readers in (None, found["readers"]):
                    return found
                await asyncio.sleep(0.02)  # what processes keep by themselves announces nothing


@pytest.fixture(params=["sqlite-1", "sqlite-2", "postgresql-1", "postgresql-2"])
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, valkey: ValkeyProcess
) -> AsyncIterator[House]:
    """So many processes over each database."""
    engine, _, count = request.param.partition("-")
    options: Data = {"send_buffer": 8192, "write_buffer_bytes": 8192}
    if engine == "postgresql":
        options["database_url"] = request.getfixturevalue("postgres_url")
        await asyncio.to_thread(migrate, options["database_url"])
    async with AsyncExitStack() as stack:
        webs = []
        for _ in range(int(count)):
            broker = RedisBroker(valkey.url, probe_interval=0.1, deaf_after=1.0)
            serve = serving(tmp_path, "lane", broker=broker, **options)
            webs.append(await stack.enter_async_context(serve))
        await webs[0].blog()
        yield House(webs, await webs[0].token("write"), stack)


async def test_a_receipt_is_told_and_still_there_after_a_reload(house: House) -> None:
    first, last = house.webs[0], house.webs[-1]
    desk = await house.desk(first)
    await house.readers(first, "ws", "sse")
    await house.readers(last, "ws", "poll")
    entry = await first.entry()
    await desk.until(lambda: desk.last("receipt").get("readers") == 4)
    told = desk.last("receipt")
    assert told == {"entry": entry.id, "revision": 1, "readers": 4, "ms": told["ms"]}
    assert 0 <= told["ms"] < 60_000
    assert await house.shown(entry) == {"readers": 4, "ms": told["ms"]}
    assert await house.shown(entry, -1) == {"readers": 4, "ms": told["ms"]}
    listed = (await house.get("desk/entries"))["entries"]
    assert [one["receipt"] for one in listed] == [{"readers": 4, "ms": told["ms"]}]


async def test_the_receipt_is_of_the_version_that_stands(house: House) -> None:
    desk = await house.desk(house.webs[0])
    (reader,) = await house.readers(house.webs[-1], "ws")
    entry = await house.webs[0].entry()
    await desk.until(lambda: desk.last("receipt").get("revision") == 1)
    gone = await house.webs[0].retract(entry)
    await desk.until(lambda: desk.last("receipt").get("revision") == 2)
    assert (await house.shown(gone) or {})["readers"] == 1
    await reader.cut()
    await eventually(lambda: house.webs[-1].hub.readers == 0)
    again = await house.webs[0].entry()
    await desk.until(lambda: desk.last("touched").get("entry") == again.id)
    assert await house.shown(again) is None, "nobody reads"


async def test_who_lags_is_not_counted(house: House) -> None:
    """What it gets later is the present, and no longer this; when it has it, it counts again."""
    web = house.webs[-1]
    (slow,) = await house.readers(web, "ws", receive_buffer=16384)
    await house.readers(web, "sse")
    slow.reading.clear()
    while not lagging(web):
        await house.until_shown(await house.webs[0].entry(body=BODY))
    entry = await house.webs[0].entry()
    await house.until_shown(entry, 1)
    slow.reading.set()
    await slow.until(lambda: entry.id in slow.entries)
    await eventually(lambda: not lagging(web))
    assert (await house.shown(entry) or {})["readers"] == 1
    await house.until_shown(await house.webs[0].entry(), 2)


async def test_without_redis_the_log_brings_it_and_a_reload_shows_it(
    house: House, valkey: ValkeyProcess
) -> None:
    for web in house.webs:
        await house.readers(web, "ws")
    valkey.kill()
    entry = await house.webs[0].entry()
    await house.until_shown(entry, len(house.webs))


# What a process does with its notes -------------------------------------------------------


class BusyStore:
    """A store that takes nothing until it is well."""

    def __init__(self) -> None:
        self.well = False
        self.kept: list[int] = []
        self.asked = 0

    async def write(self, work: Any) -> None:
        """Run it, if it is well."""
        self.asked += 1
        if not self.well:
            raise StoreBusy()
        work(self)

    def save_receipts(self, receipts: Any) -> None:
        """Note which."""
        self.kept += [receipt.readers for receipt in receipts]


def notes(store: BusyStore) -> Receipts:
    """Receipts of nobody's process."""
    return Receipts(store, FlightBroker())  # type: ignore[arg-type]


def publication(readers: int) -> tuple[Any, ...]:
    """What a topic says after a broadcast."""
    stone = m.Tombstone(
        EntryId(f"e{readers}"), Slug(SLUG), Seq(1), Revision(1), "retracted", NOW, None
    )
    return BlogId("b"), [m.EntryRetracted(Seq(1), NOW, stone)], readers


async def test_notes_wait_for_the_store_and_are_kept_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fanout_receipts, "GATHER", 0)
    monkeypatch.setattr(fanout_receipts, "PAUSE", 0)
    monkeypatch.setattr(fanout_receipts, "BATCH", 2)
    store = BusyStore()
    receipts = notes(store)
    receipts.start()
    for readers in (1, 0, 2, 3):
        receipts.note(*publication(readers))
    await eventually(lambda: store.asked > 2)
    assert store.kept == []
    store.well = True
    await eventually(lambda: store.kept == [1, 2, 3], "what was written to nobody is no note")
    await receipts.stop()


async def test_of_too_many_notes_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout_receipts, "QUEUE", 3)
    store = BusyStore()
    receipts = notes(store)
    for readers in range(1, 6):
        receipts.note(*publication(readers))
    store.well = True
    await receipts.keep()
    assert store.kept == [3, 4, 5]


async def test_what_waits_at_the_end_is_kept_if_that_is_quick() -> None:
    store = BusyStore()
    receipts = notes(store)
    receipts.note(*publication(7))
    await receipts.stop()
    assert store.kept == []
    store.well = True
    await receipts.stop()
    assert store.kept == [7]
