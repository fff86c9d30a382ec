"""Embed cards: what other sites say of their pages."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "embed_cards",
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("url", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("provider", WORD, nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("author", sa.Text()),
        sa.Column("thumbnail", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.PrimaryKeyConstraint("blog_id", "url", name="pk_embed_cards"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_embed_cards_blog_id"),
        # What waits for the worker, and nothing else, has a time at which it is due.
        sa.CheckConstraint(
            "(due_at IS NOT NULL) = (state = 'pending')", name=op.f("ck_embed_cards_due")
        ),
    )
    op.create_index(
        "ix_embed_cards_due",
        "embed_cards",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_embed_cards_asked", "embed_cards", ["asked_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("embed_cards")
