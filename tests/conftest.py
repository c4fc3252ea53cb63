"""Fixtures that several test modules share."""

from __future__ import annotations

import pytest

from skillgraph.graph.memory import MemoryGraph
from skillgraph.opening import base_graph


@pytest.fixture(scope="session")
def base() -> MemoryGraph:
    """Return the whole published base, in process."""
    return base_graph()
