"""The outbox: what was put in is claimed by one, comes back when nobody did it, and is not lost."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from liveblog.store import open_store
from liveblog.store.contract import Delivery, Store, Tx, deliveries
from liveblog.types import BlogId, Seq, Subject
from tests.integration.store.conftest import Meanwhile
from tests.integration.store.samples import BLOG, NOON, add, at, blog

OTHER = BlogId("blog2")


def row(name: str, minutes: float = 0, **rest: Any) -> Delivery:
    """A row that is due so many minutes after noon."""
    given: dict[str, Any] = {"destination": "purge", "blog_id": BLOG, "subject": "blog"}
    given |= {"seq": Seq(1), "at": NOON, "due_at": at(minutes)} | rest
    return Delivery(id=name, **given)


def insert(*rows: Delivery) -> Callable[[Tx], None]:
    return lambda tx: tx.insert_deliveries(rows)


async def claim(
    store: Store, now: datetime, until: datetime, limit: int = 100, destination: str = "purge"
) -> list[str]:
    rows = await store.write(lambda tx: tx.claim_deliveries(destination, now, until, limit))
    return [row.id for row in rows]


@pytest.fixture
async def box(store: Store) -> Store:
    """A store with two blogs."""
    await store.write(add(blog(), blog("blog2", "other")))
    return store


async def test_a_row_comes_back_as_it_went_in(box: Store) -> None:
    full = row("a", attempts=3, error="HTTP 500", subject=Subject("entry:e1"), seq=Seq(2**40))
    await box.write(insert(full))
    await box.write(insert())
    found = await box.write(lambda tx: tx.claim_deliveries("purge", NOON, at(1), 9))
    assert found == [full]


async def test_what_is_due_is_claimed_the_longest_due_first_and_of_one_blog(box: Store) -> None:
    await box.write(
        insert(
            row("late", 3),
            row("b", 1),
            row("other", 0.5, blog_id=OTHER),
            row("a", 0),
            row("hook", 0, destination="webhook"),
        )
    )
    assert await claim(box, at(2), at(9)) == ["a", "b"]
    assert await claim(box, at(2), at(9)) == ["other"]
    assert await claim(box, at(2), at(9)) == []
    assert await claim(box, at(3), at(9), destination="webhook") == ["hook"]
    assert await claim(box, at(3), at(9)) == ["late"], "due at this very moment"


async def test_no_more_than_asked_for(box: Store) -> None:
    await box.write(insert(*(row(f"r{n}", n) for n in range(5))))
    assert await claim(box, at(9), at(99), limit=2) == ["r0", "r1"]
    assert await claim(box, at(9), at(99), limit=9) == ["r2", "r3", "r4"]


async def test_a_claim_that_nobody_ended_runs_out(box: Store) -> None:
    await box.write(insert(row("a")))
    assert await claim(box, at(0), at(1)) == ["a"]
    assert await claim(box, at(0.99), at(2)) == []
    assert await claim(box, at(1), at(2)) == ["a"]


async def test_what_is_done_is_gone_and_may_be_done_twice(box: Store) -> None:
    await box.write(insert(row("a"), row("b")))
    await claim(box, at(0), at(1))
    for _ in range(2):
        await box.write(lambda tx: tx.delivered(["a", "never"]))
    await box.write(lambda tx: tx.delivered([]))
    assert await claim(box, at(1), at(2)) == ["b"]


async def test_what_is_put_off_waits_for_its_time_and_counts_failures(box: Store) -> None:
    await box.write(insert(row("a")))
    await claim(box, at(0), at(5))
    await box.write(lambda tx: tx.put_off(["a"], at(1), "HTTP 500"))
    assert await claim(box, at(0.9), at(9)) == []
    (once,) = await box.write(lambda tx: tx.claim_deliveries("purge", at(1), at(9), 9))
    assert (once.attempts, once.error, once.due_at, once.at) == (1, "HTTP 500", at(1), NOON)
    await box.write(lambda tx: tx.put_off(["a"], at(2), None))
    (twice,) = await box.write(lambda tx: tx.claim_deliveries("purge", at(2), at(9), 9))
    assert (twice.attempts, twice.error) == (0, None), "in a row: it went well meanwhile"


async def test_the_backlog_counts_everything_that_is_not_done(box: Store) -> None:
    assert await box.read(lambda tx: tx.backlog("purge")) == (0, None)
    rows = (row("a", 9), row("b", at=at(-3)), row("hook", destination="webhook", at=at(-9)))
    await box.write(insert(*rows))
    await claim(box, at(1), at(2))
    assert await box.read(lambda tx: tx.backlog("purge")) == (2, at(-3))


async def test_a_transaction_that_fails_tells_nobody(box: Store) -> None:
    def fail(tx: Tx) -> None:
        tx.insert_deliveries([row("a")])
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await box.write(fail)
    assert await claim(box, at(9), at(10)) == []


async def test_each_destination_is_told_of_each_change() -> None:
    what = [(Subject("entry:e1"), Seq(1)), (Subject("day:2026-05-01"), Seq(2))]
    rows = deliveries(("purge", "push"), blog(), iter(what), NOON)
    assert [(r.destination, r.subject, r.seq) for r in rows] == [
        (destination, subject, seq) for destination in ("purge", "push") for subject, seq in what
    ]
    assert len({r.id for r in rows}) == 4
    assert {(r.at, r.due_at, r.blog_id) for r in rows} == {(NOON, NOON, BLOG)}
    assert deliveries((), blog(), what, NOON) == []


async def test_two_workers_never_hold_the_same_row(box: Store, ready: str) -> None:
    """Each on a connection of its own, all at once, until nothing is left."""
    names = {f"r{n:03}" for n in range(60)}
    await box.write(insert(*(row(name) for name in names)))
    other = await open_store(ready)

    async def work(store: Store) -> list[str]:
        mine: list[str] = []
        while got := await claim(store, at(1), at(9), limit=3):
            mine += got
        return mine

    try:
        held = await asyncio.gather(*(work(store) for store in (box, other, box, other)))
    finally:
        await other.close()
    told = [name for names in held for name in names]
    # Who comes at the same moment may be given nothing; then the next look finds the rest.
    while got := await claim(box, at(1), at(9), limit=9):
        told += got
    assert sorted(told) == sorted(names)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)  # SQLite has one writer at a time
async def test_a_claim_waits_for_no_other_claim(box: Store, meanwhile: Meanwhile) -> None:
    """While one is in the middle of claiming, the other is given what is left, at once."""
    await box.write(insert(row("a"), row("b", 1)))

    def work(tx: Tx) -> tuple[list[str], list[str]]:
        mine = [r.id for r in tx.claim_deliveries("purge", at(1), at(9), 1)]
        return mine, meanwhile(lambda: claim(box, at(1), at(9)))

    assert await box.write(work) == (["a"], ["b"])
