"""A blog, its days, its log, and what is to be told of it."""

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
)

from liveblog.model.day import DayItem
from liveblog.store.columns import WORD, Date, Json, Moment
from liveblog.store.tables import metadata

blogs = Table(
    "blogs",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("slug", WORD, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("epoch", WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("headline", Text, nullable=False),
    Column("standfirst", Text, nullable=False),
    Column("status", WORD, nullable=False),
    Column("visibility", WORD, nullable=False),
    Column("lang", WORD, nullable=False),
    Column("dir", WORD, nullable=False),
    Column("time_zone", WORD, nullable=False),
    Column("count", Integer, nullable=False),
    Column("latest_at", Moment),
    Column("pinned", WORD),
    Column("demo", Boolean, nullable=False),
)

days = Table(
    "days",
    metadata,
    Column("blog_id", WORD, ForeignKey(blogs.c.id), primary_key=True),
    Column("date", Date, primary_key=True),
    Column("title", Text),
    Column("items", Json(tuple[DayItem, ...]), nullable=False),
    Column("frozen", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("members", Json(tuple[str, ...]), nullable=False),
    Column("order", Json(tuple[str, ...]), nullable=False),
    Column("reworded", Json(dict[str, str]), nullable=False),
    Column("dropped", Json(tuple[str, ...]), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("changed_at", Moment),
    CheckConstraint("seq = 0 OR changed_at IS NOT NULL", name="public"),
)
OPEN = days.c.settled.is_(False)
Index("ix_days_seq", days.c.blog_id, days.c.seq)
Index("ix_days_open", days.c.blog_id, days.c.date, sqlite_where=OPEN, postgresql_where=OPEN)

changes = Table(
    "changes",
    metadata,
    Column("blog_id", WORD, ForeignKey(blogs.c.id), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("type", WORD, nullable=False),
    Column("subject", WORD, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", WORD, nullable=False),
)

replays = Table(
    "replays",
    metadata,
    Column("scope", WORD, primary_key=True),
    Column("key", WORD, primary_key=True),
    Column("digest", WORD, nullable=False),
    Column("status", Integer, nullable=False),
    Column("blog_id", WORD, ForeignKey(blogs.c.id), nullable=False),
    Column("subject", WORD, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("ix_replays_at", replays.c.at)

outbox = Table(
    "outbox",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("destination", WORD, nullable=False),
    Column("blog_id", WORD, ForeignKey(blogs.c.id), nullable=False),
    Column("subject", WORD, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_until", Moment),
    Column("error", Text),
)
Index("ix_outbox_due", outbox.c.destination, outbox.c.due_at, outbox.c.id)
