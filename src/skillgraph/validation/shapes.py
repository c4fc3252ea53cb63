"""The shapes: what each targets and looks at, the same shapes aimed at chosen nodes, and the queries among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, cached_property

from pyoxigraph import NamedNode
from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from skillgraph.finding import Severity
from skillgraph.resources import turtle_files
from skillgraph.validation.engine import shacl_engine
from skillgraph.validation.excerpt import Excerpt, Term
from skillgraph.validation.reach import Reach, Step, Unbounded
from skillgraph.validation.reading import prefixes, reach_of
from skillgraph.validation.spanning import Constraint
from skillgraph.validation.terms import to_oxigraph, to_rdflib
from skillgraph.validation.walk import Uses, uses_of
from skillgraph.vocabulary import RDF_TYPE, RDFS_SUBCLASS_OF

_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_FOR_PEOPLE = (SH.name, SH.description, SH.order, SH.group, SH.defaultValue, RDFS.label, RDFS.comment)
_SUPERCLASS = Step(RDFS_SUBCLASS_OF)
SEVERITIES: dict[Node, Severity] = {
    SH.Violation: Severity.VIOLATION,
    SH.Warning: Severity.WARNING,
    SH.Info: Severity.INFO,
}


@dataclass(frozen=True, eq=False)
class TargetedShape:
    """A shape with targets: what the shapes graph says of it, what it looks at, and what it asks as queries.

    ``messages`` are those of the shapes in it, by language. ``reach`` is ``None`` where it can only be held against the
    whole graph.
    """

    shape: Node
    said: tuple[tuple[Node, Node, Node], ...]
    messages: Mapping[Node, tuple[Literal, ...]]
    reach: Reach | None
    constraints: tuple[Constraint, ...]
    classes: frozenset[Term]
    nodes: frozenset[Term]
    steps: tuple[Step, ...]

    def targets(self, node: Term, classes: Set[Term], excerpt: Excerpt) -> bool:
        """Tell whether a node of some classes is a focus node; ``excerpt`` has what the shape's reach begins with."""
        return (
            bool(classes & self.classes)
            or node in self.nodes
            or any(next(excerpt.triples(node, step), None) is not None for step in self.steps)
        )


Aimed = Mapping[TargetedShape, Set[Term]]
"""The focus nodes of shapes."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """The shapes of a graph that have targets."""

    targeted: tuple[TargetedShape, ...]

    @cached_property
    def uses(self) -> Uses:
        """Where the shapes look along each predicate."""
        return uses_of(each.reach for each in self.targeted if each.reach is not None)

    def prepare(self) -> None:
        """Compute what is computed once, and have the engine make ready on an empty graph."""
        assert self.uses
        shacl_engine()(Graph(), shacl_graph=aimed_graph({each: set() for each in self.targeted[:1]}))

    @cached_property
    def unbounded(self) -> tuple[TargetedShape, ...]:
        """The shapes that can only be held against the whole graph."""
        return tuple(each for each in self.targeted if each.reach is None)

    def aim(self, nodes: Iterable[Term], excerpt: Excerpt) -> dict[TargetedShape, set[Term]]:
        """Return the shapes that have any of some nodes for focus nodes, each with those."""
        wanted = set(nodes)
        beginnings = {step for each in self.targeted for step in (Step(RDF_TYPE), *each.steps)}
        excerpt.fetch(dict.fromkeys(beginnings, wanted))
        above = _above({kind for node in wanted for kind in excerpt.others(node, Step(RDF_TYPE))}, excerpt)
        found: defaultdict[TargetedShape, set[Term]] = defaultdict(set)
        for node in wanted:
            classes = {every for kind in excerpt.others(node, Step(RDF_TYPE)) for every in above[kind]}
            for each in self.targeted:
                if each.targets(node, classes, excerpt):
                    found[each].add(node)
        return dict(found)


def aimed_graph(aimed: Aimed, language: str = "en") -> Graph:
    """Return the shapes graph in which each shape targets the nodes given with it, and nothing else.

    Of messages it has those in a language, in English where there is none.
    """
    graph = Graph()
    for each, nodes in aimed.items():
        for triple in each.said:
            graph.add(triple)
        for shape, messages in each.messages.items():
            for message in in_language(messages, language):
                graph.add((shape, SH.message, message))
        for node in nodes:
            graph.add((each.shape, SH.targetNode, to_rdflib(node)))
    return graph


def in_language(messages: Iterable[Literal], language: str) -> tuple[Literal, ...]:
    """Return the messages in a language, else those in English, else all."""
    given = tuple(messages)
    for wanted in (language, "en"):
        if found := tuple(each for each in given if each.language == wanted):
            return found
    return given


def read_shapes(graph: Graph, *, lift_queries: bool = False) -> Shapes:
    """Return the shapes of a graph.

    ``lift_queries`` takes the queries of property shapes out of them, to be run once for all nodes: they must bind
    ``$this`` by their own patterns.
    """
    shapes = {shape for target in _TARGETS for shape in graph.subjects(target)} | set(_class_shapes(graph))
    return Shapes(tuple(_targeted(graph, each, lift_queries) for each in sorted(shapes, key=str)))


@cache
def load_shapes() -> Shapes:
    """Read the published shapes."""
    graph = Graph()
    for file in turtle_files("shapes"):
        graph.parse(file.path, format="turtle")
    return read_shapes(graph, lift_queries=True)


def _class_shapes(graph: Graph) -> Iterator[Node]:
    """Yield the shapes that are classes too, which target their instances."""
    for kind in (RDFS.Class, OWL.Class):
        for each in graph.subjects(RDF.type, kind):
            if {SH.NodeShape, SH.PropertyShape} & set(graph.objects(each, RDF.type)):
                yield each


def _targeted(graph: Graph, shape: Node, lift_queries: bool) -> TargetedShape:
    try:
        reach = reach_of(graph, shape)
    except Unbounded:
        reach = None
    said = _described(graph, shape, lift_queries)
    messages: defaultdict[Node, list[Literal]] = defaultdict(list)
    for subject, predicate, value in said:
        if predicate == SH.message and isinstance(value, Literal):
            messages[subject].append(value)
    classes = set(graph.objects(shape, SH.targetClass)) | ({shape} & set(_class_shapes(graph)))
    return TargetedShape(
        shape,
        tuple(each for each in said if each[1] != SH.message),
        {subject: tuple(found) for subject, found in messages.items()},
        reach,
        _constraints(graph, shape) if lift_queries else (),
        frozenset(to_oxigraph(each) for each in classes),
        frozenset(to_oxigraph(each) for each in graph.objects(shape, SH.targetNode)),
        (
            *(Step(NamedNode(str(each))) for each in graph.objects(shape, SH.targetSubjectsOf)),
            *(Step(NamedNode(str(each)), inverse=True) for each in graph.objects(shape, SH.targetObjectsOf)),
        ),
    )


def _described(graph: Graph, shape: Node, lift_queries: bool) -> list[tuple[Node, Node, Node]]:
    """Return what a shapes graph says of a shape and of what it refers to, without targets."""
    left_out = {*_TARGETS, *_FOR_PEOPLE, *((SH.sparql,) if lift_queries else ())}
    described: list[tuple[Node, Node, Node]] = []
    components = set(graph.subjects(SH.parameter))
    pending: list[Node] = [shape, *components]
    seen: set[Node] = set(pending)
    while pending:
        for triple in graph.triples((pending.pop(), None, None)):
            _, predicate, value = triple
            if predicate in left_out or (predicate == RDF.type and value in (RDFS.Class, OWL.Class)):
                continue
            described.append(triple)
            if isinstance(value, URIRef | BNode) and value not in seen:
                seen.add(value)
                pending.append(value)
    return described


def _above(kinds: Set[Term], excerpt: Excerpt) -> dict[Term, set[Term]]:
    """Return each of some classes with itself and those above it."""
    seen: set[Term] = set()
    new = set(kinds)
    while new:
        seen |= new
        excerpt.fetch({_SUPERCLASS: new})
        new = {above for each in new for above in excerpt.others(each, _SUPERCLASS)} - seen
    return {kind: _reached(kind, excerpt) for kind in kinds}


def _reached(kind: Term, excerpt: Excerpt) -> set[Term]:
    found: set[Term] = set()
    new = {kind}
    while new:
        found |= new
        new = {above for each in new for above in excerpt.others(each, _SUPERCLASS)} - found
    return found


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
        select=prefixes(graph, query) + str(graph.value(query, SH.select)),
    )
