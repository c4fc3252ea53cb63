"""Copies a whole ledger, row by row and in one consistent view, from one database into another that is empty.

A backup is a ledger in an SQLite file, whatever the database that it was taken from; so a backup is also the way from
SQLite to PostgreSQL and back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import DatabaseError

from skillgraph.errors import LedgerFault
from skillgraph.ledger.ledger import explained, open_database
from skillgraph.ledger.schema import content, metadata, publication, revision

_ROWS = 200
"""Rows that are in memory at a time; contents may be large."""


def copy_ledger(source: str, target: str, progress: Callable[[str, int], None] = lambda *_: None) -> int:
    """Copy the ledger at one database URL into the empty one at another; return the version of the dataset.

    ``progress`` is told the table and how many rows were copied just now.
    """
    origin, copy = open_database(source), open_database(target)
    try:
        with origin.connect().execution_options(reads=True) as reading, copy.begin() as writing:
            if origin.dialect.name == "postgresql":
                reading.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            _require_empty(writing, copy)
            for table in _in_order():
                for rows in _batches(reading, table):
                    writing.execute(table.insert(), rows)
                    progress(table.name, len(rows))
            _set_sequences(writing)
            return writing.scalar(select(func.coalesce(func.max(publication.c.version), 0))) or 0
    except DatabaseError as fault:
        raise explained(copy, fault) from fault


def sqlite_url(path: Path) -> str:
    """Return the URL of the ledger in an SQLite file."""
    return f"sqlite:///{path.absolute()}"


def _in_order() -> Iterator[Table]:
    """Yield the tables so that what others refer to comes first."""
    first = (content, publication, revision)
    yield from first
    yield from (table for table in metadata.sorted_tables if table not in first)


def _batches(reading: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    order = list(table.primary_key.columns)
    rows = reading.execution_options(yield_per=_ROWS).execute(select(table).order_by(*order)).mappings()
    while batch := [dict(row) for row in islice(rows, _ROWS)]:
        yield batch


def _require_empty(writing: Connection, copy: Engine) -> None:
    held = sum(writing.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables)
    if held:
        raise LedgerFault(
            f"The ledger {copy.url.render_as_string(hide_password=True)} is not empty; nothing was changed.",
            "Restore into a new SKILLGRAPH_HOME or an empty database, and let the service use that.",
        )


def _set_sequences(writing: Connection) -> None:
    """Let PostgreSQL count on from the numbers that were copied; SQLite does so by itself."""
    if writing.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key.columns:
            if column.autoincrement is True:
                writing.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "  # noqa: S608 - our names
                    f"COALESCE((SELECT MAX({column.name}) FROM {table.name}), 1))"
                )
