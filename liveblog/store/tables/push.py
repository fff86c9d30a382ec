"""Who wants push messages, and which are on their way."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, UniqueConstraint

from liveblog.store.columns import WORD, Moment
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs
from liveblog.store.tables.entries import entries

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("blog_id", WORD, ForeignKey(blogs.c.id), nullable=False),
    Column("endpoint", WORD, nullable=False),
    Column("p256dh", WORD, nullable=False),
    Column("auth", WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    UniqueConstraint("blog_id", "endpoint"),
)

notices = Table(
    "notices",
    metadata,
    Column(
        "subscription_id",
        WORD,
        ForeignKey(subscriptions.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("entry_id", WORD, ForeignKey(entries.c.id), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("claimed_until", Moment),
    Column("told", WORD),
)
DUE = notices.c.due_at.is_not(None)
Index("ix_notices_due", notices.c.due_at, sqlite_where=DUE, postgresql_where=DUE)
Index("ix_notices_entry", notices.c.entry_id)
Index("ix_notices_at", notices.c.at)
