"""The default graph is the union of the named graphs, whatever is added and removed, each statement once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, serialize

from skillgraph.graph import union

NODES = st.sampled_from([NamedNode(f"urn:{letter}") for letter in "abc"])
QUADS = st.builds(Quad, NODES, NODES, NODES, st.sampled_from([NamedNode("urn:g1"), NamedNode("urn:g2")]))


def nquads(quads: set[Quad]) -> bytes:
    return serialize(quads, format=RdfFormat.N_QUADS) or b""


def statements(store: Store, in_union: bool) -> set[str]:
    """Return the statements of the default graph, or those of all named graphs."""
    return {str(quad.triple) for quad in store if (quad.graph_name == DefaultGraph()) is in_union}


@given(loaded=st.sets(QUADS), steps=st.lists(st.tuples(st.booleans(), st.sets(QUADS))))
def test_the_union_follows_the_named_graphs(loaded: set[Quad], steps: list[tuple[bool, set[Quad]]]) -> None:
    store = Store()
    union.add(store, nquads(loaded))
    for adding, quads in steps:
        if adding:
            union.add(store, nquads(quads))
        else:
            union.remove(store, quads)
    assert statements(store, in_union=True) == statements(store, in_union=False)
    assert len(list(store.quads_for_pattern(None, None, None, DefaultGraph()))) == len(statements(store, in_union=True))
