"""Tables of the ledger."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

MIGRATION: Final = "0003"
"""The newest migration; a test holds it against the migrations folder."""

metadata = MetaData()

content = Table(
    "content",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the canonical N-Quads, in hex"),
    Column("nquads", LargeBinary, nullable=False),
)

publication = Table(
    "publication",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False, comment="of the dataset"),
    Column("made_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    Column("contribution", String(16), comment="where it came from one"),
    Column("chain", String(64), nullable=False, comment="SHA-256 over this publication and the chain before it"),
)

revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, ForeignKey("publication.version"), nullable=False),
    Column("graph", Text, nullable=False),
    Column("digest", String(64), ForeignKey("content.digest"), nullable=False),
    Column("origin_digest", String(64), comment="SHA-256 of the file that the graph was read from"),
    Column("message", Text, nullable=False),
    Column("replaces", Integer, ForeignKey("revision.id")),
    Index("revision_by_graph", "graph", "id"),
    Index("revision_by_version", "version"),
)

saved_query = Table(
    "saved_query",
    metadata,
    Column("key", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("default_graphs", Text, nullable=False, comment="JSON list of IRIs"),
    Column("named_graphs", Text, nullable=False, comment="JSON list of IRIs"),
    Column("version", Integer, nullable=False),
    Column("saved_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("kind", String(16), nullable=False),
    Column("media_type", Text, nullable=False),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the result, in hex"),
    Column("size", Integer, nullable=False, comment="bytes of the result"),
    Column("result", LargeBinary, comment="zlib; null where it was too large to keep"),
)

account = Table(
    "account",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, unique=True, comment="what is typed to sign in"),
    Column("display_name", Text, nullable=False, comment="the only thing about a person that is ever public"),
    Column("role", String(16), nullable=False, comment="contributor, curator or admin"),
    Column("organisation", Text, nullable=False, comment="IRI of the actor for which the account acts"),
    Column("secret", Text, comment="argon2 hash of the password; null where another service signs the person in"),
    Column("issuer", Text, comment="of OpenID Connect"),
    Column("subject", Text, comment="the person's identifier at the issuer"),
    Column("active", Boolean, nullable=False),
    Column("failures", Integer, nullable=False, comment="failed attempts to sign in since the last good one"),
    Column("locked_until", String(32), comment="UTC, ISO 8601"),
    Column("era", Integer, nullable=False, comment="raised to end all sessions"),
    Column("made_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    UniqueConstraint("issuer", "subject"),
    sqlite_autoincrement=True,
)

token = Table(
    "token",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", Integer, ForeignKey("account.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256 of the token, in hex"),
    Column("scopes", Text, nullable=False, comment="separated by spaces"),
    Column("made_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("expires_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("revoked_at", String(32), comment="UTC, ISO 8601"),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("account", Integer, ForeignKey("account.id"), comment="whose doing it was; null for the operator"),
    Column("act", String(32), nullable=False),
    Column("about", Text, nullable=False),
    sqlite_autoincrement=True,
)

contribution = Table(
    "contribution",
    metadata,
    Column("key", String(16), primary_key=True),
    Column("graph", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("account", Integer, ForeignKey("account.id"), nullable=False),
    Column("organisation", Text, nullable=False, comment="IRI of the actor in whose name it is made"),
    Column("state", String(24), nullable=False),
    Column("serial", Integer, nullable=False, comment="number of the newest step; who acts on an older one is told"),
    Column("digest", String(64), ForeignKey("content.digest"), comment="of its present content; null for a draft"),
    Column("basis", Integer, ForeignKey("revision.id"), comment="revision of the graph that it starts from"),
    Column("changed_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Index("contribution_by_state", "state", "changed_at"),
    Index("contribution_by_graph", "graph"),
)

step = Table(
    "step",
    metadata,
    Column("contribution", String(16), ForeignKey("contribution.key"), primary_key=True),
    Column("serial", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("account", Integer, ForeignKey("account.id"), nullable=False),
    Column("act", String(24), nullable=False),
    Column("text", Text, nullable=False),
    Column("digest", String(64), ForeignKey("content.digest"), comment="of the content from this step on"),
    Column("upload", String(64), ForeignKey("upload.digest"), comment="the file as it was sent"),
    Column("upload_name", Text),
    Column("report", Text, comment="findings as JSON"),
    Column("version", Integer, ForeignKey("publication.version"), comment="that this step published"),
)

upload = Table(
    "upload",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256, in hex"),
    Column("body", LargeBinary, nullable=False, comment="zlib"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account", Integer, ForeignKey("account.id"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False, comment="SHA-256 of what was sent, in hex"),
    Column("contribution", String(16), ForeignKey("contribution.key"), nullable=False),
    Column("at", String(32), nullable=False, comment="UTC, ISO 8601"),
)
