"""Runs one query on an Oxigraph store; the in-process graph and the workers share it."""

from __future__ import annotations

import io
import re
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
from skillgraph.graph.protocol import Answer, Query, ResultFormats, ResultKind
from skillgraph.graph.refusal import refusal_of_update, refuse_control_characters, refuse_service

SOLUTION_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
GRAPH_FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
_SOLUTION_TYPES = {each: name for name, each in SOLUTION_FORMATS.items()}
_GRAPH_TYPES = {each: name for name, each in GRAPH_FORMATS.items()}
_ERROR = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

Results = QuerySolutions | QueryBoolean | QueryTriples


def evaluate(store: Store, query: Query) -> Results:
    """Start a query; errors name line and column."""
    refuse_control_characters(query.text)
    refuse_service(query.text)
    try:
        return store.query(
            query.text,
            use_default_graph_as_union=not query.default_graphs,
            default_graph=[NamedNode(iri) for iri in query.default_graphs] or None,
            named_graphs=[NamedNode(iri) for iri in query.named_graphs] or None,
            substitutions={Variable(name): term for name, term in query.bindings.items()} or None,
        )
    except SyntaxError as fault:
        raise refusal_of_update(query.text) or syntax_fault(str(fault)) from None
    except ValueError as fault:
        raise InvalidQuery(f"An IRI of the request is not valid: {fault}.", "Give absolute IRIs.") from None


def answer(store: Store, query: Query, formats: ResultFormats, version: int, most_bytes: int) -> Answer:
    """Run a query and serialise its whole result, up to a size in bytes."""
    results = evaluate(store, query)
    sink = _Sink(most_bytes)
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
    return Answer(kind, sink.getvalue(), media_type, version)


def syntax_fault(message: str) -> InvalidQuery:
    """Turn the parser's message into an error with line and column."""
    match = _ERROR.match(message)
    if not match:
        return InvalidQuery(f"{message.rstrip('.')}.", "Mend the query and send it again.")
    line, column, reason = int(match[1]), int(match[2]), " ".join(match[3].split())
    if "Prefix not found" in reason:
        reason = "a prefix is used that is not declared"
    elif len(reason) > 160:
        reason = "the text is not what the grammar allows here"
    return InvalidQuery(
        f"Line {line}, column {column}: {reason}.",
        "Look at this place and just before it; a missing brace, dot or PREFIX is the usual cause.",
        line,
        column,
    )


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
                "Ask for less: add LIMIT and OFFSET, or name fewer variables.",
            )
        return written
