"""Revisions and their content."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "content",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("nquads", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("graph", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("content.digest"), nullable=False),
        sa.Column("origin_digest", sa.String(64)),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("revision.version")),
        sqlite_autoincrement=True,
    )
    op.create_index("revision_by_graph", "revision", ["graph", "version"])
