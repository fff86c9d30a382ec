"""The desk's lists of what is unseen, and of what somebody published, in order."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UNSEEN = sa.text("ordinal IS NULL")


def upgrade() -> None:
    """Make the two indexes anew, with the columns that they are read by."""
    replace(["blog_id", "ordinal", "state", "updated_at", "id"], ["published_at", "id"])


def downgrade() -> None:
    """Make them as they were."""
    replace(["blog_id", "state", "updated_at", "id"], [])


def replace(unseen: list[str], by: list[str]) -> None:
    """Make both indexes of these columns; ``by`` are those behind the author and the state."""
    op.drop_index("ix_entries_unseen", "entries")
    op.drop_index("ix_entries_by", "entries")
    op.create_index(
        "ix_entries_unseen", "entries", unseen, sqlite_where=UNSEEN, postgresql_where=UNSEEN
    )
    op.create_index("ix_entries_by", "entries", ["blog_id", "by", "state", *by])
