"""Pictures, and which entries use them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from liveblog.model.entry import Rendition
from liveblog.model.media import Proposed
from liveblog.store.columns import WORD, Date, Json, Moment
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs
from liveblog.store.tables.entries import entries

media = Table(
    "media",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("blog_id", WORD, ForeignKey(blogs.c.id), nullable=False),
    Column("state", WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("by", WORD, nullable=False),
    Column("name", Text, nullable=False),
    Column("original", WORD, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("file", WORD, nullable=False),
    Column("type", WORD, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("proposed", Json(Proposed), nullable=False),
    Column("renditions", Json(tuple[Rendition, ...]), nullable=False),
    Column("reason", Text),
    Column("words", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_until", Moment),
    Column("stored", BigInteger, nullable=False, server_default=text("0")),
    # What waits for the worker, and nothing else, has a time at which it is due.
    CheckConstraint("(due_at IS NOT NULL) = (state IN ('processing', 'deleted'))", name="due"),
)
MEDIUM_DUE = media.c.due_at.is_not(None)
Index("ix_media_blog", media.c.blog_id, media.c.id)
Index("ix_media_due", media.c.due_at, sqlite_where=MEDIUM_DUE, postgresql_where=MEDIUM_DUE)
# The sum of all of it is read from here alone.
Index("ix_media_stored", media.c.stored)

upload_days = Table(
    "upload_days",
    metadata,
    Column("by", WORD, primary_key=True),
    Column("date", Date, primary_key=True),
    Column("uploads", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
Index("ix_upload_days_date", upload_days.c.date)

media_uses = Table(
    "media_uses",
    metadata,
    Column("entry_id", WORD, ForeignKey(entries.c.id), primary_key=True),
    Column("medium_id", WORD, ForeignKey(media.c.id), primary_key=True),
    Column("standing", Boolean, nullable=False),
    Column("words", Text, nullable=False),
)
Index("ix_media_uses_medium", media_uses.c.medium_id)
