"""The tables. A column is called like the field of the Struct it keeps, in the same order.

So ``Entry(*row)`` is the way back, and a unit test holds the two together. Every list the
contract promises has an index that gives it in order, whatever the size of the blog; the
partial ones hold only what their question is about, so that a write pays for little. The
CHECKs are laws of the model that a mistake above must not get past.

Changing a table means a new file in ``migrations/versions``, by hand; a test compares the
migrated schema with this one on both engines.
"""

from typing import Any

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnClause,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    literal_column,
)

from liveblog.model.blog import Blog
from liveblog.model.day import Day, DayItem
from liveblog.model.desk import Desk
from liveblog.model.embed import EmbedCard
from liveblog.model.entry import (
    Byline,
    Edit,
    Embed,
    Entry,
    Media,
    Quote,
    Rendition,
    RevisionRow,
    Source,
)
from liveblog.model.media import MediaUse, Medium, Proposed
from liveblog.model.people import Invitation, Membership, Person, Session
from liveblog.model.permissions import Token
from liveblog.model.push import Notice, Subscription
from liveblog.model.receipt import Receipt
from liveblog.store.columns import WORD, Date, Json, Moment
from liveblog.store.contract import Delivery, Replay

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

SCHEDULED: ColumnClause[Any] = literal_column("'scheduled'")
"""Written into the statement, not bound: a partial index is only used for a literal."""

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
    "ix_entries_by",
    entries.c.blog_id,
    entries.c.by,
    entries.c.state,
    entries.c.published_at,
    entries.c.id,
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

tokens = Table(
    "tokens",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", WORD, nullable=False),
    Column("scope", WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("blog_id", WORD, ForeignKey(blogs.c.id)),
    Column("revoked_at", Moment),
)

people = Table(
    "people",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("email", WORD, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("role", WORD),
    Column("password", WORD),
    Column("disabled_at", Moment),
)

memberships = Table(
    "memberships",
    metadata,
    Column("blog_id", WORD, ForeignKey(blogs.c.id), primary_key=True),
    Column("person_id", WORD, ForeignKey(people.c.id), primary_key=True),
    Column("role", WORD, nullable=False),
)
Index("ix_memberships_person", memberships.c.person_id)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", WORD, primary_key=True),
    Column("person_id", WORD, ForeignKey(people.c.id), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
)
Index("ix_sessions_person", sessions.c.person_id)
Index("ix_sessions_expires", sessions.c.expires_at)

invitations = Table(
    "invitations",
    metadata,
    Column("id", WORD, primary_key=True),
    Column("digest", WORD, nullable=False, unique=True),
    Column("email", WORD, nullable=False),
    Column("by", WORD, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("role", WORD),
    Column("blog_id", WORD, ForeignKey(blogs.c.id)),
    Column("person_id", WORD, ForeignKey(people.c.id)),
)
Index("ix_invitations_email", invitations.c.email)
Index("ix_invitations_expires", invitations.c.expires_at)

desks = Table(
    "desks",
    metadata,
    Column("blog_id", WORD, ForeignKey(blogs.c.id), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("hand_over", Text, nullable=False),
    Column("by", WORD, nullable=False),
    Column("at", Moment),
    Column("duty", Json(tuple[Byline, ...]), nullable=False),
)

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
    # What waits for the worker, and nothing else, has a time at which it is due.
    CheckConstraint("(due_at IS NOT NULL) = (state IN ('processing', 'deleted'))", name="due"),
)
MEDIUM_DUE = media.c.due_at.is_not(None)
Index("ix_media_blog", media.c.blog_id, media.c.id)
Index("ix_media_due", media.c.due_at, sqlite_where=MEDIUM_DUE, postgresql_where=MEDIUM_DUE)

media_uses = Table(
    "media_uses",
    metadata,
    Column("entry_id", WORD, ForeignKey(entries.c.id), primary_key=True),
    Column("medium_id", WORD, ForeignKey(media.c.id), primary_key=True),
    Column("standing", Boolean, nullable=False),
    Column("words", Text, nullable=False),
)
Index("ix_media_uses_medium", media_uses.c.medium_id)

receipts = Table(
    "receipts",
    metadata,
    Column("entry_id", WORD, ForeignKey(entries.c.id), primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("process", WORD, primary_key=True),
    Column("readers", Integer, nullable=False),
    Column("ms", Integer, nullable=False),
)

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

KEPT: dict[Table, type[Struct]] = {
    blogs: Blog,
    entries: Entry,
    days: Day,
    revisions: RevisionRow,
    replays: Replay,
    outbox: Delivery,
    tokens: Token,
    people: Person,
    memberships: Membership,
    sessions: Session,
    invitations: Invitation,
    desks: Desk,
    subscriptions: Subscription,
    notices: Notice,
    media: Medium,
    media_uses: MediaUse,
    receipts: Receipt,
    embed_cards: EmbedCard,
}
"""Which Struct a table keeps, field by field."""
