"""Validates a set of triples against the shapes, reading of the published graph only what the shapes look at."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pyshacl
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from skillgraph.batch import batches
from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph as PublishedGraph
from skillgraph.graph import Query
from skillgraph.resources import query_files, query_text
from skillgraph.validation.shapes import SEVERITIES, Shapes, load_shapes
from skillgraph.validation.spanning import spanning_findings

# A literal that does not fit its datatype is a finding; RDFLib would print a traceback besides.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def validate(triples: Iterable[Triple], published: PublishedGraph, language: str = "en") -> list[Finding]:
    """Return what the shapes find in the records of some triples, most severe first.

    Every subject of the triples is held against the shapes of its classes. Of the published graph only what the shapes
    look at around the nodes that the triples mention is read; what the triples say of a record stands for all of it.
    ``language`` is that of the messages: en, fr or es.
    """
    own = list(triples)
    known = [*own, *_context(own, published)]
    data = Graph().parse(serialize(known, format=RdfFormat.N_TRIPLES), format="nt11")
    shapes = load_shapes()
    pairs = list(_targets(data, {_rdflib(triple.subject) for triple in own}, shapes))
    if not pairs:
        return []
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes.aimed(pairs), inplace=True)
    found = {*_findings(report, language), *spanning_findings(shapes.asked(pairs), known, language)}
    return sorted(found, key=lambda finding: (list(Severity).index(finding.severity), finding))


def _context(triples: list[Triple], published: PublishedGraph) -> Iterator[Triple]:
    """Return what the shapes look at around the nodes mentioned, and what they look at in any case."""
    own = {triple.subject for triple in triples}
    mentioned = {
        node.value for triple in triples for node in (triple.subject, triple.object) if isinstance(node, NamedNode)
    }
    for path in query_files("validation/of-nodes"):
        for query in batches(f"validation/of-nodes/{path.stem}", "node", mentioned):
            around = published.construct(query)
            yield from around if path.stem == "kinds" else (each for each in around if each.subject not in own)
    yield from published.construct(Query(query_text("validation/hierarchy")))
    yield from (
        each for each in published.construct(Query(query_text("validation/safeguards"))) if each.subject not in own
    )


def _targets(data: Graph, subjects: set[Node], shapes: Shapes) -> Iterator[tuple[Node, Node]]:
    for subject in subjects:
        classes = {
            above
            for kind in data.objects(subject, RDF.type)
            for above in data.transitive_objects(kind, RDFS.subClassOf)
            if above is not None
        }
        for each in classes:
            yield from ((shape, subject) for shape in shapes.by_class.get(each, ()))


def _findings(report: Graph, language: str) -> Iterator[Finding]:
    for result in report.subjects(RDF.type, SH.ValidationResult):
        if (None, SH.detail, result) in report:
            continue
        source = report.value(result, SH.sourceShape)
        severity = report.value(result, SH.resultSeverity)
        yield Finding(
            focus=_text(report.value(result, SH.focusNode)),
            path=_path(report, report.value(result, SH.resultPath)),
            rule=str(source) if isinstance(source, URIRef) else "",
            severity=SEVERITIES.get(severity, Severity.VIOLATION) if severity else Severity.VIOLATION,
            message=_message(report.objects(result, SH.resultMessage), language),
            value=_text(report.value(result, SH.value)),
        )


def _message(messages: Iterable[Node], language: str) -> str:
    """Return the message in the language asked for, else in English."""
    by_language = {each.language: str(each) for each in messages if isinstance(each, Literal)}
    return by_language.get(language) or by_language.get("en", "")


def _path(report: Graph, path: Node | None) -> str:
    """Write a path as IRIs, alternatives with a bar between them; nothing can be done with the name of a blank node."""
    alternatives = report.value(path, SH.alternativePath) if isinstance(path, BNode) else None
    if alternatives is not None:
        return "|".join(str(each) for each in report.items(alternatives))
    return _text(path)


def _text(node: Node | None) -> str:
    return "" if node is None or isinstance(node, BNode) else str(node)


def _rdflib(node: object) -> Node:
    assert isinstance(node, NamedNode)
    return URIRef(node.value)
