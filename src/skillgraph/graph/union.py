"""Keeps the union of all named graphs in a store's default graph, every statement once.

The engine can take the union while it runs a query, but then a statement that stands in two graphs counts twice, and
with one graph for each contributor that would falsify every COUNT and SUM.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Store

_UNION = DefaultGraph()


def add(store: Store, nquads: bytes) -> None:
    """Add canonical N-Quads of named graphs to a store, and their statements to the union in its default graph.

    The parser is lenient because it is the second to read them: IRIs were checked when they came in.
    """
    store.bulk_load(input=nquads, format=RdfFormat.N_QUADS, lenient=True)
    triples = (line[: line.rindex(b" <")] + b" .\n" for line in nquads.splitlines())
    store.bulk_load(input=b"".join(triples), format=RdfFormat.N_TRIPLES, lenient=True)


def remove(store: Store, quads: Iterable[Quad]) -> None:
    """Remove quads of named graphs, and from the union the statements that stand in no graph any more."""
    for quad in quads:
        store.remove(quad)
        holders = store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
        if all(each.graph_name == _UNION for each in holders):
            store.remove(_in_union(quad))


def _in_union(quad: Quad) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, _UNION)
