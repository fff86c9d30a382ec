"""Receipts on both engines: summed over processes, of the newest version, safe to say again."""

import asyncio

import pytest

from liveblog.model.receipt import Receipt, Received
from liveblog.store.contract import Store
from liveblog.types import EntryId, Revision
from tests.integration.store.samples import add, blog, public

ONE, TWO = EntryId("entry-1"), EntryId("entry-2")


def receipt(process: str, readers: int, ms: int, revision: int = 1, of: EntryId = ONE) -> Receipt:
    """What a process wrote."""
    return Receipt(of, Revision(revision), process, readers, ms)


@pytest.fixture
async def kept(store: Store) -> Store:
    """A store with two entries."""
    await store.write(add(blog(), public(ONE, 1), public(TWO, 2)))
    return store


async def save(store: Store, *receipts: Receipt) -> None:
    """Keep them."""
    await store.write(lambda tx: tx.save_receipts(receipts))


async def received(store: Store) -> dict[EntryId, Received]:
    """What is known of both entries."""
    return await store.read(lambda tx: tx.received([ONE, TWO]))


async def test_they_are_summed_and_the_slowest_counts(kept: Store) -> None:
    await save(kept, receipt("a", 1200, 38), receipt("a", 7, 5, of=TWO))
    await save(kept, receipt("b", 4, 90))
    assert await received(kept) == {ONE: Received(Revision(1), 1204, 90), TWO: (1, 7, 5)}


async def test_what_is_said_twice_counts_once(kept: Store) -> None:
    await save(kept, receipt("a", 3, 10), receipt("a", 3, 10))
    await save(kept, receipt("a", 3, 10))
    assert (await received(kept))[ONE].readers == 3


async def test_a_newer_version_takes_the_place_of_the_older_ones(kept: Store) -> None:
    await save(kept, receipt("a", 3, 10), receipt("b", 4, 10))
    await save(kept, receipt("b", 5, 20, revision=2))
    assert (await received(kept))[ONE] == (2, 5, 20)
    await save(kept, receipt("a", 3, 10), receipt("a", 6, 30, revision=2))
    assert (await received(kept))[ONE] == (2, 11, 30)
    await save(kept, receipt("late", 9, 10))
    assert (await received(kept))[ONE] == (2, 11, 30), "what comes late of an older one is passed"


async def test_nothing_is_known_of_what_was_written_to_nobody(kept: Store) -> None:
    assert await received(kept) == {}
    await save(kept)
    assert await kept.read(lambda tx: tx.received([])) == {}


async def test_many_processes_at_once_wait_in_no_circle(kept: Store) -> None:
    pairs = [(ONE, TWO), (TWO, ONE)] * 4
    await asyncio.gather(
        *(
            save(kept, *(receipt(f"p{n}", 1, n, of=one) for one in pair))
            for n, pair in enumerate(pairs)
        )
    )
    found = await received(kept)
    assert found == {ONE: (1, len(pairs), 7), TWO: (1, len(pairs), 7)}
