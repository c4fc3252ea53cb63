"""Validates a set of triples against the shapes, reading of the published graph only what the shapes look at."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pyshacl
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize
from rdflib import RDF, RDFS, SH, BNode, Graph, URIRef
from rdflib.term import Node

from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph as PublishedGraph
from skillgraph.graph import Query
from skillgraph.resources import query_text
from skillgraph.validation.shapes import Shapes, load_shapes

_CHUNK = 500
# A literal that does not fit its datatype is a finding; RDFLib would print a traceback besides.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)
_SEVERITIES: dict[Node, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


def validate(triples: Iterable[Triple], published: PublishedGraph) -> list[Finding]:
    """Return what the shapes find in the records of some triples, most severe first.

    Every subject of the triples is held against the shapes of its classes. Of the published graph only the classes and
    code lists of the nodes that the triples mention are read.
    """
    own = list(triples)
    data = Graph()
    _add(data, own)
    _add(data, _context(own, published))
    shapes = load_shapes()
    subjects = {_rdflib(triple.subject) for triple in own}
    pairs = list(_targets(data, subjects, shapes))
    if not pairs:
        return []
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes.aimed(pairs), inplace=True)
    return sorted(_findings(report), key=lambda finding: (list(Severity).index(finding.severity), finding))


def _context(triples: list[Triple], published: PublishedGraph) -> Iterator[Triple]:
    """Return the classes and code lists of the nodes mentioned, and the class hierarchy."""
    mentioned = {
        node.value for triple in triples for node in (triple.subject, triple.object) if isinstance(node, NamedNode)
    }
    nodes = sorted(mentioned)
    for start in range(0, len(nodes), _CHUNK):
        values = " ".join(str(NamedNode(node)) for node in nodes[start : start + _CHUNK])
        yield from published.construct(Query(f"{query_text('pages/kinds')}\nVALUES ?node {{ {values} }}"))
    yield from published.construct(Query(query_text("pages/hierarchy")))


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


def _findings(report: Graph) -> Iterator[Finding]:
    for result in report.subjects(RDF.type, SH.ValidationResult):
        if (None, SH.detail, result) in report:
            continue
        source = report.value(result, SH.sourceShape)
        severity = report.value(result, SH.resultSeverity)
        yield Finding(
            focus=_text(report.value(result, SH.focusNode)),
            path=_path(report, report.value(result, SH.resultPath)),
            rule=str(source) if isinstance(source, URIRef) else "",
            severity=_SEVERITIES.get(severity, Severity.VIOLATION) if severity else Severity.VIOLATION,
            message=_text(report.value(result, SH.resultMessage)),
            value=_text(report.value(result, SH.value)),
        )


def _path(report: Graph, path: Node | None) -> str:
    """Write a path as IRIs, alternatives with a bar between them; nothing can be done with the name of a blank node."""
    alternatives = report.value(path, SH.alternativePath) if isinstance(path, BNode) else None
    if alternatives is not None:
        return "|".join(str(each) for each in report.items(alternatives))
    return _text(path)


def _text(node: Node | None) -> str:
    return "" if node is None or isinstance(node, BNode) else str(node)


def _add(graph: Graph, triples: Iterable[Triple]) -> None:
    graph.parse(serialize(triples, format=RdfFormat.N_TRIPLES), format="nt11")


def _rdflib(node: object) -> Node:
    assert isinstance(node, NamedNode)
    return URIRef(node.value)
