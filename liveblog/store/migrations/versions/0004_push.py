"""Web push: who is subscribed to a blog, and of what they are to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "subscriptions",
        sa.Column("id", WORD, nullable=False),
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("endpoint", WORD, nullable=False),
        sa.Column("p256dh", WORD, nullable=False),
        sa.Column("auth", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_subscriptions_blog_id"),
        sa.UniqueConstraint("blog_id", "endpoint", name="uq_subscriptions_blog_id_endpoint"),
    )
    op.create_table(
        "notices",
        sa.Column("subscription_id", WORD, nullable=False),
        sa.Column("entry_id", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("told", WORD),
        sa.PrimaryKeyConstraint("subscription_id", "entry_id", name="pk_notices"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name="fk_notices_subscription_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_notices_entry_id"),
    )
    op.create_index(
        "ix_notices_due",
        "notices",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_notices_entry", "notices", ["entry_id"])
    op.create_index("ix_notices_at", "notices", ["at"])


def downgrade() -> None:
    """Drop them, and with them who wanted to be told."""
    op.drop_table("notices")
    op.drop_table("subscriptions")
