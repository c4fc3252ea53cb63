"""Holds a ledger against itself: every digest against its bytes, every publication against the chain before it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from skillgraph.ledger.chain import GENESIS, chained
from skillgraph.ledger.ledger import Database
from skillgraph.ledger.schema import content, publication, revision, saved_query, step, upload


@dataclass(frozen=True)
class Damage:
    """Something in the ledger that is not as it was written: which table, which row, and what is wrong."""

    table: str
    row: str
    problem: str


class Verification(Database):
    """The check of a ledger's integrity."""

    def damages(self, progress: Callable[[str], None] = lambda _: None) -> list[Damage]:
        """Return everything that is not as it was written."""
        with self._reading() as connection:
            found: list[Damage] = []
            for name, check in _CHECKS.items():
                progress(name)
                found += check(connection)
        return found


def _contents(connection: Connection) -> Iterator[Damage]:
    for row in connection.execution_options(yield_per=50).execute(select(content)):
        if hashlib.sha256(row.nquads).hexdigest() != row.digest:
            yield Damage("content", row.digest, "its bytes are not those of its digest")


def _chain(connection: Connection) -> Iterator[Damage]:
    before = GENESIS
    last: dict[str, int] = {}
    for made in connection.execute(select(publication).order_by(publication.c.version)).mappings().all():
        rows = connection.execute(
            select(revision).where(revision.c.version == made["version"]).order_by(revision.c.id)
        ).mappings()
        revisions = [dict(row) for row in rows]
        said = {name: value for name, value in made.items() if name != "chain"}
        if chained(before, said, revisions) != made["chain"]:
            yield Damage(
                "publication", str(made["version"]), "it or one of its revisions was changed, or one before it is gone"
            )
        if not revisions:
            yield Damage("publication", str(made["version"]), "it has no revisions")
        for each in revisions:
            if each["replaces"] != last.get(each["graph"]):
                yield Damage("revision", str(each["id"]), "what it replaces is not the revision before it")
            last[each["graph"]] = each["id"]
        before = made["chain"]


def _references(connection: Connection) -> Iterator[Damage]:
    kept = set(connection.scalars(select(content.c.digest)))
    for table, key in ((revision, revision.c.id), (step, step.c.contribution)):
        for row, digest in connection.execute(select(key, table.c.digest).where(table.c.digest.is_not(None))):
            if digest not in kept:
                yield Damage(table.name, str(row), f"its content {digest} is missing")


def _uploads(connection: Connection) -> Iterator[Damage]:
    for row in connection.execution_options(yield_per=50).execute(select(upload)):
        try:
            fits = hashlib.sha256(zlib.decompress(row.body)).hexdigest() == row.digest
        except zlib.error:
            fits = False
        if not fits:
            yield Damage("upload", row.digest, "its bytes are not those of its digest")


def _results(connection: Connection) -> Iterator[Damage]:
    for row in connection.execution_options(yield_per=50).execute(select(saved_query)):
        if row.result is None:
            continue
        try:
            fits = hashlib.sha256(zlib.decompress(row.result)).hexdigest() == row.digest
        except zlib.error:
            fits = False
        if not fits:
            yield Damage("saved_query", row.key, "its result is not that of its digest")


_CHECKS: dict[str, Callable[[Connection], Iterator[Damage]]] = {
    "contents": _contents,
    "publications": _chain,
    "references": _references,
    "uploads": _uploads,
    "saved results": _results,
}
