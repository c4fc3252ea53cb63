"""Fixtures that several test modules share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from skillgraph.graph.memory import MemoryGraph
from skillgraph.opening import base_graph
from skillgraph.settings import Settings
from tests.databases import fresh_database, postgresql_server


@pytest.fixture(scope="session")
def base() -> MemoryGraph:
    """Return the whole published base, in process."""
    return base_graph()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server and return the address of its first database."""
    with postgresql_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return Settings(home=tmp_path / "home").ledger_url
    return fresh_database(request.getfixturevalue("postgresql"), uuid4().hex)
