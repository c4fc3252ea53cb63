"""A result as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from skillgraph.graph.protocol import ResultKind, Term
from skillgraph.label import Label, Value, in_words
from skillgraph.vocabulary import PREFIXES

MOST_ROWS_SHOWN = 1000


@dataclass(frozen=True)
class Shown:
    """A result as a page shows it: a table, a truth value or a text."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Value | None, ...], ...] = ()
    total: int = 0
    boolean: bool | None = None
    text: str | None = None


def shown(kind: ResultKind, body: bytes) -> Shown:
    """Read a result, of solutions in JSON or of statements in Turtle, as far as it is shown."""
    if kind is ResultKind.GRAPH:
        return Shown(text=body.decode())
    results = parse_query_results(body, format=QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return Shown(boolean=bool(results))
    assert isinstance(results, QuerySolutions)
    columns = tuple(variable.value for variable in results.variables)
    rows = []
    total = 0
    for row in results:
        total += 1
        if total <= MOST_ROWS_SHOWN:
            rows.append(tuple(_cell(term) for term in row))
    return Shown(columns, tuple(rows), total)


def _cell(term: Term | None) -> Value | None:
    if term is None:
        return None
    return in_words(term, {term.value: Label(_compact(term.value))} if isinstance(term, NamedNode) else {})


def _compact(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
