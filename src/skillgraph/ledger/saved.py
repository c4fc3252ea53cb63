"""Saved queries: a text, the dataset version it was run on, and its result, under a short name that stays."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, func, select

from skillgraph.errors import NoRoomLeft
from skillgraph.ledger.ledger import Database
from skillgraph.ledger.schema import saved_query

MOST_BYTES_KEPT = 2**20
"""A result larger than this is not kept; its digest and size are."""
_KEY_LETTERS = 12


@dataclass(frozen=True)
class SavedQuery:
    """A query that was saved. ``result`` is ``None`` where it was too large to keep; ``digest`` is its SHA-256."""

    key: str
    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    version: int
    saved_at: str
    kind: str
    media_type: str
    digest: str
    size: int
    result: bytes | None


class SavedQueries(Database):
    """The saved queries in the ledger's database."""

    def get(self, key: str) -> SavedQuery | None:
        """Return what was saved under a name."""
        with self._reading() as connection:
            row = connection.execute(select(saved_query).where(saved_query.c.key == key)).one_or_none()
        return _saved(row) if row is not None else None

    def put(
        self,
        text: str,
        graphs: tuple[Sequence[str], Sequence[str]],
        version: int,
        result: tuple[str, str, bytes],
        most: int,
    ) -> SavedQuery:
        """Save a query with its default and named graphs and its result (kind, media type, bytes).

        The same query on the same version has the same name and is saved once. ``most`` is how many there may be.
        """
        kind, media_type, body = result
        default_graphs, named_graphs = (json.dumps(sorted(set(each))) for each in graphs)
        values = {
            "key": _key(text, default_graphs, named_graphs, str(version)),
            "text": text,
            "default_graphs": default_graphs,
            "named_graphs": named_graphs,
            "version": version,
            "saved_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "kind": kind,
            "media_type": media_type,
            "digest": hashlib.sha256(body).hexdigest(),
            "size": len(body),
            "result": zlib.compress(body) if len(body) <= MOST_BYTES_KEPT else None,
        }
        with self._writing() as connection:
            row = connection.execute(select(saved_query).where(saved_query.c.key == values["key"])).one_or_none()
            if row is None:
                _require_room(connection, most)
                row = connection.execute(saved_query.insert().values(values).returning(saved_query)).one()
        return _saved(row)


def _require_room(connection: Connection, most: int) -> None:
    if (connection.scalar(select(func.count()).select_from(saved_query)) or 0) >= most:
        raise NoRoomLeft(
            f"{most:,} queries are saved here, which is the most.",
            "Keep the query yourself; its address in the editor holds its whole text.",
        )


def _key(*parts: str) -> str:
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest()
    return base64.b32encode(digest).decode().lower()[:_KEY_LETTERS]


def _saved(row: Row[tuple[object, ...]]) -> SavedQuery:
    values = dict(row._mapping)
    for name in ("default_graphs", "named_graphs"):
        values[name] = tuple(json.loads(values[name]))
    if values["result"] is not None:
        values["result"] = zlib.decompress(values["result"])
    return SavedQuery(**values)
