"""The shapes: which classes they target, and the same shapes aimed at chosen nodes instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from skillgraph.resources import turtle_files

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


@dataclass(frozen=True)
class Shapes:
    """Node shapes by the class they target, and the shapes graph without targets."""

    by_class: dict[Node, tuple[URIRef, ...]]
    untargeted: Graph

    def aimed(self, pairs: Iterable[tuple[Node, Node]]) -> Graph:
        """Return the shapes graph in which each shape targets the nodes paired with it, and nothing else."""
        aimed = Graph()
        aimed += self.untargeted
        for shape, node in pairs:
            aimed.add((shape, SH.targetNode, node))
        return aimed


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
        if triple[1] not in _TARGETS:
            untargeted.add(triple)
    return Shapes({target: tuple(sorted(shapes)) for target, shapes in by_class.items()}, untargeted)
