"""The graph in this process: for the command line and the tests, where nobody hostile asks."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from socket import socket

from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples, Store, Triple

from skillgraph.errors import InvalidQuery
from skillgraph.graph import union
from skillgraph.graph.engine import Results, answer, bindings, each_binding, evaluate, failures_explained
from skillgraph.graph.protocol import Answer, Binding, Edition, Query, ResultFormats, Size

_UNLIMITED = Size(2**62, 2**62)


class MemoryGraph:
    """A store filled with canonical N-Quads, without limits on time and memory."""

    def __init__(self, version: int, contents: Iterable[bytes]) -> None:
        self._edition = Edition(version, secrets.randbits(63))
        self._store = Store()
        union.add(self._store, b"".join(contents))

    @classmethod
    def of_store(cls, store: Store, version: int) -> MemoryGraph:
        """Return the graph over a store that is filled already."""
        graph = cls(version, ())
        graph._store = store
        return graph

    def answer(self, query: Query, formats: ResultFormats, client: socket | None = None) -> Answer:  # noqa: ARG002
        """Run any query and serialise its result, whether the client waits for it or not."""
        return answer(self._store, query, formats, self._edition.version, _UNLIMITED)

    def select(self, query: Query) -> list[Binding]:
        """Return the rows of a SELECT query."""
        with failures_explained():
            results = self._evaluate(query, QuerySolutions, "SELECT")
            assert isinstance(results, QuerySolutions)
            return bindings(results)

    def rows(self, query: Query) -> Iterator[Binding]:
        """Yield the rows of a SELECT query one by one."""
        results = self._evaluate(query, QuerySolutions, "SELECT")
        assert isinstance(results, QuerySolutions)
        return each_binding(results)

    def construct(self, query: Query) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        with failures_explained():
            results = self._evaluate(query, QueryTriples, "CONSTRUCT or DESCRIBE")
            assert isinstance(results, QueryTriples)
            return list(results)

    def ask(self, query: Query) -> bool:
        """Return the answer to an ASK query."""
        with failures_explained():
            return bool(self._evaluate(query, QueryBoolean, "ASK"))

    def edition(self) -> Edition:
        """Return what is served now."""
        return self._edition

    def version(self) -> int:
        """Return the dataset version that is served now."""
        return self._edition.version

    def _evaluate(self, query: Query, expected: type[Results], form: str) -> Results:
        results = evaluate(self._store, query)
        if not isinstance(results, expected):
            raise InvalidQuery(f"The query is not a {form} query.", f"Write it as a {form} query.")
        return results
