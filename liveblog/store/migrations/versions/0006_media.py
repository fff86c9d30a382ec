"""Media: what was uploaded to a blog, and which entry shows it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "media",
        sa.Column("id", WORD, nullable=False),
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("by", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("original", WORD, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("file", WORD, nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("proposed", sa.Text(), nullable=False),
        sa.Column("renditions", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_media_blog_id"),
        # What waits for the worker, and nothing else, has a time at which it is due.
        sa.CheckConstraint(
            "(due_at IS NOT NULL) = (state IN ('processing', 'deleted'))",
            name=op.f("ck_media_due"),
        ),
    )
    op.create_index("ix_media_blog", "media", ["blog_id", "id"])
    op.create_index(
        "ix_media_due",
        "media",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "media_uses",
        sa.Column("entry_id", WORD, nullable=False),
        sa.Column("medium_id", WORD, nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "medium_id", name="pk_media_uses"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_media_uses_entry_id"),
        sa.ForeignKeyConstraint(["medium_id"], ["media.id"], name="fk_media_uses_medium_id"),
    )
    op.create_index("ix_media_uses_medium", "media_uses", ["medium_id"])


def downgrade() -> None:
    """Drop them; the files stay where they are."""
    op.drop_table("media_uses")
    op.drop_table("media")
