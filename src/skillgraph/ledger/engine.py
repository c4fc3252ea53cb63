"""Connects to the ledger's database and brings its tables up to date."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, event, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from skillgraph.errors import LedgerFault, ToolMissing
from skillgraph.ledger.schema import MIGRATION

_SQLITE = "sqlite:///"
_BUSY_SECONDS = 10
_LOCK = 0x5347_1ED6
"""Number under which processes that find tables to migrate wait for one another in PostgreSQL."""


def connect(url: str) -> Engine:
    """Return an engine that keeps no connection open between uses, so that it survives a fork."""
    try:
        engine = create_engine(_parsed(url), poolclass=NullPool)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise ToolMissing(
            "The driver for this kind of database is not installed.",
            "Use SQLite or PostgreSQL; for the latter: pip install 'skillgraph[postgresql]'.",
        ) from None
    if engine.dialect.name == "sqlite":
        _make_folder(engine)
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_immediately)
    return engine


def _parsed(url: str) -> URL:
    """Read a database URL; what follows ``sqlite:///`` is a path as it is, whatever signs its folders' names hold."""
    if url.startswith(_SQLITE):
        return URL.create("sqlite", database=url.removeprefix(_SQLITE))
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise LedgerFault(
            "SKILLGRAPH_DATABASE is not the address of a database that is known here.",
            "Set it to postgresql://user:password@host/name, or leave it empty for SQLite.",
        ) from None
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def upgrade(engine: Engine) -> None:
    """Create or migrate the tables; costs one query when there is nothing to do."""
    if _migration(engine) == MIGRATION:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _migration(engine: Engine) -> str | None:
    with engine.connect().execution_options(reads=True) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        table = Table("alembic_version", MetaData(), autoload_with=connection)
        found: str | None = connection.scalar(select(table.c.version_num))
    if found is not None and found > MIGRATION:
        raise LedgerFault(
            f"The ledger was written by a newer SkillGraph (migration {found}, this one knows {MIGRATION}).",
            "Install that newer version, or point SKILLGRAPH_HOME to another folder.",
        )
    return found


def _make_folder(engine: Engine) -> None:
    folder = Path(engine.url.database or ".").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise LedgerFault(
            f"The folder {folder} cannot be created ({fault.strerror}).",
            "Make its parent writable for this user or set SKILLGRAPH_HOME to another folder.",
        ) from None


def _configure_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is too weak; see _begin_immediately
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}")
    _turn_on_wal(cursor)
    for pragma in ("synchronous = FULL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _turn_on_wal(cursor: sqlite3.Cursor) -> None:
    """Wait for a process that is at the same step on a new file; SQLite's own patience does not extend to this one."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_immediately(connection: Connection) -> None:
    mode = "DEFERRED" if connection.get_execution_options().get("reads") else "IMMEDIATE"
    connection.exec_driver_sql(f"BEGIN {mode}")
