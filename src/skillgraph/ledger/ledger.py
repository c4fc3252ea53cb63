"""The ledger: revisions of named graphs, written once and never changed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, Row, func, select, text
from sqlalchemy.exc import DatabaseError

from skillgraph.errors import LedgerFault, NoRoomLeft, SkillGraphError
from skillgraph.ledger.chain import GENESIS, chained
from skillgraph.ledger.engine import connect, upgrade
from skillgraph.ledger.schema import content, publication, revision

Found = TypeVar("Found")
_AT_ONCE = 500
_LEAST_ROOM = 64 * 2**10
"""Bytes without which SQLite cannot even begin a journal."""
_OF_PUBLICATION = ("author", "reviewer", "contribution", "made_at")
_REVISIONS = select(revision, *(publication.c[name] for name in _OF_PUBLICATION)).join(publication)


@dataclass(frozen=True)
class Change:
    """New content for one named graph: canonical N-Quads, empty to withdraw the graph."""

    graph: str
    nquads: bytes
    message: str
    origin_digest: str | None = None


@dataclass(frozen=True)
class Revision:
    """One published state of one named graph; ``version`` is that of the dataset to which it belongs.

    ``id`` numbers all revisions in the order of their publication.
    """

    id: int
    version: int
    graph: str
    digest: str
    origin_digest: str | None
    message: str
    replaces: int | None
    author: str
    reviewer: str | None
    contribution: str | None
    made_at: str


@dataclass(frozen=True)
class Origin:
    """On whose authority something is published: author, reviewer and contribution, where it came from one."""

    author: str
    reviewer: str | None = None
    contribution: str | None = None


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
            raise explained(self._engine, fault) from fault

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as fault:
            raise explained(self._engine, fault) from fault


class Ledger(Database):
    """Revisions in an SQL database; a publication is one transaction and makes one new version of the dataset."""

    def version(self) -> int:
        """Return the newest version of the dataset, 0 for an empty ledger."""
        with self._reading() as connection:
            return _version(connection)

    def versions(self) -> list[int]:
        """Return the versions that the dataset had, oldest first; ledgers of before skip numbers."""
        with self._reading() as connection:
            return list(connection.scalars(select(publication.c.version).order_by(publication.c.version)))

    def has(self, version: int) -> bool:
        """Tell whether the dataset ever had a version."""
        return self.made_at(version) is not None

    def made_at(self, version: int) -> str | None:
        """Return when a version was published (UTC, ISO 8601), ``None`` where there never was one."""
        with self._reading() as connection:
            found: str | None = connection.scalar(select(publication.c.made_at).where(publication.c.version == version))
        return found

    def version_at(self, time: str) -> int:
        """Return the version that was the newest at a time (UTC, ISO 8601), 0 where there was none yet."""
        newest = select(func.coalesce(func.max(publication.c.version), 0)).where(publication.c.made_at <= time)
        with self._reading() as connection:
            return connection.scalar(newest) or 0

    def latest(self, most: int, before: int | None = None) -> list[Revision]:
        """Return the revisions of the newest publications, the newest first, perhaps of those before a version."""
        numbers = select(publication.c.version).order_by(publication.c.version.desc()).limit(most)
        if before is not None:
            numbers = numbers.where(publication.c.version < before)
        query = _REVISIONS.where(revision.c.version.in_(numbers)).order_by(revision.c.version.desc(), revision.c.id)
        with self._reading() as connection:
            return [_revision(row) for row in connection.execute(query)]

    def heads(self, version: int | None = None) -> dict[str, Revision]:
        """Return the newest revision of every named graph, or that at a version; withdrawn ones are included."""
        with self._reading() as connection:
            return _heads(connection, version)

    def head(self, graph: str, version: int) -> Revision | None:
        """Return what a named graph was at a version, ``None`` where there was none of that name."""
        query = _REVISIONS.where((revision.c.graph == graph) & (revision.c.version <= version))
        with self._reading() as connection:
            row = connection.execute(query.order_by(revision.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else _revision(row)

    def since(self, version: int) -> list[Revision]:
        """Return the revisions made after a version, oldest first."""
        with self._reading() as connection:
            return _since(connection, version)

    def content(self, digest: str) -> bytes:
        """Return canonical N-Quads by their digest and check them against it."""
        with self._reading() as connection:
            return content_of(connection, digest)

    def contents(self, digests: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield canonical N-Quads with their digests, in any order, each checked."""
        rest = iter(sorted(set(digests)))
        while some := list(islice(rest, _AT_ONCE)):
            with self._reading() as connection:
                rows = connection.execute(select(content).where(content.c.digest.in_(some)))
                found = {row.digest: row.nquads for row in rows}
            for digest in some:
                yield digest, _checked(digest, found.get(digest))

    def look(self, at: Callable[[Heads], Found]) -> Found:
        """Return what somebody finds looking at the heads of this moment."""
        with self._reading() as connection:
            return at(Heads(connection))

    def publish(self, author: str, decide: Callable[[Heads], Sequence[Change]]) -> list[Revision]:
        """Write in one transaction the changes that ``decide`` draws from the heads; equal content writes nothing."""
        with self._writing() as connection:
            return publish(connection, Origin(author), decide)


class Heads(Mapping[str, Revision]):
    """The newest revision of every named graph at one moment, withdrawn ones too; one at a time, or all at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Revision | None] = {}
        self._all: dict[str, Revision] | None = None

    def since(self, version: int) -> list[Revision]:
        """Return the revisions made after a version, oldest first."""
        return _since(self._connection, version)

    def __getitem__(self, graph: str) -> Revision:
        if self._all is not None:
            return self._all[graph]
        if graph not in self._known:
            query = _REVISIONS.where(revision.c.graph == graph).order_by(revision.c.id.desc()).limit(1)
            row = self._connection.execute(query).one_or_none()
            self._known[graph] = None if row is None else _revision(row)
        found = self._known[graph]
        if found is None:
            raise KeyError(graph)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())

    def _loaded(self) -> dict[str, Revision]:
        if self._all is None:
            self._all = _heads(self._connection)
        return self._all


def publish(connection: Connection, origin: Origin, decide: Callable[[Heads], Sequence[Change]]) -> list[Revision]:
    """Write a publication in the transaction of a connection; see ``Ledger.publish``."""
    _take_turns(connection)
    heads = Heads(connection)
    changes = [change for change in decide(heads) if _differs(change, heads.get(change.graph))]
    if not changes:
        return []
    version = _version(connection) + 1
    made = {"version": version, **asdict(origin), "made_at": now()}
    number = connection.scalar(select(func.coalesce(func.max(revision.c.id), 0))) or 0
    rows = [
        {
            "id": number + place,
            "version": version,
            "graph": change.graph,
            "digest": keep_content(connection, change.nquads),
            "origin_digest": change.origin_digest,
            "message": change.message,
            "replaces": heads[change.graph].id if change.graph in heads else None,
        }
        for place, change in enumerate(changes, 1)
    ]
    before = connection.scalar(select(publication.c.chain).order_by(publication.c.version.desc()).limit(1))
    connection.execute(publication.insert().values(**made, chain=chained(before or GENESIS, made, rows)))
    connection.execute(revision.insert(), rows)
    published = connection.execute(_REVISIONS.where(revision.c.version == version).order_by(revision.c.id))
    return [_revision(row) for row in published]


def content_of(connection: Connection, digest: str) -> bytes:
    """Return canonical N-Quads by their digest and check them against it."""
    nquads: bytes | None = connection.scalar(select(content.c.nquads).where(content.c.digest == digest))
    return _checked(digest, nquads)


def _checked(digest: str, nquads: bytes | None) -> bytes:
    if nquads is None or digest_of(nquads) != digest:
        raise LedgerFault(
            f"The ledger's content {digest[:12]}… is missing or damaged.", "Restore the ledger from a backup."
        )
    return nquads


def keep_content(connection: Connection, nquads: bytes) -> str:
    """Keep canonical N-Quads, once for equal ones, and return their digest."""
    digest = digest_of(nquads)
    if connection.scalar(select(content.c.digest).where(content.c.digest == digest)) is None:
        connection.execute(content.insert().values(digest=digest, nquads=nquads))
    return digest


def now() -> str:
    """Return the time as the ledger writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def open_ledger(url: str) -> Ledger:
    """Open the ledger at a database URL, creating or upgrading its tables where needed."""
    return Ledger(open_database(url))


def open_database(url: str) -> Engine:
    """Connect to the ledger's database, creating or upgrading its tables where needed."""
    engine = connect(url)
    try:
        upgrade(engine)
    except DatabaseError as fault:
        raise explained(engine, fault) from fault
    return engine


def _take_turns(connection: Connection) -> None:
    """Let one publication wait for another; SQLite does so for every transaction that writes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE publication IN EXCLUSIVE MODE"))


def _version(connection: Connection) -> int:
    return connection.scalar(select(func.coalesce(func.max(publication.c.version), 0))) or 0


def _heads(connection: Connection, version: int | None = None) -> dict[str, Revision]:
    newest = select(func.max(revision.c.id)).group_by(revision.c.graph)
    if version is not None:
        newest = newest.where(revision.c.version <= version)
    rows = connection.execute(_REVISIONS.where(revision.c.id.in_(newest)))
    return {row.graph: _revision(row) for row in rows}


def _differs(change: Change, head: Revision | None) -> bool:
    if head is None:
        return bool(change.nquads)
    return (head.digest, head.origin_digest) != (digest_of(change.nquads), change.origin_digest)


def _since(connection: Connection, version: int) -> list[Revision]:
    query = _REVISIONS.where(revision.c.version > version).order_by(revision.c.id)
    return [_revision(row) for row in connection.execute(query)]


def _revision(row: Row[tuple[object, ...]]) -> Revision:
    return Revision(**row._mapping)


def digest_of(data: bytes) -> str:
    """Return the digest by which the ledger knows a content: SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def _is_full(place: str) -> bool:
    """Tell whether the disk of a file has no room for another page; SQLite says of its journal's index only "I/O"."""
    room = shutil.disk_usage(Path(place).parent)
    return room.free < _LEAST_ROOM


def explained(engine: Engine, fault: DatabaseError) -> SkillGraphError:
    """Return what went wrong in a database in words."""
    place = engine.url.database or str(engine.url)
    reason = str(fault.orig).split("\n", 1)[0]
    if "disk is full" in reason or "No space left" in reason or ("disk I/O" in reason and _is_full(place)):
        return NoRoomLeft(
            f"There is no room left where the ledger is kept ({reason}); nothing was changed.",
            "Try again later; whoever runs the service has to make room.",
        )
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
