"""Which revision the schema of a database is at, and bringing it to the newest.

Everything happens on one connection, in one transaction, behind one lock: SQLite's BEGIN
IMMEDIATE, a PostgreSQL advisory lock. So two processes that migrate at once come out right
(the second finds nothing to do), and a step that fails leaves the database as it was.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar, cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from liveblog.errors import ConfigError
from liveblog.store.address import Address, address_of, connect_sqlite
from liveblog.store.trouble import unreachable, unusable_file

T = TypeVar("T")

TRIGRAMS = "CREATE VIRTUAL TABLE probe USING fts5(text, tokenize='trigram')"
"""What SQLite must be able to do."""

_LOCK = 0x6C697665626C6F67
"""The advisory lock of migrations: the letters "liveblog" as a number."""


def migrate(url: str) -> list[str]:
    """Bring the schema to the newest revision; a SQLite file is made when there is none.

    :returns: the revisions applied now, in order; empty when there was nothing to do.
    :raises ConfigError: the URL is none of ours, the folder does not exist, or the database
        was made by a newer version.
    :raises StoreBusy: the database cannot be reached now.
    """
    address = address_of(url)
    if address.path is not None:
        require_trigrams()
    if address.path is not None and not Path(address.path).parent.is_dir():
        raise ConfigError(f"The folder of the database {address.path} does not exist; make it.")
    return run_blocking(_on(address, _upgrade, create=True))


def require_trigrams() -> None:
    """Do nothing when the SQLite of this Python has what the desk's search is made with.

    :raises ConfigError: it was built without FTS5, or is older than 3.34.
    """
    with closing(sqlite3.connect(":memory:")) as probe:
        try:
            probe.execute(TRIGRAMS)
        except sqlite3.Error:
            raise ConfigError(
                f"The SQLite of this Python is {sqlite3.sqlite_version}, without FTS5 and its"
                " trigrams: take a Python with SQLite 3.34 or newer, or PostgreSQL."
            ) from None


def current_revision(url: str) -> str | None:
    """The revision the database is at; None when there is no schema (or no SQLite file).

    :raises ConfigError: the URL is none of ours.
    :raises StoreBusy: the database cannot be reached now.
    """
    return run_blocking(revision_at(address_of(url)))


async def revision_at(address: Address) -> str | None:
    """The same for whoever is in an event loop already."""
    if address.missing:
        return None
    return await _on(address, _revision)


def newest_revision() -> str:
    """The revision this version of the program needs."""
    head = _scripts().get_current_head()
    if head is None:
        raise ConfigError("The migrations are missing from this installation; install it again.")
    return head


async def require_newest(address: Address) -> None:
    """Do nothing when the schema is the one this program was written for.

    :raises ConfigError: it is missing, older or newer; the sentence says what to do.
    """
    found, needed = await revision_at(address), newest_revision()
    if found == needed:
        return
    if found is None:
        raise ConfigError(f"The database {address} has no tables yet: run liveblog migrate.")
    _require_known(found)
    raise ConfigError(
        f"The database {address} is at revision {found}, this version needs {needed}:"
        " run liveblog migrate."
    )


def _require_known(revision: str) -> None:
    if revision not in {script.revision for script in _scripts().walk_revisions()}:
        raise ConfigError(
            f"The database is at revision {revision}, which this version does not know:"
            " it was migrated by a newer Liveblog; run that one."
        )


def _config() -> Config:
    config = Config()
    # A package and not a path: it works from a wheel and needs no quoting.
    config.set_main_option("script_location", "liveblog.store:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    before = _revision(connection)
    if before is not None:
        _require_known(before)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    steps = _scripts().iterate_revisions("head", before or "base")
    return [step.revision for step in steps][::-1]


async def _on(address: Address, work: Callable[[Connection], T], create: bool = False) -> T:
    """Run ``work`` on a fresh connection and commit."""
    if address.path is not None:
        return _on_sqlite(address.path, work, create)
    engine = create_async_engine(
        address.url, poolclass=NullPool, connect_args={"timeout": 5}, hide_parameters=True
    )
    try:
        try:
            connection = await engine.connect()
        except Exception as error:
            said = unreachable(address, error)
            if said is None:
                raise
            raise said from error
        try:
            async with connection.begin():
                return await connection.run_sync(work)
        finally:
            await connection.close()
    finally:
        await engine.dispose()


def _on_sqlite(path: str, work: Callable[[Connection], T], create: bool) -> T:
    engine = create_engine(
        "sqlite://", poolclass=NullPool, creator=lambda: connect_sqlite(path, create=create)
    )
    try:
        with engine.connect() as connection:
            if create:
                # A property of the file, kept for ever; it cannot be set inside a transaction.
                cast(Any, connection.connection.driver_connection).execute(
                    "PRAGMA journal_mode=WAL"
                )
            with connection.begin():
                return work(connection)
    except (DBAPIError, sqlite3.Error) as error:
        said = unusable_file(path, error)
        if said is None:
            raise
        raise said from error
    finally:
        engine.dispose()


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from plain code, even inside a running event loop (tests)."""
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 (it is raised again by the caller)
            done.set_exception(error)

    thread = threading.Thread(target=run, name="liveblog-migrate")
    thread.start()
    thread.join()
    return done.result()
