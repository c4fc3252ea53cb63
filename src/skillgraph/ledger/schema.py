"""Tables of the ledger."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

MIGRATION: Final = "0002"
"""The newest migration; a test holds it against the migrations folder."""

metadata = MetaData()

content = Table(
    "content",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the canonical N-Quads, in hex"),
    Column("nquads", LargeBinary, nullable=False),
)

revision = Table(
    "revision",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=True),
    Column("graph", Text, nullable=False),
    Column("digest", String(64), ForeignKey("content.digest"), nullable=False),
    Column("origin_digest", String(64), comment="SHA-256 of the file that the graph was read from"),
    Column("author", Text, nullable=False),
    Column("reviewer", Text),
    Column("made_at", String(32), nullable=False, comment="UTC, ISO 8601"),
    Column("message", Text, nullable=False),
    Column("replaces", Integer, ForeignKey("revision.version")),
    Index("revision_by_graph", "graph", "version"),
    sqlite_autoincrement=True,
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
