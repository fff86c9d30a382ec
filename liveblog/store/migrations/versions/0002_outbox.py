"""The outbox: whom to tell of a change."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outbox",
        sa.Column("id", WORD, nullable=False),
        sa.Column("destination", WORD, nullable=False),
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", MOMENT),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_outbox_blog_id"),
    )
    op.create_index("ix_outbox_due", "outbox", ["destination", "due_at", "id"])


def downgrade() -> None:
    """Drop it, and whatever was still to be told."""
    op.drop_table("outbox")
