"""The words by which the desk finds entries, and an index of them on each engine.

The folded text (``liveblog/text/search.py``) lies in a table of its own. SQLite has an FTS5
index of trigrams over it, kept by triggers; PostgreSQL a GIN index of the same grams, which are
made here. Neither needs an extension, and neither depends on the locale of the database, which
``pg_trgm`` does: with the locale C it sees no letter outside ASCII. The index names candidates,
and the text then says whether the term is in it.
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    DDL,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    Text,
    bindparam,
    column,
    event,
    insert,
    literal_column,
    select,
    table,
    update,
)

from liveblog.model.entry import Entry, searched_words
from liveblog.store.columns import WORD
from liveblog.store.tables import metadata
from liveblog.store.tables.entries import entries
from liveblog.text.search import grams, searched
from liveblog.types import BlogId

PENDING_KIB = 512
"""KiB that PostgreSQL collects before it sorts them into the index: a write that has to do it
takes some tens of milliseconds more, all the others save one."""

search = Table(
    "search",
    metadata,
    # A number of its own: SQLite's hidden one may change when the file is vacuumed.
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("entry_id", WORD, ForeignKey(entries.c.id), nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("grams", ARRAY(Text(collation="C")).with_variant(Text, "sqlite")),
)
Index(
    "ix_search_grams",
    search.c.grams,
    postgresql_using="gin",
    postgresql_with={"gin_pending_list_limit": PENDING_KIB},
).ddl_if(dialect="postgresql")

FTS = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(text, content='search', content_rowid='id',"
    " tokenize='trigram case_sensitive 1', detail='none', columnsize=0)",
    "CREATE TRIGGER search_added AFTER INSERT ON search BEGIN"
    " INSERT INTO search_fts(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER search_changed AFTER UPDATE OF text ON search BEGIN"
    " INSERT INTO search_fts(search_fts, rowid, text) VALUES ('delete', old.id, old.text);"
    " INSERT INTO search_fts(rowid, text) VALUES (new.id, new.text); END",
    "CREATE TRIGGER search_gone AFTER DELETE ON search BEGIN"
    " INSERT INTO search_fts(search_fts, rowid, text) VALUES ('delete', old.id, old.text); END",
)
"""The index of SQLite: it keeps no text and no places, so it is small and quick to write."""


def _on_sqlite(when: str, statement: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]
    event.listen(search, when, ddl.execute_if(dialect="sqlite"))


for _statement in FTS:
    _on_sqlite("after_create", _statement)
_on_sqlite("before_drop", "DROP TABLE IF EXISTS search_fts")

INSERT_WORDS = insert(search)
INSERT_ON_SQLITE = "INSERT INTO search (entry_id, text) VALUES (?, ?)"
SAVE_WORDS = (
    update(search)
    .where(search.c.entry_id == bindparam("key", type_=WORD))
    .values({name: bindparam(name, type_=search.c[name].type) for name in ("text", "grams")})
)
_FTS = table("search_fts", column("rowid"))


def index_words(connection: Connection, entry: Entry, *, new: bool) -> None:
    """Write the row of an entry; the index follows.

    :param new: there is none yet.
    """
    text = searched(searched_words(entry))
    if new and connection.dialect.name == "sqlite":
        # Each new entry passes here; by hand it takes half the time.
        connection.exec_driver_sql(INSERT_ON_SQLITE, (entry.id, text))
        return
    values: dict[str, Any] = {"text": text, "grams": None}
    if connection.dialect.name == "postgresql":
        values["grams"] = [*grams(text), _of(entry.blog_id)]
    if new:
        connection.execute(INSERT_WORDS, values | {"entry_id": entry.id})
    else:
        connection.execute(SAVE_WORDS, values | {"key": entry.id})


def found(dialect: str, blog_id: BlogId, terms: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether an entry has all the terms, of which there is one at least."""
    wanted = sorted(set().union(*map(grams, terms)))
    rows: Select[Any] = select(search.c.entry_id)
    if dialect == "postgresql":
        all_of = bindparam("grams", [*wanted, _of(blog_id)], type_=search.c.grams.type)
        rows = rows.where(search.c.grams.op("@>")(all_of))
    else:
        match = " AND ".join(f'"{gram}"' for gram in wanted)
        hit = literal_column("search_fts").op("MATCH")(match)
        rows = rows.where(search.c.id.in_(select(_FTS.c.rowid).where(hit)))
    # Nothing in a term means anything to LIKE: punctuation is not searched for.
    return entries.c.id.in_(rows.where(*(search.c.text.contains(term) for term in terms)))


def _of(blog_id: BlogId) -> str:
    """What stands for the blog among the grams, so that PostgreSQL passes over all others."""
    return f"blog:{blog_id}"
