"""Lets a contribution speak of a published record where it described one of its own that is the same thing."""

from __future__ import annotations

from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from skillgraph.errors import InvalidContribution
from skillgraph.rdfio import canonical_nquads
from skillgraph.vocabulary import RDF_TYPE, SKOS

_OF_IDENTITY = {RDF_TYPE, NamedNode(SKOS + "prefLabel"), NamedNode(SKOS + "altLabel")}
"""What the published record says of itself already."""


def merged(nquads: bytes, record: str, known: str, graph: NamedNode) -> bytes:
    """Return content (canonical N-Quads) in which a record of its own is the known one.

    References to the record lead to the known one; what else the content says of the record it then says of that, but
    for class and names.
    """
    one, other = _iri(record), _iri(known)
    triples = [quad.triple for quad in parse(nquads, format=RdfFormat.N_QUADS)]
    if not any(triple.subject == one for triple in triples):
        raise InvalidContribution(f"The contribution holds no record {record}.", "Load its page again.")
    kept = (triple for triple in triples if triple.subject != one or triple.predicate not in _OF_IDENTITY)
    return canonical_nquads((_replaced(triple, one, other) for triple in kept), graph)


def _replaced(triple: Triple, one: NamedNode, other: NamedNode) -> Triple:
    return Triple(
        other if triple.subject == one else triple.subject,
        triple.predicate,
        other if triple.object == one else triple.object,
    )


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError:
        raise InvalidContribution(f"{text!r} is not an IRI.", "Load the page again.") from None
