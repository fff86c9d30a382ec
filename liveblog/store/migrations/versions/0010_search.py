"""Search at the desk: the words of every entry, and an index of them."""

from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from liveblog.text.search import grams, searched

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
GRAMS = sa.ARRAY(sa.Text(collation="C")).with_variant(sa.Text(), "sqlite")
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
BATCH = 500
"""Entries that are in memory at once."""


def upgrade() -> None:
    """Make the table and the index, and put in what was written until now."""
    op.create_table(
        "search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", WORD, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("grams", GRAMS),
        sa.PrimaryKeyConstraint("id", name="pk_search"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_search_entry_id"),
        sa.UniqueConstraint("entry_id", name="uq_search_entry_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        fill()
        op.create_index(
            "ix_search_grams",
            "search",
            ["grams"],
            postgresql_using="gin",
            postgresql_with={"gin_pending_list_limit": 512},
        )
        return
    for statement in FTS:
        op.execute(statement)
    fill()


def fill() -> None:
    """The words of all entries, some hundred at a time."""
    connection = op.get_bind()
    search = sa.table("search", sa.column("entry_id"), sa.column("text"), sa.column("grams", GRAMS))
    after = ""
    while rows := connection.execute(
        sa.text(
            "SELECT id, blog_id, headline, text, quote, media, tags FROM entries"
            " WHERE id > :after ORDER BY id LIMIT :limit"
        ),
        {"after": after, "limit": BATCH},
    ).all():
        after = rows[-1].id
        made = []
        for row in rows:
            text = searched(words(row))
            made.append({"entry_id": row.id, "text": text, "grams": None})
            if connection.dialect.name == "postgresql":
                made[-1]["grams"] = [*grams(text), f"blog:{row.blog_id}"]
        connection.execute(sa.insert(search), made)


def words(row: Any) -> Iterator[str]:
    """What an entry is found by: headline, quote, captions and credits, text, tags."""
    yield row.headline or ""
    yield "\n".join(filter(None, (*said(row), row.text)))
    yield from msgspec.json.decode(row.tags)


def said(row: Any) -> Iterator[str | None]:
    """The words of a quote and of media."""
    if row.quote:
        quote = msgspec.json.decode(row.quote)
        yield from (quote.get(name) for name in ("text", "speaker", "role", "occasion"))
    for medium in msgspec.json.decode(row.media):
        yield from (medium.get("caption"), medium.get("credit"))


def downgrade() -> None:
    """Drop them."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    op.drop_table("search")
