"""Who may come in: people, services, and what lets them."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from liveblog.store.columns import WORD, Moment
from liveblog.store.tables import metadata
from liveblog.store.tables.blogs import blogs

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
