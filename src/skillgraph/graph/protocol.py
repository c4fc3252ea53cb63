"""What a graph can be asked, whoever answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from socket import socket
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

Term = NamedNode | BlankNode | Literal | Triple
Binding = Mapping[str, Term]
"""One row of a result: the terms of its bound variables by name."""


class ResultKind(StrEnum):
    """What a query results in."""

    SOLUTIONS = "solutions"
    BOOLEAN = "boolean"
    GRAPH = "graph"


@dataclass(frozen=True)
class Query:
    """A SPARQL query with the terms its parameters are bound to and the dataset it is asked of.

    Relative IRIs in the text are resolved against the graph's base, so that ``<id/scheme/palim>`` names an entity.

    Where neither this nor the text names a dataset, the default graph is the union of all published graphs.
    ``seconds`` is what the caller grants the query, if less than the service does.
    """

    text: str
    bindings: Mapping[str, NamedNode | Literal] = field(default_factory=dict)
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True)
class Size:
    """How large a result may be: bytes as serialised, and rows."""

    bytes: int
    rows: int


@dataclass(frozen=True)
class ResultFormats:
    """The format to write a result in, for solutions (and booleans) and for graphs; ``None`` if none is accepted."""

    solutions: QueryResultsFormat | None = QueryResultsFormat.JSON
    graph: RdfFormat | None = RdfFormat.N_TRIPLES


@dataclass(frozen=True)
class Answer:
    """A whole serialised result, the media type it is in and the dataset version it was computed on."""

    kind: ResultKind
    body: bytes
    media_type: str
    version: int


@dataclass(frozen=True)
class Edition:
    """What is served: the dataset version, and the run of the store, on which the order of results depends."""

    version: int
    run: int


class Graph(Protocol):
    """A published graph that can be read."""

    def answer(self, query: Query, formats: ResultFormats, client: socket | None = None) -> Answer:
        """Run any query and serialise its result; give it up when the connection of the client that asks is closed."""

    def select(self, query: Query) -> list[Binding]:
        """Return the rows of a SELECT query."""

    def construct(self, query: Query) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""

    def ask(self, query: Query) -> bool:
        """Return the answer to an ASK query."""

    def edition(self) -> Edition:
        """Return what is served now."""

    def version(self) -> int:
        """Return the dataset version that is served now."""
