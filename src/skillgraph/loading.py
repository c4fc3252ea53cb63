"""Takes files of RDF, of any size, into the ledger as revisions that the operator answers for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, RdfFormat, Store

from skillgraph.entailment import Derivation
from skillgraph.errors import RefusedGraph, UnreadableData
from skillgraph.ledger import Change, Heads, Ledger, Revision
from skillgraph.rdfio import canonical_nquads, open_rdf, parsing_explained, rdf_format
from skillgraph.vocabulary import BASE

AUTHOR = "Operator"
MOST_BYTES = 900_000_000
"""What the content of one graph may take; SQLite keeps up to a billion bytes in one value."""

_BLANK = re.compile(rb"^_:| _:[^\s\"]+ \.$|<<\(", re.MULTILINE)


@dataclass(frozen=True)
class LoadedGraph:
    """What loading does to one named graph, in statements."""

    graph: str
    statements: int
    added: int
    removed: int

    @property
    def state(self) -> str:
        """Say in one word what becomes of the graph: new, changed or unchanged."""
        if self.statements == self.added and not self.removed:
            return "new"
        return "changed" if self.added or self.removed else "unchanged"


def read_graphs(
    paths: Iterable[Path], graph: str | None, open_file: Callable[[Path], BinaryIO] = lambda path: path.open("rb")
) -> dict[str, bytes]:
    """Return canonical N-Quads by the graph that they belong to.

    Statements that stand in no named graph go to ``graph``. ``open_file`` lets the caller watch how far reading is.
    """
    store = Store()
    for path in paths:
        with parsing_explained(path), open_rdf(path, open_file) as stream:
            store.bulk_load(input=stream, format=rdf_format(path))
    nameless = next(iter(store.quads_for_pattern(None, None, None, DefaultGraph())), None) is not None
    if nameless and graph is None:
        raise RefusedGraph(
            "There are statements that stand in no named graph.",
            "Say where they belong: --graph https://example.org/graph/our-data.",
        )
    named = list(store.named_graphs())
    if any(isinstance(each, BlankNode) for each in named):
        raise RefusedGraph("A named graph has a blank node for its name.", "Give every graph an IRI.")
    target = [NamedNode(graph)] if nameless and graph is not None else []
    wanted = sorted({each for each in [*named, *target] if isinstance(each, NamedNode)}, key=str)
    for each in wanted:
        _refuse_reserved(each.value)
    if not wanted:
        raise UnreadableData("There are no statements to load.", "Check that these are the right files.")
    return {each.value: _content(store, each, nameless and each.value == graph) for each in wanted}


def preview(ledger: Ledger, contents: Mapping[str, bytes]) -> list[LoadedGraph]:
    """Return what loading the contents would do to each graph."""
    heads = ledger.heads()
    return [_compared(graph, nquads, heads.get(graph), ledger) for graph, nquads in contents.items()]


def load(ledger: Ledger, contents: Mapping[str, bytes], message: str) -> list[Revision]:
    """Publish the contents, each as the whole new state of its graph, in one transaction."""

    def decide(heads: Heads) -> list[Change]:
        changes = [Change(graph, nquads, message) for graph, nquads in contents.items()]
        return changes + Derivation(ledger.contents).change(heads, changes)

    return ledger.publish(AUTHOR, decide)


def _content(store: Store, graph: NamedNode, with_nameless: bool) -> bytes:
    sources: list[NamedNode | DefaultGraph] = [graph]
    if with_nameless:
        sources.append(DefaultGraph())
    dumps = [store.dump(format=RdfFormat.N_TRIPLES, from_graph=each) or b"" for each in sources]
    if any(_has_blank_nodes(dump) for dump in dumps):
        quads = [quad for each in sources for quad in store.quads_for_pattern(None, None, None, each)]
        nodes = {term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, BlankNode)}
        _refuse_shared(store, nodes, sources)
        nquads = canonical_nquads((quad.triple for quad in quads), graph)
    else:
        tail = f" {graph} .\n".encode()
        lines = [line.removesuffix(b" .") + tail for dump in dumps for line in dump.splitlines()]
        nquads = b"".join(sorted(lines if len(dumps) == 1 else set(lines)))
    if len(nquads) > MOST_BYTES:
        raise RefusedGraph(
            f"The graph {graph.value} takes {len(nquads):,} bytes; {MOST_BYTES:,} is the most for one graph.",
            "Divide it among several named graphs: questions see them all as one.",
        )
    return nquads


def _has_blank_nodes(ntriples: bytes) -> bool:
    """Tell whether there is a blank node, or a triple term that may hold one; the plain search spares most files."""
    return (b"_:" in ntriples or b"<<(" in ntriples) and _BLANK.search(ntriples) is not None


def _refuse_shared(store: Store, nodes: Iterable[BlankNode], graphs: list[NamedNode | DefaultGraph]) -> None:
    """Raise for a blank node that stands in other graphs too: it would become another node in each of them."""
    for node in nodes:
        as_subject = store.quads_for_pattern(node, None, None, None)
        as_object = store.quads_for_pattern(None, None, node, None)
        for quad in chain(as_subject, as_object):
            if quad.graph_name not in graphs:
                raise RefusedGraph(
                    "A blank node stands in more than one named graph.",
                    "Give it an IRI: a graph is published, replaced and withdrawn on its own.",
                )


def _refuse_reserved(graph: str) -> None:
    if graph.startswith(BASE):
        raise RefusedGraph(
            f"The graph {graph} belongs to the curated base; the next start of the service would replace it.",
            "Load into a graph of your own, such as https://example.org/graph/our-data.",
        )


def _compared(graph: str, nquads: bytes, head: Revision | None, ledger: Ledger) -> LoadedGraph:
    before = set(ledger.content(head.digest).splitlines()) if head is not None else set()
    after = nquads.splitlines()
    kept = len(before.intersection(after))
    return LoadedGraph(graph, len(after), len(after) - kept, len(before) - kept)
