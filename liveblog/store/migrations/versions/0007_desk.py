"""The desk: lists of entries in every state, and what editors tell each other."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the indexes and the table."""
    partial("ix_entries_unseen", ["blog_id", "state", "updated_at", "id"], "ordinal IS NULL")
    partial("ix_entries_retracted", ["blog_id", "retracted_at", "id"], "state = 'retracted'")
    op.create_index("ix_entries_by", "entries", ["blog_id", "by", "state"])
    op.create_table(
        "desks",
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("hand_over", sa.Text(), nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("at", MOMENT),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("blog_id", name="pk_desks"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_desks_blog_id"),
    )


def partial(name: str, columns: list[str], condition: str) -> None:
    """An index of those entries only."""
    where = sa.text(condition)
    op.create_index(name, "entries", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop them, and the notes that were handed over."""
    op.drop_table("desks")
    for name in ("ix_entries_by", "ix_entries_retracted", "ix_entries_unseen"):
        op.drop_index(name, "entries")
