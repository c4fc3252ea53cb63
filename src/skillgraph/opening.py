"""Opens the published graph in this process, for commands that ask and end."""

from __future__ import annotations

from skillgraph.baseline import base_files
from skillgraph.entailment import entailed
from skillgraph.graph.memory import MemoryGraph
from skillgraph.ledger import open_ledger
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.settings import Settings
from skillgraph.vocabulary import graph_iri


def base_graph() -> MemoryGraph:
    """Return the published base as its files stand now, at version 0."""
    contents = [canonical_nquads(read_triples(file.path), graph_iri(file.key)) for file in base_files()]
    return MemoryGraph(0, [*contents, entailed(contents)])


def published_graph(settings: Settings) -> MemoryGraph:
    """Return the graph of the ledger where something was published, else the base."""
    if not settings.database and not (settings.home / "ledger.sqlite").exists():
        return base_graph()
    ledger = open_ledger(settings.ledger_url)
    heads = ledger.heads()
    if not heads:
        return base_graph()
    return MemoryGraph(ledger.version(), (ledger.content(head.digest) for head in heads.values()))
