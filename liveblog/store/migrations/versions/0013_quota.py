"""What media take: the bytes of all files of each, and what somebody uploaded on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make them. Of what was uploaded before, only the originals are counted."""
    op.add_column(
        "media", sa.Column("stored", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.execute(sa.text("UPDATE media SET stored = bytes"))
    op.create_index("ix_media_stored", "media", ["stored"])
    op.create_table(
        "upload_days",
        sa.Column("by", WORD, nullable=False),
        sa.Column("date", WORD, nullable=False),
        sa.Column("uploads", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("by", "date", name="pk_upload_days"),
    )
    op.create_index("ix_upload_days_date", "upload_days", ["date"])


def downgrade() -> None:
    """Forget them."""
    op.drop_table("upload_days")
    op.drop_index("ix_media_stored", "media")
    op.drop_column("media", "stored")
