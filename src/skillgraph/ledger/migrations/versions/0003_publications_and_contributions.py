"""Publications, each a version of the dataset, chained by digests; accounts and contributions."""

import sqlalchemy as sa
from alembic import op

from skillgraph.ledger.chain import GENESIS, chained

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Gather revisions into publications and create the other tables."""
    op.create_table(
        "publication",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reviewer", sa.Text),
        sa.Column("contribution", sa.String(16)),
        sa.Column("chain", sa.String(64), nullable=False),
    )
    _gather_revisions()
    _create_accounts()
    _create_contributions()


def _gather_revisions() -> None:
    """Give each publication the number of its last revision, which is the version that was seen before.

    Revisions of one transaction bear one time and one author, so those are taken for one publication.
    """
    op.create_table(
        "revision_new",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, sa.ForeignKey("publication.version"), nullable=False),
        sa.Column("graph", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("content.digest"), nullable=False),
        sa.Column("origin_digest", sa.String(64)),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("replaces", sa.Integer, sa.ForeignKey("revision_new.id")),
    )
    connection = op.get_bind()
    before = sa.Table("revision", sa.MetaData(), autoload_with=connection)
    tables = sa.MetaData()
    after = sa.Table("revision_new", tables, autoload_with=connection)
    publication = sa.Table("publication", tables, autoload_with=connection)
    groups: list[list[sa.RowMapping]] = []
    for row in connection.execute(sa.select(before).order_by(before.c.version)).mappings():
        if not groups or any(row[name] != groups[-1][-1][name] for name in ("made_at", "author", "reviewer")):
            groups.append([])
        groups[-1].append(row)
    chain = GENESIS
    for group in groups:
        last = group[-1]
        version = last["version"]
        said = {name: last[name] for name in ("made_at", "author", "reviewer")}
        made = {"version": version, **said, "contribution": None}
        revisions = [
            {
                "id": row["version"],
                "version": version,
                **{name: row[name] for name in ("graph", "digest", "origin_digest", "message", "replaces")},
            }
            for row in group
        ]
        chain = chained(chain, made, revisions)
        connection.execute(publication.insert().values(**made, chain=chain))
        connection.execute(after.insert(), revisions)
    op.drop_table("revision")
    op.rename_table("revision_new", "revision")
    op.create_index("revision_by_graph", "revision", ["graph", "id"])
    op.create_index("revision_by_version", "revision", ["version"])


def _create_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("secret", sa.Text),
        sa.Column("issuer", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.String(32)),
        sa.Column("era", sa.Integer, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("account", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.String(32), nullable=False),
        sa.Column("revoked_at", sa.String(32)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("account", sa.Integer, sa.ForeignKey("account.id")),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def _create_contributions() -> None:
    op.create_table(
        "upload",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "contribution",
        sa.Column("key", sa.String(16), primary_key=True),
        sa.Column("graph", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("account", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("organisation", sa.Text, nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("content.digest")),
        sa.Column("basis", sa.Integer, sa.ForeignKey("revision.id")),
        sa.Column("changed_at", sa.String(32), nullable=False),
    )
    op.create_index("contribution_by_state", "contribution", ["state", "changed_at"])
    op.create_index("contribution_by_graph", "contribution", ["graph"])
    op.create_table(
        "step",
        sa.Column("contribution", sa.String(16), sa.ForeignKey("contribution.key"), primary_key=True),
        sa.Column("serial", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("account", sa.Integer, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("act", sa.String(24), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), sa.ForeignKey("content.digest")),
        sa.Column("upload", sa.String(64), sa.ForeignKey("upload.digest")),
        sa.Column("upload_name", sa.Text),
        sa.Column("report", sa.Text),
        sa.Column("version", sa.Integer, sa.ForeignKey("publication.version")),
    )
    op.create_table(
        "idempotency",
        sa.Column("account", sa.Integer, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("contribution", sa.String(16), sa.ForeignKey("contribution.key"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
