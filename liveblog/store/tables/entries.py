"""The entries of a blog, their earlier wordings, and the order in which lists are asked for."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnClause,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from liveblog.model.entry import Byline, Edit, Embed, Media, Quote, Source
from liveblog.store.columns import WORD, Json, Moment
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs

SCHEDULED: ColumnClause[Any] = literal_column("'scheduled'")
"""Written into the statement, not bound: a partial index is only used for a literal."""

entries = Table(
    "entries",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("blog_id", WORD, ForeignKey(blogs.c.id), nullable=False),
    Column("state", WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("by", WORD, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("change", WORD),
    Column("changed_at", Moment),
    Column("revision", Integer, nullable=False),
    Column("ordinal", Integer),
    Column("kind", WORD, nullable=False),
    Column("headline", Text),
    Column("body", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("lang", WORD),
    Column("dir", WORD),
    Column("key", Boolean, nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("breaking", Boolean, nullable=False),
    Column("card", Boolean, nullable=False),
    Column("quote", Json(Quote)),
    Column("media", Json(tuple[Media, ...]), nullable=False),
    Column("embed", Json(Embed)),
    Column("bylines", Json(tuple[Byline, ...]), nullable=False),
    Column("tags", Json(tuple[str, ...]), nullable=False),
    Column("sources", Json(tuple[Source, ...]), nullable=False),
    Column("publish_at", Moment),
    Column("published_at", Moment),
    Column("updated_at", Moment),
    Column("retracted_at", Moment),
    Column("note", Text),
    Column("edit", Json(Edit)),
    Column("embargo", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("blog_id", "ordinal"),
    # What readers may know of has its number, its time and its place.
    CheckConstraint(
        "ordinal IS NULL OR"
        " (seq > 0 AND change IS NOT NULL AND changed_at IS NOT NULL AND published_at IS NOT NULL)",
        name="public",
    ),
    CheckConstraint("seq = 0 OR ordinal IS NOT NULL", name="unseen"),
)
PUBLIC = entries.c.ordinal.is_not(None)
UNSEEN = entries.c.ordinal.is_(None)
"""By readers, ever."""
RETRACTED = entries.c.state == literal_column("'retracted'")
KEY = entries.c.key.is_(True)
CARD = entries.c.card.is_(True)
Index("ix_entries_seq", entries.c.blog_id, entries.c.seq)
Index(
    "ix_entries_place",
    entries.c.blog_id,
    entries.c.published_at,
    entries.c.id,
    sqlite_where=PUBLIC,
    postgresql_where=PUBLIC,
)
Index(
    "ix_entries_key",
    entries.c.blog_id,
    entries.c.published_at,
    entries.c.id,
    sqlite_where=KEY,
    postgresql_where=KEY,
)
Index(
    "ix_entries_card",
    entries.c.published_at,
    entries.c.id,
    sqlite_where=CARD,
    postgresql_where=CARD,
)
Index(
    "ix_entries_due",
    entries.c.publish_at,
    entries.c.id,
    sqlite_where=entries.c.state == SCHEDULED,
    postgresql_where=entries.c.state == SCHEDULED,
)

# The desk: what is on its way, what went, and what somebody wrote.
Index(
    "ix_entries_unseen",
    entries.c.blog_id,
    # Always null here; without it SQLite takes the unique index, which is not in order.
    entries.c.ordinal,
    entries.c.state,
    entries.c.updated_at,
    entries.c.id,
    sqlite_where=UNSEEN,
    postgresql_where=UNSEEN,
)
Index(
    "ix_entries_retracted",
    entries.c.blog_id,
    entries.c.retracted_at,
    entries.c.id,
    sqlite_where=RETRACTED,
    postgresql_where=RETRACTED,
)
Index(
    "ix_entries_kind",
    entries.c.blog_id,
    entries.c.kind,
    entries.c.published_at,
    entries.c.id,
    sqlite_where=PUBLIC,
    postgresql_where=PUBLIC,
)
Index(
    "ix_entries_by",
    entries.c.blog_id,
    entries.c.by,
    entries.c.state,
    entries.c.published_at,
    entries.c.id,
)

revisions = Table(
    "revisions",
    metadata,
    Column("entry_id", WORD, ForeignKey(entries.c.id), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("by", WORD, nullable=False),
    Column("public", Boolean, nullable=False),
    Column("headline", Text),
    Column("body", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("edit", Json(Edit)),
    Column("withheld", Boolean, nullable=False),
)
