"""Whoever finds things by name: an index that follows the service, or one made of a graph when it is first asked."""

from __future__ import annotations

from collections.abc import Collection
from threading import Lock
from typing import Protocol

from skillgraph.graph import Graph
from skillgraph.search.index import Found, NameIndex
from skillgraph.search.records import records_of


class Names(Protocol):
    """Finds things by their names."""

    def find(self, text: str, classes: Collection[str] = (), limit: int = 20) -> list[Found]:
        """Return the things whose names fit a text best, those of some classes only; raise ``SearchNotReady``."""


class GraphNames:
    """The names of a graph that stays as it is: for the command line and the tests."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._index: NameIndex | None = None
        self._filling = Lock()

    def find(self, text: str, classes: Collection[str] = (), limit: int = 20) -> list[Found]:
        """Return the things whose names fit a text best, those of some classes only."""
        with self._filling:
            if self._index is None:
                index = NameIndex()
                index.fill(records_of(self._graph.select))
                self._index = index
        return self._index.find(text, classes, limit)
