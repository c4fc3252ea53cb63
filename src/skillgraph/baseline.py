"""Brings the published knowledge (ontology, shapes, data) into the ledger, one named graph a file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from skillgraph.entailment import Derivation
from skillgraph.ledger import Change, Heads, Ledger, Revision
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.resources import TurtleFile, turtle_files
from skillgraph.vocabulary import graph_iri

AUTHOR = "SkillGraph base"


def base_files() -> tuple[TurtleFile, ...]:
    """Return every file that the base consists of."""
    return turtle_files("ontology") + turtle_files("shapes") + turtle_files("data")


def publish_base(
    ledger: Ledger, files: Iterable[TurtleFile], progress: Callable[[TurtleFile], None] = lambda _: None
) -> list[Revision]:
    """Publish the files that changed and withdraw the graphs whose file is gone; an unchanged file is not parsed."""
    sources = {graph_iri(file.key).value: file for file in files}

    def decide(heads: Heads) -> list[Change]:
        changes = [
            change
            for graph, file in sources.items()
            if (change := _changed(file, heads.get(graph), progress)) is not None
        ]
        gone = (head for graph, head in heads.items() if head.author == AUTHOR and graph not in sources)
        changes += [Change(head.graph, b"", "File removed from the base") for head in gone if head.origin_digest]
        return changes + Derivation(ledger.contents).change(heads, changes)

    return ledger.publish(AUTHOR, decide)


def _changed(file: TurtleFile, head: Revision | None, progress: Callable[[TurtleFile], None]) -> Change | None:
    progress(file)
    origin_digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
    if head is not None and head.origin_digest == origin_digest:
        return None
    nquads = canonical_nquads(read_triples(file.path), graph_iri(file.key))
    return Change(graph_iri(file.key).value, nquads, f"{file.key}.ttl", origin_digest)
