"""Reads a contributed file and says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import BlankNode, Triple

from skillgraph.errors import UnreadableData
from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph, Query
from skillgraph.rdfio import read_triples
from skillgraph.resources import query_text
from skillgraph.validation import validate
from skillgraph.vocabulary import RDF_TYPE, TERMS


def validate_file(path: Path, published: Graph, language: str = "en") -> list[Finding]:
    """Return everything that stands in the way of contributing a file, violations first; see ``validate``."""
    triples = read_triples(path)
    if not triples:
        raise UnreadableData(f"{path.name} holds no statements.", "Check that it is the right file.")
    nameless = list(_blank_nodes(triples))
    if nameless:
        return nameless
    return [*_undeclared(triples, published), *_untyped(triples), *validate(triples, published, language)]


def _blank_nodes(triples: Iterable[Triple]) -> Iterator[Finding]:
    subjects = {triple.subject for triple in triples if isinstance(triple.subject, BlankNode)}
    for subject in sorted(subjects, key=str):
        yield Finding(
            focus=str(subject),
            path="",
            rule="nameless-record",
            severity=Severity.VIOLATION,
            message="A record without an IRI cannot be cited. Give it one of your own, such as "
            "https://w3id.org/skillgraph/id/event/your-scheme.launched.",
        )


def _undeclared(triples: Iterable[Triple], published: Graph) -> Iterator[Finding]:
    declared = {str(row["term"]) for row in published.select(Query(query_text("pages/declared")))}
    for triple in triples:
        used = [triple.predicate, triple.object if triple.predicate == RDF_TYPE else triple.predicate]
        for each in dict.fromkeys(used):
            if str(each).startswith(f"<{TERMS}") and str(each) not in declared:
                yield Finding(
                    focus=triple.subject.value if not isinstance(triple.subject, Triple) else str(triple.subject),
                    path=triple.predicate.value,
                    rule="undeclared-term",
                    severity=Severity.VIOLATION,
                    message=f"The ontology has no term {each}. Look it up under /ns; names are case-sensitive.",
                    value=str(each).strip("<>"),
                )


def _untyped(triples: Iterable[Triple]) -> Iterator[Finding]:
    listed = list(triples)
    typed = {triple.subject for triple in listed if triple.predicate == RDF_TYPE}
    for subject in sorted({triple.subject for triple in listed} - typed, key=str):
        yield Finding(
            focus=str(subject).strip("<>"),
            path=RDF_TYPE.value,
            rule="untyped-record",
            severity=Severity.WARNING,
            message="The file does not say what this is, so nothing was checked. Give it a class, such as sg:Scheme.",
        )
