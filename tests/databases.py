"""Databases to run the ledger's suite on: a file of SQLite, and a PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine

_VERSIONS = Path("/usr/lib/postgresql")


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Start a server that listens on a Unix socket only; yield the address of its first database."""
    programs = _programs()
    if programs is None:
        pytest.skip("needs PostgreSQL: apt-get install postgresql")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as name:
        folder = Path(name)
        prefix = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres")
            prefix = ["runuser", "-u", "postgres", "--"]
        data = str(folder / "data")
        initialise = [*prefix, str(programs / "initdb"), "-D", data, "-A", "trust", "-U", "tester", "--no-sync"]
        made = subprocess.run(initialise, check=False, capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"PostgreSQL cannot make a database here: {made.stderr.strip()[-200:]}")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        control = [*prefix, str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log")]
        subprocess.run([*control, "-o", options, "start"], check=True, capture_output=True)
        try:
            yield f"postgresql://tester@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)


def fresh_database(server: str, name: str) -> str:
    """Make an empty database on a server and return its address."""
    engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")


def _programs() -> Path | None:
    found = sorted(_VERSIONS.glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    program = shutil.which("initdb")
    return Path(program).parent if program else None
