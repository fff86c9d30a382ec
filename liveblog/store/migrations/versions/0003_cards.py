"""The news feed: cards of all blogs, newest first."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_entries_card",
        "entries",
        ["published_at", "id"],
        sqlite_where=sa.text("card IS 1"),
        postgresql_where=sa.text("card IS true"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_entries_card", "entries")
