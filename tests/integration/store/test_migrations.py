"""The migrated schema is the one the statements were written for; opening checks it."""

import asyncio
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from msgspec.structs import asdict, astuple, replace
from sqlalchemy import Connection, NullPool, Table, create_engine, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from liveblog.errors import ConfigError, StoreBusy
from liveblog.model.desk import Wanted
from liveblog.model.entry import searched_words
from liveblog.model.media import Medium
from liveblog.model.permissions import Token
from liveblog.model.push import Notice, Subscription
from liveblog.model.quota import Used
from liveblog.store import current_revision, migrate, open_store, upgrade
from liveblog.store.contract import Tx, deliveries
from liveblog.store.schema import metadata
from liveblog.store.search import search
from liveblog.store.tables.blogs import blogs, days, outbox, replays
from liveblog.store.tables.entries import entries, revisions
from liveblog.store.tables.media import media
from liveblog.store.tables.people import tokens
from liveblog.store.tables.push import notices, subscriptions
from liveblog.store.upgrade import newest_revision
from liveblog.text.search import searched, terms
from liveblog.types import EntryId, MediumId, Seq, Subject
from tests.integration.store.samples import (
    BLOG,
    NOON,
    answer,
    draft,
    full_blog,
    full_day,
    full_entry,
    public,
    revision,
)

T = TypeVar("T")

_SQLITE = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'alembic%' AND sql IS NOT NULL"
_POSTGRES = """
SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT table_name || '.' || column_name, concat_ws(
    ' ', data_type, is_nullable, collation_name, column_default, is_identity)
FROM information_schema.columns WHERE table_schema = 'public'
"""


def _on(url: str, work: Callable[[Connection], T]) -> T:
    """Run this on a connection of our own."""
    if url.startswith("sqlite"):
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            return work(connection)

    async def run() -> T:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            return await connection.run_sync(work)

    return asyncio.run(run())


def _catalog(connection: Connection) -> dict[str, Any]:
    """Everything the database says of its schema, also CHECKs, partial indexes, collations."""
    if connection.dialect.name == "postgresql":
        rows = connection.execute(text(_POSTGRES)).all()
        return {name: told for name, told in rows if not name.startswith("alembic")}
    rows = connection.execute(text(_SQLITE)).all()
    # The order of columns is part of the schema, that of constraints is not. A column that came
    # by ALTER TABLE stands behind them all, on the line of the last one.
    lines = {
        name: [
            line.strip().rstrip(",")
            for line in re.sub(r", (?=\w+ [A-Z]+ DEFAULT)", "\n", told).splitlines()
            if line.strip()
        ]
        for name, told in rows
    }
    return {
        name: [n for n in told if "CONSTRAINT" not in n]
        + sorted(n for n in told if "CONSTRAINT" in n)
        for name, told in lines.items()
    }


def test_the_migrated_schema_is_the_one_in_the_code(ready: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        on_sqlite = connection.dialect.name == "sqlite"

        # FTS5 keeps its index in tables of its own, and is there instead of the other one.
        def ours(_: object, name: str | None, *__: object) -> bool:
            named = name or ""
            return not (on_sqlite and named.startswith(("search_fts", "ix_search_grams")))

        options = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    assert _on(ready, differences) == []


def test_also_what_alembic_does_not_compare_is_the_same(ready: str) -> None:
    migrated = _on(ready, _catalog)

    def again(connection: Connection) -> None:
        metadata.drop_all(connection)
        metadata.create_all(connection)

    _on(ready, again)
    assert migrated == _on(ready, _catalog)
    assert len(migrated) > 10


def test_migrate_says_what_it_did(url: str) -> None:
    assert current_revision(url) is None
    applied = migrate(url)
    assert applied[0] == "0001"
    assert applied[-1] == current_revision(url) == newest_revision()
    assert migrate(url) == []


async def test_what_was_written_before_the_desk_is_there_and_found(url: str) -> None:
    """From 0004, the last one without people and a desk, with rows in its tables."""
    many = [draft(f"d{number:04}", body="Many", text=f"Many {number}") for number in range(1001)]
    old = [full_entry(), public("e2", 2, headline="Second"), *many]
    before: dict[Table, list[Any]] = {
        blogs: [full_blog()],
        entries: old,
        days: [full_day()],
        revisions: [revision("e1", 1), revision("e1", 5)],
        replays: [answer("key")],
        outbox: list(deliveries(("purge",), full_blog(), [(Subject("blog"), Seq(7))], NOON)),
        tokens: [Token("t1", "desk", "d" * 64, "write", NOON, BLOG)],
        subscriptions: [Subscription("s1", BLOG, "https://p.example/1", "k", "a", NOON)],
        notices: [Notice("s1", EntryId("e2"), NOON, NOON)],
    }

    def fill(connection: Connection) -> None:
        config = upgrade._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")
        for table, rows in before.items():
            values = [asdict(row) for row in rows]
            for row in values:
                row.pop("embargo", None)
            connection.execute(insert(table), values)

    await asyncio.to_thread(_on, url, fill)
    assert (await asyncio.to_thread(migrate, url))[0] == "0005"

    def look(connection: Connection) -> dict[str, str]:
        for table, rows in before.items():
            kept = [tuple(row) for row in connection.execute(select(table))]
            assert sorted(kept, key=str) == sorted(map(astuple, rows), key=str), table.name
        found = connection.execute(select(search.c.entry_id, search.c.text))
        return {row.entry_id: row.text for row in found}

    words = await asyncio.to_thread(_on, url, look)
    assert words == {entry.id: searched(searched_words(entry)) for entry in old}
    store = await open_store(url)

    def found(query: str) -> Callable[[Tx], list[str]]:
        wanted = Wanted(terms=tuple(terms(query)))
        return lambda tx: [one.id for one in tx.desk_entries(BLOG, wanted)]

    try:
        assert await store.read(found("second")) == ["e2"]
        assert await store.read(found("trainerin agentur")) == ["e1"]
        assert await store.read(found("many 1000")) == ["d1000"]
    finally:
        await store.close()


async def test_what_media_took_before_there_was_a_quota_is_counted(url: str) -> None:
    medium = Medium(
        id=MediumId("m1"), blog_id=BLOG, state="ready", created_at=NOON, due_at=None, by="p1",
        name="a.jpg", original="image/jpeg", bytes=2**40, file="9.jpg", type="image/jpeg",
        width=9, height=6,
    )  # fmt: skip

    def fill(connection: Connection) -> None:
        config = upgrade._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        connection.execute(insert(blogs), [asdict(full_blog())])
        row = asdict(medium)
        row.pop("stored")
        connection.execute(insert(media), [row])

    await asyncio.to_thread(_on, url, fill)
    assert (await asyncio.to_thread(migrate, url))[0] == "0013"
    store = await open_store(url)
    try:
        assert await store.read(lambda tx: tx.medium(medium.id)) == replace(medium, stored=2**40)
        assert await store.read(lambda tx: tx.media_used("p1", NOON.date())) == Used(0, 0, 2**40)
    finally:
        await store.close()


def test_a_sqlite_that_cannot_search_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upgrade, "TRIGRAMS", "CREATE VIRTUAL TABLE probe USING fts4711(text)")
    with pytest.raises(ConfigError, match=r"SQLite 3\.34 or newer, or PostgreSQL"):
        migrate(f"sqlite:///{tmp_path}/liveblog.db")
    assert os.listdir(tmp_path) == []


async def test_a_database_without_tables_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="run liveblog migrate"):
        await open_store(url)
    assert os.listdir(tmp_path) == []  # asking does not make the file


async def test_an_older_and_a_newer_schema_are_refused(
    ready: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mark(revision: str) -> Callable[[Connection], Any]:
        return lambda c: c.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))

    with monkeypatch.context() as patch:
        patch.setattr(upgrade, "newest_revision", lambda: "9998")
        with pytest.raises(ConfigError, match="needs 9998: run liveblog migrate"):
            await open_store(ready)
    await asyncio.to_thread(_on, ready, mark("9999"))
    with pytest.raises(ConfigError, match="newer Liveblog"):
        await open_store(ready)
    with pytest.raises(ConfigError, match="newer Liveblog"):
        migrate(ready)


def test_a_step_that_fails_leaves_the_database_as_it_was(url: str) -> None:
    if url.startswith("sqlite"):
        _on(url, lambda c: c.execute(text("PRAGMA journal_mode=WAL")))
    # The last table but one stands in the way.
    _on(url, lambda c: c.execute(text("CREATE TABLE replays (id INTEGER)")))
    with pytest.raises(Exception, match="replays"):
        migrate(url)
    assert current_revision(url) is None
    _on(url, lambda c: c.execute(text("DROP TABLE replays")))
    assert migrate(url)[0] == "0001"


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "liveblog.db"
    file.write_text("no database " * 100)
    for ask in (migrate, current_revision):
        with pytest.raises(ConfigError, match="not a SQLite database"):
            ask(f"sqlite:///{file}")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="folder"):
        migrate(f"sqlite:///{tmp_path}/no/liveblog.db")


async def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreBusy, match="cannot be reached"):
        await open_store(f"postgresql://u:secret@/db?host={tmp_path}")


def test_a_database_that_refuses_us_is_a_wrong_setting(postgres_url: str) -> None:
    for wrong in (postgres_url.replace("postgres@", "u:secret@"), postgres_url + "&nonsense=1"):
        with pytest.raises(ConfigError) as caught:
            current_revision(wrong)
        assert "secret" not in str(caught.value)
