"""The ledger: revisions of named graphs, written once and never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, Row, func, select
from sqlalchemy.exc import DatabaseError

from skillgraph.errors import LedgerFault
from skillgraph.ledger.engine import connect, upgrade
from skillgraph.ledger.schema import content, revision


@dataclass(frozen=True)
class Change:
    """New content for one named graph: canonical N-Quads, empty to withdraw the graph."""

    graph: str
    nquads: bytes
    message: str
    origin_digest: str | None = None


@dataclass(frozen=True)
class Revision:
    """One published state of one named graph. ``version`` numbers all revisions in the order of their publication."""

    version: int
    graph: str
    digest: str
    origin_digest: str | None
    author: str
    reviewer: str | None
    made_at: str
    message: str
    replaces: int | None


class Database:
    """The ledger's database, with what goes wrong in it put into words."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(reads=True) as connection:
                yield connection
        except DatabaseError as fault:
            raise _fault(self._engine, fault) from fault

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as fault:
            raise _fault(self._engine, fault) from fault


class Ledger(Database):
    """Revisions in an SQL database; a revision is published when its row is committed."""

    def version(self) -> int:
        """Return the number of the newest revision, 0 for an empty ledger."""
        with self._reading() as connection:
            return connection.scalar(select(func.coalesce(func.max(revision.c.version), 0))) or 0

    def heads(self) -> dict[str, Revision]:
        """Return the newest revision of every named graph, withdrawn ones included."""
        with self._reading() as connection:
            return _heads(connection)

    def since(self, version: int) -> list[Revision]:
        """Return the revisions made after a version, oldest first."""
        query = select(revision).where(revision.c.version > version).order_by(revision.c.version)
        with self._reading() as connection:
            return [_revision(row) for row in connection.execute(query)]

    def content(self, digest: str) -> bytes:
        """Return canonical N-Quads by their digest and check them against it."""
        with self._reading() as connection:
            nquads: bytes | None = connection.scalar(select(content.c.nquads).where(content.c.digest == digest))
        if nquads is None or _sha256(nquads) != digest:
            raise LedgerFault(
                f"The ledger's content {digest[:12]}… is missing or damaged.", "Restore the ledger from a backup."
            )
        return nquads

    def publish(self, author: str, decide: Callable[[dict[str, Revision]], Sequence[Change]]) -> list[Revision]:
        """Write in one transaction the changes that ``decide`` draws from the heads; equal content writes nothing."""
        with self._writing() as connection:
            heads = _heads(connection)
            return [
                _write(connection, author, change, heads.get(change.graph))
                for change in decide(heads)
                if _differs(change, heads.get(change.graph))
            ]


def open_ledger(url: str) -> Ledger:
    """Open the ledger at a database URL, creating or upgrading its tables where needed."""
    return Ledger(open_database(url))


def open_database(url: str) -> Engine:
    """Connect to the ledger's database, creating or upgrading its tables where needed."""
    engine = connect(url)
    try:
        upgrade(engine)
    except DatabaseError as fault:
        raise _fault(engine, fault) from fault
    return engine


def _heads(connection: Connection) -> dict[str, Revision]:
    newest = select(func.max(revision.c.version)).group_by(revision.c.graph)
    rows = connection.execute(select(revision).where(revision.c.version.in_(newest)))
    return {row.graph: _revision(row) for row in rows}


def _differs(change: Change, head: Revision | None) -> bool:
    if head is None:
        return bool(change.nquads)
    return (head.digest, head.origin_digest) != (_sha256(change.nquads), change.origin_digest)


def _write(connection: Connection, author: str, change: Change, head: Revision | None) -> Revision:
    digest = _sha256(change.nquads)
    if connection.scalar(select(content.c.digest).where(content.c.digest == digest)) is None:
        connection.execute(content.insert().values(digest=digest, nquads=change.nquads))
    values = {
        "graph": change.graph,
        "digest": digest,
        "origin_digest": change.origin_digest,
        "author": author,
        "reviewer": None,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "message": change.message,
        "replaces": head.version if head else None,
    }
    row = connection.execute(revision.insert().values(values).returning(revision)).one()
    return _revision(row)


def _revision(row: Row[tuple[object, ...]]) -> Revision:
    return Revision(**row._mapping)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _fault(engine: Engine, fault: DatabaseError) -> LedgerFault:
    place = engine.url.database or str(engine.url)
    reason = str(fault.orig).split("\n", 1)[0]
    if "not a database" in reason or "malformed" in reason:
        return LedgerFault(
            f"The ledger {place} is damaged ({reason}); nothing was changed.",
            "Move the file aside and restore it from a backup. Without a backup, start with another SKILLGRAPH_HOME: "
            "the curated base is read in again; only contributions are missing then.",
        )
    if "readonly" in reason or "unable to open" in reason:
        return LedgerFault(
            f"The ledger {place} cannot be opened for writing ({reason}).",
            "Make the file and its folder writable for this user, or set SKILLGRAPH_HOME to another folder.",
        )
    if "locked" in reason:
        return LedgerFault(
            f"The ledger {place} is being written by another process ({reason}).",
            "Wait until it is done and try again.",
        )
    return LedgerFault(
        f"The ledger {place} cannot be used ({reason}).",
        "Restore it from a backup, or set SKILLGRAPH_HOME to another folder.",
    )
