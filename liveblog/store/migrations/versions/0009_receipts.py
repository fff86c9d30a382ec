"""Receipts: to how many readers an entry was written, and how soon."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "receipts",
        sa.Column("entry_id", WORD, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("process", WORD, nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "revision", "process", name="pk_receipts"),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name="fk_receipts_entry_id"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("receipts")
