"""People: who works here, in which role, who is signed in and who is invited."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "people",
        sa.Column("id", WORD, nullable=False),
        sa.Column("email", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("role", WORD),
        sa.Column("password", WORD),
        sa.Column("disabled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("email", name="uq_people_email"),
    )
    op.create_table(
        "memberships",
        sa.Column("blog_id", WORD, nullable=False),
        sa.Column("person_id", WORD, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.PrimaryKeyConstraint("blog_id", "person_id", name="pk_memberships"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_memberships_blog_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_memberships_person_id"),
    )
    op.create_index("ix_memberships_person", "memberships", ["person_id"])
    op.create_table(
        "sessions",
        sa.Column("digest", WORD, nullable=False),
        sa.Column("person_id", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person_id"])
    op.create_index("ix_sessions_expires", "sessions", ["expires_at"])
    op.create_table(
        "invitations",
        sa.Column("id", WORD, nullable=False),
        sa.Column("digest", WORD, nullable=False),
        sa.Column("email", WORD, nullable=False),
        sa.Column("by", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("role", WORD),
        sa.Column("blog_id", WORD),
        sa.Column("person_id", WORD),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("digest", name="uq_invitations_digest"),
        sa.ForeignKeyConstraint(["blog_id"], ["blogs.id"], name="fk_invitations_blog_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_invitations_person_id"),
    )
    op.create_index("ix_invitations_email", "invitations", ["email"])
    op.create_index("ix_invitations_expires", "invitations", ["expires_at"])


def downgrade() -> None:
    """Drop them: nobody can sign in any more."""
    for table in ("invitations", "sessions", "memberships", "people"):
        op.drop_table(table)
