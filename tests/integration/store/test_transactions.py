"""What a transaction promises: dense numbers, one moment, all or nothing, to its end."""

import asyncio
from typing import Any

import pytest

from liveblog.errors import Conflict, NotFound
from liveblog.store import open_store
from liveblog.store.contract import Replay, Store, Tx
from liveblog.types import EntryId, Seq, Slug
from tests.integration.store.conftest import Meanwhile
from tests.integration.store.samples import BLOG, SLUG, add, answer, blog, draft, publish


async def test_forty_writers_of_one_blog_get_dense_numbers(ready: str) -> None:
    first, second = await open_store(ready), await open_store(ready)
    try:
        await first.write(add(blog()))
        stores = [first, second] * 20
        seqs = await asyncio.gather(*(s.write(publish(f"e{n}")) for n, s in enumerate(stores)))
        assert sorted(seqs) == list(range(1, 41))
        log = await second.read(lambda tx: tx.changes_after(BLOG, Seq(0), 100))
        assert [change.seq for change in log] == list(range(1, 41))
        found = await first.read(lambda tx: tx.blog(SLUG))
        assert found is not None
        assert found.head == 40
    finally:
        await first.close()
        await second.close()


async def test_a_read_sees_one_moment(store: Store, meanwhile: Meanwhile) -> None:
    await store.write(add(blog()))

    def work(tx: Tx) -> list[Any]:
        before = [tx.heads([BLOG])[BLOG].seq, len(tx.entries(BLOG))]
        assert meanwhile(lambda: store.write(publish("e1"))) == 1
        return [*before, tx.heads([BLOG])[BLOG].seq, len(tx.entries(BLOG))]

    assert await store.read(work) == [0, 0, 0, 0]
    assert await store.read(lambda tx: tx.heads([BLOG])[BLOG].seq) == 1


async def test_a_read_does_not_see_what_is_not_committed(
    store: Store, meanwhile: Meanwhile
) -> None:
    def work(tx: Tx) -> Any:
        tx.insert_blog(blog())
        return meanwhile(lambda: store.read(lambda reader: reader.blog(SLUG)))

    assert await store.write(work) is None
    assert await store.read(lambda tx: tx.blog(SLUG)) is not None


async def test_a_read_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await store.read(add(blog()))
    assert await store.read(lambda tx: tx.blog(SLUG)) is None
    await store.write(add(blog()))


@pytest.mark.parametrize("error", [NotFound("x"), KeyError("x"), ZeroDivisionError("x")])
async def test_an_error_of_the_work_comes_out_unchanged_and_leaves_nothing(
    store: Store, error: Exception
) -> None:
    await store.write(add(blog()))

    def work(tx: Tx) -> None:
        publish("e1")(tx)
        raise error

    with pytest.raises(type(error)) as caught:
        await store.write(work)
    assert caught.value is error
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e1"))) is None
    assert await store.write(publish("e1")) == 1


async def test_a_stop_iteration_ends_neither_the_store_nor_the_waiting(store: Store) -> None:
    with pytest.raises(RuntimeError):
        await store.write(lambda tx: next(iter(())))
    await store.write(add(blog()))


async def test_work_that_asks_nothing_is_a_transaction_too(store: Store) -> None:
    assert await store.write(lambda tx: 1) == 1
    assert await store.read(lambda tx: 2) == 2
    await store.write(add(blog()))


async def test_a_key_taken_at_the_same_moment_runs_the_work_again(store: Store) -> None:
    await store.write(add(blog()))
    taken = answer("k", 0)
    await store.write(lambda tx: tx.insert_replay(taken))
    runs: list[Replay | None] = []

    def work(tx: Tx) -> Replay | None:
        # The first run asks as if before the other one's COMMIT, and writes after it.
        runs.append(None if not runs else tx.replay("token:1", "k"))
        tx.insert_entry(BLOG, draft(f"e{len(runs)}"))
        if runs[-1] is None:
            tx.insert_replay(answer("k", 1))
        return runs[-1]

    assert await store.write(work) == taken
    assert runs == [None, taken]
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e1"))) is None
    assert await store.read(lambda tx: tx.entry(BLOG, EntryId("e2"))) is not None


async def test_a_key_used_by_many_at_once_is_answered_once(store: Store) -> None:
    await store.write(add(blog()))

    def work(tx: Tx) -> str:
        # Without the blog's lock: only the unique key stands between them.
        known = tx.replay("token:1", "k")
        if known is not None:
            return "again"
        tx.insert_replay(answer("k"))
        return "first"

    said = await asyncio.gather(*(store.write(work) for _ in range(20)))
    assert sorted(said) == ["again"] * 19 + ["first"]


async def test_a_key_that_stays_taken_is_an_error(store: Store) -> None:
    await store.write(add(blog()))
    await store.write(lambda tx: tx.insert_replay(answer("k")))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await store.write(lambda tx: tx.insert_replay(answer("k")))


async def test_one_of_many_gets_the_slug(store: Store) -> None:
    tries = [store.write(add(blog(f"b{n}", "same"))) for n in range(10)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(end) for end in ends if end is not None] == [Conflict] * 9
    assert len(await store.read(lambda tx: tx.blogs(["draft"]))) == 1


async def test_a_write_ends_though_its_caller_is_gone(store: Store, meanwhile: Meanwhile) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def pause() -> None:
        begun.set()
        await go_on.wait()

    async def say() -> None:
        ended.set()

    def work(tx: Tx) -> None:
        tx.insert_blog(blog())
        meanwhile(pause)

    caller = asyncio.create_task(store.write(work))
    await begun.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()
    # The next writer of this row waits for the first one, on both engines.
    with pytest.raises(Conflict):
        await store.write(add(blog("b2")))
    await say()
    assert await store.read(lambda tx: tx.blog(SLUG)) == blog()


async def test_close_waits_for_what_has_begun(ready: str, meanwhile: Meanwhile) -> None:
    store = await open_store(ready)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def pause() -> None:
        begun.set()
        await go_on.wait()

    def work(tx: Tx) -> None:
        meanwhile(pause)
        tx.insert_blog(blog())

    writing = asyncio.create_task(store.write(work))
    await begun.wait()
    closing = asyncio.create_task(store.close())
    go_on.set()
    await closing
    await writing
    again = await open_store(ready)
    assert await again.read(lambda tx: tx.blog(Slug("final"))) is not None
    await again.close()
    await again.close()  # twice is no harm
