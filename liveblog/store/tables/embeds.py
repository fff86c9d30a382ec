"""Cards of other sites' pages."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from liveblog.store.columns import WORD, Moment
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs

embed_cards = Table(
    "embed_cards",
    metadata,
    Column("blog_id", WORD, ForeignKey(blogs.c.id), primary_key=True),
    Column("url", WORD, primary_key=True),
    Column("state", WORD, nullable=False),
    Column("by", WORD, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("provider", WORD, nullable=False),
    Column("title", Text),
    Column("author", Text),
    Column("thumbnail", Text),
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("claimed_until", Moment),
    # What waits for the worker, and nothing else, has a time at which it is due.
    CheckConstraint("(due_at IS NOT NULL) = (state = 'pending')", name="due"),
)
CARD_DUE = embed_cards.c.due_at.is_not(None)
Index("ix_embed_cards_due", embed_cards.c.due_at, sqlite_where=CARD_DUE, postgresql_where=CARD_DUE)
Index("ix_embed_cards_asked", embed_cards.c.asked_at)
