"""The first tables: blogs, entries, days, revisions, changes, replays and tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

# Bytewise order on both engines, whatever the locale of the PostgreSQL cluster.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
# Microseconds since 1970.
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables."""
    _blogs()
    _entries()
    _indexes_of_entries()
    _days()
    _revisions()
    _changes()
    _replays()
    _tokens()


def _blogs() -> None:
    op.create_table(
        "blogs",
        sa.Column("id", WORD, nullable=False),
        sa.Column("slug", WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("epoch", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("standfirst", sa.Text(), nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("visibility", WORD, nullable=False),
        sa.Column("lang", WORD, nullable=False),
        sa.Column("dir", WORD, nullable=False),
        sa.Column("time_zone", WORD, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("latest_at", MOMENT),
        sa.Column("pinned", WORD),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_blogs"),
        sa.UniqueConstraint("slug", name="uq_blogs_slug"),
    )


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", WORD, nullable=False),
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("change", WORD),
        sa.Column("changed_at", MOMENT),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer()),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("headline", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", WORD),
        sa.Column("dir", WORD),
        sa.Column("key", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("breaking", sa.Boolean(), nullable=False),
        sa.Column("card", sa.Boolean(), nullable=False),
        sa.Column("quote", sa.Text()),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("embed", sa.Text()),
        sa.Column("bylines", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("publish_at", MOMENT),
        sa.Column("published_at", MOMENT),
        sa.Column("updated_at", MOMENT),
        sa.Column("retracted_at", MOMENT),
        sa.Column("note", sa.Text()),
        sa.Column("edit", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_entries_blog_id"),
        sa.UniqueConstraint("blog_id", "ordinal", name="uq_entries_blog_id_ordinal"),
        sa.CheckConstraint(
            "ordinal IS NULL OR (seq > 0 AND change IS NOT NULL"
            " AND changed_at IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_entries_public"),
        ),
        sa.CheckConstraint("seq = 0 OR ordinal IS NOT NULL", name=op.f("ck_entries_unseen")),
    )


def _indexes_of_entries() -> None:
    op.create_index("ix_entries_seq", "entries", ["blog_id", "seq"])
    op.create_index(
        "ix_entries_place",
        "entries",
        ["blog_id", "published_at", "id"],
        sqlite_where=sa.text("ordinal IS NOT NULL"),
        postgresql_where=sa.text("ordinal IS NOT NULL"),
    )
    op.create_index(
        "ix_entries_key",
        "entries",
        ["blog_id", "published_at", "id"],
        sqlite_where=sa.text('"key" IS 1'),
        postgresql_where=sa.text("key IS true"),
    )
    op.create_index(
        "ix_entries_due",
        "entries",
        ["publish_at", "id"],
        sqlite_where=sa.text("state = 'scheduled'"),
        postgresql_where=sa.text("state = 'scheduled'"),
    )


def _days() -> None:
    op.create_table(
        "days",
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("date", WORD, nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.Column("order", sa.Text(), nullable=False),
        sa.Column("reworded", sa.Text(), nullable=False),
        sa.Column("dropped", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("blog_id", "date", name="pk_days"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_days_blog_id"),
        sa.CheckConstraint("seq = 0 OR changed_at IS NOT NULL", name=op.f("ck_days_public")),
    )
    op.create_index("ix_days_seq", "days", ["blog_id", "seq"])
    op.create_index(
        "ix_days_open",
        "days",
        ["blog_id", "date"],
        sqlite_where=sa.text("settled IS 0"),
        postgresql_where=sa.text("settled IS false"),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("entry_id", WORD, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("headline", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("edit", sa.Text()),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "revision", name="pk_revisions"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_revisions_entry_id"),
    )


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.PrimaryKeyConstraint("blog_id", "seq", name="pk_changes"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_changes_blog_id"),
    )


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("scope", WORD, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_replays"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_replays_blog_id"),
    )
    op.create_index("ix_replays_at", "replays", ["at"])


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("scope", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("blog_id", WORD),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_tokens_blog_id"),
    )


def downgrade() -> None:
    """Drop the tables, and everything in them."""
    for table in ("tokens", "replays", "changes", "revisions", "days", "entries", "blogs"):
        op.drop_table(table)
