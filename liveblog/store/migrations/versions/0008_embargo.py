"""Embargoes: entries that nobody may publish before their time."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; nothing is under embargo yet."""
    op.add_column(
        "entries", sa.Column("embargo", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Drop it: what was under embargo stays scheduled."""
    op.drop_column("entries", "embargo")
