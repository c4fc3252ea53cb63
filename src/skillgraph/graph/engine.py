"""Runs one query on an Oxigraph store; the in-process graph and the workers share it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Variable,
)

from skillgraph.errors import InvalidQuery, NotAcceptable, ResultTooLarge
from skillgraph.graph.binding import bound
from skillgraph.graph.grammar import syntax_fault
from skillgraph.graph.protocol import Answer, Binding, Query, ResultFormats, ResultKind, Size
from skillgraph.graph.refusal import refuse_service, refuse_unreadable
from skillgraph.graph.rows import count_rows, may_exceed
from skillgraph.vocabulary import BASE

SOLUTION_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
_SOLUTION_TYPES = {each: name for name, each in SOLUTION_FORMATS.items()}
_ASK_FOR_LESS = "Ask for less: add LIMIT and OFFSET, or name fewer variables."
_GRAPH_TYPES = {each: name for name, each in GRAPH_FORMATS.items()}

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Results = QuerySolutions | QueryBoolean | QueryTriples


def evaluate(store: Store, query: Query) -> Results:
    """Start a query; errors name line and column.

    A dataset given with the query stands in place of the one its text names, as the SPARQL 1.1 Protocol asks (2.1.4);
    where neither names one, the default graph is what the store has there: the union of all graphs.
    """
    refuse_unreadable(query.text)
    refuse_service(query.text)
    text, left = bound(query.text, query.bindings)
    given = bool(query.default_graphs or query.named_graphs)
    try:
        return store.query(
            text,
            base_iri=BASE,
            default_graph=[NamedNode(iri) for iri in query.default_graphs] if given else None,
            named_graphs=[NamedNode(iri) for iri in query.named_graphs] if given else None,
            substitutions={Variable(name): term for name, term in left.items()} or None,
        )
    except SyntaxError as fault:
        raise syntax_fault(query.text, str(fault)) from None
    except ValueError as fault:
        raise InvalidQuery(f"An IRI of the request is not valid: {fault}.", "Give absolute IRIs.") from None


def answer(store: Store, query: Query, formats: ResultFormats, version: int, most: Size) -> Answer:
    """Run a query and serialise its whole result, up to a size."""
    sink = _Sink(most.bytes)
    with failures_explained():
        results = evaluate(store, query)
        if isinstance(results, QueryTriples):
            if formats.graph is None:
                raise NotAcceptable(tuple(GRAPH_FORMATS))
            results.serialize(sink, format=formats.graph)
            kind, media_type = ResultKind.GRAPH, _GRAPH_TYPES[formats.graph]
        else:
            if formats.solutions is None:
                raise NotAcceptable(tuple(SOLUTION_FORMATS))
            results.serialize(sink, format=formats.solutions)
            kind = ResultKind.BOOLEAN if isinstance(results, QueryBoolean) else ResultKind.SOLUTIONS
            media_type = _SOLUTION_TYPES[formats.solutions]
            _refuse_long(sink, formats.solutions, most.rows)
    return Answer(kind, sink.getvalue(), media_type, version)


def _refuse_long(sink: io.BytesIO, form: QueryResultsFormat, most_rows: int) -> None:
    """Raise ``ResultTooLarge`` for too many rows; they are counted only where there are bytes enough for so many."""
    if may_exceed(sink.tell(), form, most_rows) and (rows := count_rows(sink.getvalue(), form)) > most_rows:
        raise ResultTooLarge(f"The result has {rows:,} rows; {most_rows:,} is the most.", _ASK_FOR_LESS)


def bindings(results: QuerySolutions) -> list[Binding]:
    """Return the rows of a result, each without the variables that it leaves unbound."""
    return list(each_binding(results))


def each_binding(results: QuerySolutions) -> Iterator[Binding]:
    """Yield the rows of a result as they are found."""
    names = [variable.value for variable in results.variables]
    for row in results:
        yield {name: term for name, term in zip(names, row, strict=True) if term is not None}


@contextmanager
def failures_explained() -> Iterator[None]:
    """Turn what the engine finds out only while it runs a query, such as a function it does not have, into an error."""
    try:
        yield
    except (RuntimeError, OSError) as fault:
        reason = str(fault).rstrip(".")
        raise InvalidQuery(f"The query cannot be answered: {reason}.", "Change the query or the format.") from None


class _Sink(io.BytesIO):
    """Collects what a serialiser writes and stops it at a size."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__()
        self._most_bytes = most_bytes

    def write(self, data: Buffer) -> int:
        """Take a part or refuse it."""
        written = super().write(data)
        if self.tell() > self._most_bytes:
            raise ResultTooLarge(
                f"The result is larger than the limit of {self._most_bytes // 2**20} MiB.",
                _ASK_FOR_LESS,
            )
        return written
