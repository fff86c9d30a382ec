"""A database that cannot answer now is StoreBusy, and well again afterwards."""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.util import await_only

from liveblog.errors import StoreBusy
from liveblog.store import migrate
from liveblog.store.contract import Store, Tx
from liveblog.store.postgres import PostgresStore
from liveblog.store.sqlite import SqliteStore
from liveblog.store.tx import SqlTx
from tests.integration.store.samples import SLUG, add, blog
from tests.postgres import PostgresServer


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A SQLite file with the newest schema."""
    file = str(tmp_path / "liveblog.db")
    migrate(f"sqlite:///{file}")
    return file


async def test_a_full_queue_refuses_at_once(path: str) -> None:
    store = SqliteStore(path, limit=2)
    await store.start()
    begun, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        begun.set()
        go_on.wait()

    try:
        held = asyncio.create_task(store.write(hold))
        await asyncio.to_thread(begun.wait)
        waiting = [asyncio.create_task(store.write(lambda tx: 1)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(StoreBusy):
            await store.write(lambda tx: 1)
        assert await store.read(lambda tx: 2) == 2  # readers do not queue behind writers
        go_on.set()
        assert await asyncio.gather(held, *waiting) == [None, 1, 1]
    finally:
        go_on.set()
        await store.close()
    with pytest.raises(StoreBusy, match="closed"):
        await store.write(lambda tx: 1)


async def test_a_job_that_waited_too_long_is_not_run(path: str) -> None:
    store = SqliteStore(path, patience=-1)
    await store.start()
    ran: list[int] = []
    with pytest.raises(StoreBusy):
        await store.write(lambda tx: ran.append(1))
    await store.close()
    assert ran == []


async def test_a_file_locked_by_another_process_is_busy_and_then_well(path: str) -> None:
    store = SqliteStore(path, patience=0.3)
    await store.start()
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="another process"):
            await store.write(add(blog()))
        assert await store.read(lambda tx: tx.blog(SLUG)) is None
        other.execute("ROLLBACK")
        await store.write(add(blog()))
        assert await store.read(lambda tx: tx.blog(SLUG)) == blog()
    finally:
        other.close()
        await store.close()


@pytest.fixture
def migrated(postgres_url: str) -> str:
    """A PostgreSQL database with the newest schema."""
    migrate(postgres_url)
    return postgres_url


def _sql(tx: Tx, statement: str) -> None:
    cast(SqlTx, tx)._connection.execute(text(statement))


async def test_no_free_connection_is_busy(migrated: str) -> None:
    store = PostgresStore(make_url(migrated), pool=1, patience=0.05)
    begun, go_on = asyncio.Event(), asyncio.Event()

    def hold(tx: Tx) -> None:
        begun.set()
        await_only(cast(Awaitable[object], go_on.wait()))

    held = asyncio.create_task(store.write(hold))
    await begun.wait()
    with pytest.raises(StoreBusy):
        await store.read(lambda tx: 1)
    go_on.set()
    await held
    assert await store.read(lambda tx: 1) == 1
    await store.close()
    with pytest.raises(StoreBusy, match="closed"):
        await store.read(lambda tx: 1)


async def test_a_locked_row_is_busy(migrated: str) -> None:
    store = PostgresStore(make_url(migrated), patience=0.05)
    await store.write(add(blog()))
    begun, go_on = asyncio.Event(), asyncio.Event()

    def hold(tx: Tx) -> None:
        tx.lock_blog(SLUG)
        begun.set()
        await_only(cast(Awaitable[object], go_on.wait()))

    held = asyncio.create_task(store.write(hold))
    await begun.wait()
    with pytest.raises(StoreBusy):
        await store.write(lambda tx: tx.lock_blog(SLUG))
    go_on.set()
    await held
    assert await store.write(lambda tx: tx.lock_blog(SLUG)) == blog()
    await store.close()


async def test_a_server_that_does_not_answer_is_busy(migrated: str) -> None:
    store = PostgresStore(make_url(migrated), pool=1, silence=0.2)
    with pytest.raises(StoreBusy):
        await store.read(lambda tx: _sql(tx, "SELECT pg_sleep(60)"))
    assert await store.read(lambda tx: tx.blog(SLUG)) is None
    await store.close()


async def test_connections_cut_while_idle_are_not_noticed(
    migrated: str, postgres_server: PostgresServer
) -> None:
    store = PostgresStore(make_url(migrated))
    await asyncio.gather(*(store.read(lambda tx: tx.blog(SLUG)) for _ in range(5)))
    _cut_off(postgres_server)
    assert await store.read(lambda tx: tx.blog(SLUG)) is None
    _cut_off(postgres_server)
    await store.write(add(blog()))
    await store.close()


async def test_a_connection_cut_in_the_middle_is_tried_once_more(
    migrated: str, postgres_server: PostgresServer
) -> None:
    store = PostgresStore(make_url(migrated))
    runs: list[int] = []

    def work(tx: Tx) -> None:
        runs.append(1)
        tx.insert_blog(blog())
        if len(runs) == 1:
            _cut_off(postgres_server)
        tx.lock_blog(SLUG)

    await store.write(work)
    assert len(runs) == 2
    assert await store.read(lambda tx: tx.blog(SLUG)) == blog()

    def cut(tx: Tx) -> None:
        _cut_off(postgres_server)
        tx.lock_blog(SLUG)

    with pytest.raises(StoreBusy):
        await store.write(cut)
    await store.close()


async def test_a_deadlock_is_run_again(migrated: str) -> None:
    store: Store = PostgresStore(make_url(migrated))
    await store.write(add(blog(), blog("b2", "b2")))
    met, runs = [asyncio.Event(), asyncio.Event()], [0, 0]
    slugs = [SLUG, blog("b2", "b2").slug]

    def cross(mine: int) -> Callable[[Tx], None]:
        def work(tx: Tx) -> None:
            runs[mine] += 1
            tx.lock_blog(slugs[mine])
            met[mine].set()
            await_only(cast(Awaitable[object], met[1 - mine].wait()))
            tx.lock_blog(slugs[1 - mine])

        return work

    await asyncio.gather(*(store.write(cross(n)) for n in (0, 1)))
    assert sorted(runs) == [1, 2]
    await store.close()


def _cut_off(server: PostgresServer) -> None:
    server.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE application_name = 'liveblog'"
    )
