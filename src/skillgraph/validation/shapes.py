"""The shapes: which classes they target, the same shapes aimed at chosen nodes, and the queries among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rdflib import SH, Graph, Literal, URIRef
from rdflib.term import Node

from skillgraph.finding import Severity
from skillgraph.resources import turtle_files
from skillgraph.validation.spanning import Constraint

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
SEVERITIES: dict[Node, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


@dataclass(frozen=True)
class Shapes:
    """Node shapes by the class they target, the shapes graph without targets and queries, and the queries by shape."""

    by_class: dict[Node, tuple[URIRef, ...]]
    untargeted: Graph
    constraints: dict[Node, tuple[Constraint, ...]]

    def aimed(self, pairs: Iterable[tuple[Node, Node]]) -> Graph:
        """Return the shapes graph in which each shape targets the nodes paired with it, and nothing else."""
        aimed = Graph()
        aimed += self.untargeted
        for shape, node in pairs:
            aimed.add((shape, SH.targetNode, node))
        return aimed

    def asked(self, pairs: Iterable[tuple[Node, Node]]) -> dict[Constraint, set[str]]:
        """Return the queries of the shapes with the nodes paired with each."""
        asked: dict[Constraint, set[str]] = {}
        for shape, node in pairs:
            for constraint in self.constraints.get(shape, ()):
                asked.setdefault(constraint, set()).add(str(node))
        return asked


@cache
def load_shapes() -> Shapes:
    """Read the published shapes."""
    graph = Graph()
    for file in turtle_files("shapes"):
        graph.parse(file.path, format="turtle")
    by_class: dict[Node, list[URIRef]] = {}
    for shape, target in graph.subject_objects(SH.targetClass):
        if isinstance(shape, URIRef):
            by_class.setdefault(target, []).append(shape)
    untargeted = Graph()
    for triple in graph:
        if triple[1] not in (*_TARGETS, SH.sparql):
            untargeted.add(triple)
    return Shapes(
        {target: tuple(sorted(shapes)) for target, shapes in by_class.items()},
        untargeted,
        {shape: _constraints(graph, shape) for shapes in by_class.values() for shape in shapes},
    )


def _constraints(graph: Graph, node_shape: Node) -> tuple[Constraint, ...]:
    shapes = sorted(graph.objects(node_shape, SH.property), key=str)
    return tuple(_constraint(graph, shape, query) for shape in shapes for query in graph.objects(shape, SH.sparql))


def _constraint(graph: Graph, shape: Node, query: Node) -> Constraint:
    messages = [each for each in graph.objects(shape, SH.message) if isinstance(each, Literal)]
    severity = graph.value(shape, SH.severity)
    assert severity is not None
    return Constraint(
        rule=str(shape),
        path=str(graph.value(shape, SH.path)),
        severity=SEVERITIES[severity],
        messages=tuple(sorted((each.language or "", str(each)) for each in messages)),
        select=_prefixes(graph, query) + str(graph.value(query, SH.select)),
    )


def _prefixes(graph: Graph, query: Node) -> str:
    declared = [each for ontology in graph.objects(query, SH.prefixes) for each in graph.objects(ontology, SH.declare)]
    pairs = sorted((str(graph.value(each, SH.prefix)), str(graph.value(each, SH.namespace))) for each in declared)
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in pairs)
