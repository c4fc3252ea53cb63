"""Holds data against the shapes, reading of the published graph only what the shapes look at."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, Triple
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph as PublishedGraph
from skillgraph.graph import Query
from skillgraph.resources import query_text
from skillgraph.validation.engine import shacl_engine
from skillgraph.validation.excerpt import Difference, Excerpt, Term
from skillgraph.validation.shapes import SEVERITIES, Aimed, Shapes, aimed_graph, load_shapes
from skillgraph.validation.spanning import Constraint, spanning_findings
from skillgraph.validation.terms import to_rdflib
from skillgraph.validation.walk import affected, slice_of

_AT_ONCE = 1000
# A literal that does not fit its datatype is a finding; RDFLib would print a traceback besides.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def validate(triples: Iterable[Triple], published: PublishedGraph | None, language: str = "en") -> list[Finding]:
    """Return what the shapes find in the records of some triples, most severe first.

    Every subject of the triples is held against the shapes of its classes; the triples add to what is published.
    ``language`` is that of the messages: en, fr or es.
    """
    own = frozenset(triples)
    subjects: set[Term] = {each.subject for each in own}
    return _in_order(findings_at(load_shapes(), subjects, Excerpt(published, Difference(own)), language))


def validate_content(
    triples: Iterable[Triple], graph: NamedNode, published: PublishedGraph, language: str = "en"
) -> list[Finding]:
    """Return what the shapes would find if some triples were all that a named graph has, most severe first.

    Found is everything in the records of the triples, and in others what is not found there now.
    """
    new = frozenset(triples)
    return validate_change({each.subject for each in new}, change_of(new, graph, published), published, language)


def validate_change(
    records: Iterable[Term], change: Difference, published: PublishedGraph, language: str = "en"
) -> list[Finding]:
    """Return what the shapes find in some records after a change, and in others what they do not find there now."""
    shapes = load_shapes()
    own = set(records)
    others = nodes_affected(shapes, change, published) - own
    found = findings_at(shapes, own | others, Excerpt(published, change), language)
    if others:
        found -= findings_at(shapes, others, Excerpt(published, Difference(frozenset())), language)
    return _in_order(found)


def change_of(content: frozenset[Triple], graph: NamedNode, published: PublishedGraph) -> Difference:
    """Return what a new content of a named graph changes; what another graph states too neither comes nor goes."""
    before = frozenset(published.construct(Query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}")))
    differing = sorted(content ^ before, key=str)
    elsewhere: set[Triple] = set()
    for start in range(0, len(differing), _AT_ONCE):
        batch = differing[start : start + _AT_ONCE]
        values = " ".join(f"({each.subject} {each.predicate} {each.object})" for each in batch)
        text = f"{query_text('validation/elsewhere')}\nVALUES (?subject ?predicate ?object) {{ {values} }}"
        for row in published.select(Query(text)):
            subject, predicate = row["subject"], row["predicate"]
            if row["graph"] != graph and isinstance(subject, NamedNode) and isinstance(predicate, NamedNode):
                elsewhere.add(Triple(subject, predicate, row["object"]))
    return Difference(content - before - elsewhere, before - content - elsewhere)


def nodes_affected(shapes: Shapes, change: Difference, published: PublishedGraph | None) -> set[Term]:
    """Return the nodes whose result may differ after a change."""
    either = Excerpt(published, Difference(change.added | change.removed))
    found = affected(either, shapes.uses, change.added | change.removed)
    if shapes.unbounded:
        found |= {node for each in either.everything() for node in (each.subject, each.object)}
    return found


def findings_at(shapes: Shapes, nodes: Iterable[Term], excerpt: Excerpt, language: str = "en") -> set[Finding]:
    """Return what those of some shapes that target some nodes find about them."""
    aimed = shapes.aim(nodes, excerpt)
    if not aimed:
        return set()
    seen = _seen(aimed, excerpt)
    asked: dict[Constraint, set[str]] = {}
    for shape, focus in aimed.items():
        for constraint in shape.constraints:
            asked.setdefault(constraint, set()).update(_text(to_rdflib(each)) for each in focus)
    return {*findings_of(report_of(aimed, seen, language), language), *spanning_findings(asked, seen, language)}


def report_at(shapes: Shapes, nodes: Iterable[Term], excerpt: Excerpt) -> Graph:
    """Return the report, as SHACL has it, of those of some shapes that target some nodes."""
    aimed = shapes.aim(nodes, excerpt)
    return report_of(aimed, _seen(aimed, excerpt))


def report_of(aimed: Aimed, triples: Iterable[Triple], language: str = "en") -> Graph:
    """Return the report of some shapes on the nodes at which each is aimed; raise what pySHACL says of faulty ones."""
    data = Graph()
    for each in triples:
        data.add((to_rdflib(each.subject), to_rdflib(each.predicate), to_rdflib(each.object)))
    _, report, _ = shacl_engine()(data, shacl_graph=aimed_graph(aimed, language), inplace=True)
    if isinstance(report, Exception):
        raise report
    assert isinstance(report, Graph)
    return report


def _seen(aimed: Aimed, excerpt: Excerpt) -> set[Triple]:
    if any(each.reach is None for each in aimed):
        return excerpt.everything()
    return slice_of(excerpt, {each.reach: focus for each, focus in aimed.items() if each.reach is not None})


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (list(Severity).index(finding.severity), finding))


def findings_of(report: Graph, language: str) -> Iterator[Finding]:
    """Yield the results of a report as findings, without those that only explain others."""
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
