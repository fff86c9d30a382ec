"""The store in PostgreSQL, over asyncpg.

The work itself is the same plain function as on SQLite: SQLAlchemy's greenlet lets it run
without ``await`` while the event loop turns. Several processes may write; the lock on the
blog's row is what queues up the writers of one blog.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from liveblog.errors import StoreBusy
from liveblog.store.contract import Store, Tx
from liveblog.store.trouble import forbidden_write, outage, worth_repeating
from liveblog.store.tx import SqlTx

T = TypeVar("T")

POOL = 5
PATIENCE = 5.0
SILENCE = 12.0
FAREWELL = 15.0
"""Seconds close() waits: longer than any statement may take."""

SERVER_SETTINGS = {
    "application_name": "liveblog",
    # A process that stopped in the middle must not keep a blog locked.
    "idle_in_transaction_session_timeout": "10s",
    "statement_timeout": "10s",
    # Our statements are short: compiling them costs more than it saves.
    "jit": "off",
}


class PostgresStore(Store):
    """A :class:`~liveblog.store.contract.Store` in PostgreSQL.

    :param url: with the driver ``postgresql+asyncpg``; its schema is the newest.
    :param pool: connections at most.
    :param patience: seconds to wait for one of them, and for the lock of a row.
    :param silence: seconds to wait for an answer to a statement; longer than the server's own
        limit, it is for a server that has stopped answering.
    """

    def __init__(
        self, url: URL, pool: int = POOL, patience: float = PATIENCE, silence: float = SILENCE
    ) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=0,
            pool_timeout=patience,
            isolation_level="READ COMMITTED",
            hide_parameters=True,
            connect_args={
                "timeout": 5,
                "command_timeout": silence,
                "server_settings": SERVER_SETTINGS | {"lock_timeout": f"{int(patience * 1000)}ms"},
            },
        )
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def read(self, work: Callable[[Tx], T]) -> T:
        try:
            return await self._apart(_run(self._reading, work))
        except StoreBusy as busy:
            if isinstance(busy.__cause__, DBAPIError) and forbidden_write(busy.__cause__):
                raise busy.__cause__ from None
            raise

    async def write(self, work: Callable[[Tx], T]) -> T:
        return await self._apart(_run(self._engine, work))

    async def close(self) -> None:
        self._closed = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FAREWELL)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._engine.dispose()

    async def _apart(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in a task of its own: a caller who goes away does not stop a transaction."""
        if self._closed:
            work.close()
            raise StoreBusy("The store is closed: the server is stopping.")
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: when the caller has gone nobody else will look


async def _run(engine: AsyncEngine, work: Callable[[Tx], T]) -> T:
    """``work`` in a transaction; once more from the start where that is safe and helps."""
    try:
        try:
            return await _once(engine, work)
        except _Again:
            return await _once(engine, work)
    except _Again as again:
        error = again.error
    except Exception as failure:  # noqa: BLE001 (raised again unless it is an outage)
        error = failure
    if outage(error):
        raise StoreBusy() from error
    raise error


class _Again(Exception):
    """Nothing was changed, and the same function may well succeed now."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


async def _once(engine: AsyncEngine, work: Callable[[Tx], T]) -> T:
    committing = False
    try:
        async with engine.connect() as connection:
            async with connection.begin():
                result = await _work_on(connection, work)
                committing = True
        return result
    except DBAPIError as error:
        # A lost connection is often only an old one (the server was restarted). Not after
        # COMMIT was sent: then it is not known whether it was done.
        if worth_repeating(error) or (error.connection_invalidated and not committing):
            raise _Again(error) from error
        raise


async def _work_on(connection: AsyncConnection, work: Callable[[Tx], T]) -> T:
    try:
        return await connection.run_sync(lambda plain: work(SqlTx(plain)))
    except TimeoutError:
        # We gave up waiting: what the server still sends must meet nobody else.
        await connection.invalidate()
        raise
