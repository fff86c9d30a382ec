"""The store in one SQLite file: one thread that writes, two that read.

SQLite has one writer at a time, so one thread with one connection is all it can use; a
queue in front of it costs less than threads that fight for the file's lock, and is fair.
Readers see the file as it was when they began (WAL) and wait for nobody. Another process
may write the same file: BEGIN IMMEDIATE then waits up to 5 s.
"""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from liveblog.errors import StoreBusy
from liveblog.store.address import connect_sqlite
from liveblog.store.contract import Store, Tx
from liveblog.store.trouble import busy_file, forbidden_write
from liveblog.store.tx import SqlTx

T = TypeVar("T")

log = logging.getLogger(__name__)

READERS = 2
LIMIT = 1000
PATIENCE = 5.0


class SqliteStore(Store):
    """A :class:`~liveblog.store.contract.Store` in a file; ``start`` it, ``close`` it.

    :param path: the file, with the newest schema in it.
    :param limit: how many jobs may wait in each queue; one more is ``StoreBusy``.
    :param patience: seconds to wait for another process, and seconds after which a job that
        is still in the queue is refused instead of run: so a file locked for long by somebody
        else costs each caller this, and not a sum.
    """

    def __init__(self, path: str, limit: int = LIMIT, patience: float = PATIENCE) -> None:
        self._writer = _Queue(path, "BEGIN IMMEDIATE", 1, limit, patience)
        self._readers = _Queue(path, "BEGIN", READERS, limit, patience)

    async def start(self) -> None:
        """Start the threads and open their connections; what fails there is raised here."""
        try:
            await self._writer.start()
            await self._readers.start()
        except BaseException:
            await self.close()
            raise

    async def read(self, work: Callable[[Tx], T]) -> T:
        return await self._readers.run(work)

    async def write(self, work: Callable[[Tx], T]) -> T:
        return await self._writer.run(work)

    async def close(self) -> None:
        await self._readers.close()
        await self._writer.close()


class _Job(NamedTuple):
    work: Callable[[Tx], Any]
    done: Future[Any]
    asked: float


class _Queue:
    """A bounded queue and the threads that work it off, each with its own connection."""

    def __init__(self, path: str, begin: str, threads: int, limit: int, patience: float) -> None:
        self._path = path
        self._begin = begin
        self._limit = limit
        self._patience = patience
        self._size = threads
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[tuple[threading.Thread, Future[None]]] = []
        self._closed = False

    async def start(self) -> None:
        """Start the threads, each ready with its connection."""
        for _ in range(self._size):
            ready, ended = _running(), _running()
            # A daemon, so that a program that forgot close() still ends: a transaction cut
            # off there was never answered.
            thread = threading.Thread(target=self._main, args=(ready, ended), daemon=True)
            self._threads.append((thread, ended))
            thread.start()
            await asyncio.wrap_future(ready)

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Queue the job and wait for its end; the caller may go, the job stays."""
        if self._closed:
            raise StoreBusy("The store is closed: the server is stopping.")
        if self._jobs.qsize() >= self._limit:
            raise StoreBusy()
        done = _running()
        self._jobs.put(_Job(work, done, time.monotonic()))
        result: T = await asyncio.wrap_future(done)
        return result

    async def close(self) -> None:
        """Let the queued jobs end, then the threads."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._jobs.put(None)
        for thread, ended in self._threads:
            await asyncio.wrap_future(ended)
            thread.join()  # it has nothing left to do: no waiting here

    # From here on in the threads
    def _main(self, ready: Future[None], ended: Future[None]) -> None:
        try:
            hand = _Hand(self._path, self._begin, self._patience)
        except BaseException as error:  # noqa: BLE001 (start() raises it)
            ready.set_exception(error)
            ended.set_result(None)
            return
        ready.set_result(None)
        try:
            while (job := self._jobs.get()) is not None:
                self._do(hand, job)
                del job  # not to keep what it holds until the next one comes
        finally:
            hand.close()
            ended.set_result(None)

    def _do(self, hand: "_Hand", job: _Job) -> None:
        """Run one job; whatever happens in it goes to its caller and never ends the thread."""
        if time.monotonic() - job.asked > self._patience:
            job.done.set_exception(StoreBusy())
            return
        try:
            result = hand.run(job.work)
        except StopIteration as error:
            # A future cannot carry it (it would end the awaiting coroutine), so it would hang.
            job.done.set_exception(RuntimeError(f"A transaction raised {error!r}."))
        except BaseException as error:  # noqa: BLE001 (it is raised where the job was asked for)
            job.done.set_exception(error)
        else:
            job.done.set_result(result)


class _Hand:
    """One connection, used by one thread, and how a transaction is run on it."""

    def __init__(self, path: str, begin: str, patience: float) -> None:
        self._begin = begin
        self._query_only = begin != "BEGIN IMMEDIATE"
        self._engine: Engine = create_engine(
            "sqlite://",
            poolclass=NullPool,
            creator=lambda: connect_sqlite(path, query_only=self._query_only, patience=patience),
            hide_parameters=True,
        )
        self._connect()

    def _connect(self) -> None:
        self._connection: Connection = self._engine.connect()
        self._raw = cast(sqlite3.Connection, self._connection.connection.driver_connection)

    def run(self, work: Callable[[Tx], T]) -> T:
        """``work`` from BEGIN to COMMIT, once more from the start after an IntegrityError."""
        try:
            try:
                return self._once(work)
            except IntegrityError:
                return self._once(work)
        except (DBAPIError, sqlite3.Error) as error:
            busy = busy_file(error)
            if busy is None or (self._query_only and forbidden_write(error)):
                raise
            raise busy from error

    def _once(self, work: Callable[[Tx], T]) -> T:
        transaction = self._connection.begin()
        try:
            # By hand: SQLAlchemy's own BEGIN is empty here, and this costs 2 µs, not 20.
            self._raw.execute(self._begin)
            result = work(SqlTx(self._connection))
            transaction.commit()
        except BaseException:
            self._undo()
            raise
        return result

    def _undo(self) -> None:
        """Roll back; a connection that cannot even do that is replaced."""
        try:
            self._connection.rollback()
            if self._raw.in_transaction:
                self._raw.rollback()
        except (DBAPIError, sqlite3.Error):
            log.warning("A SQLite connection was lost and is opened again.", exc_info=True)
            self._connection.invalidate()
            self._connection.close()
            self._connect()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._engine.dispose()


def _running() -> Future[Any]:
    """A future that a cancelled caller cannot take away from the thread that will fulfil it."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future
