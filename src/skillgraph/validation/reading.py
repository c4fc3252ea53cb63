"""Finds out what shapes look at, from their paths and from the text of their queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from pyoxigraph import NamedNode
from pyparsing import ParseResults
from rdflib import SH, Graph, Literal, URIRef, Variable
from rdflib.extras.shacl import SHACLPathError, parse_shacl_path
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translatePath, translatePName, translatePrologue, traverse
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import IdentifiedNode, Node

from skillgraph.validation.reach import Reach, Step, Unbounded

_SHAPES_IN = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
_LISTS_OF_SHAPES = (SH["or"], SH["and"], SH.xone)
_COMPARED = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)
_BEYOND = (SH.target, SH.rule, SH.expression, SH.js)
_MOST_STEPS = 12
_THIS = Variable("this")
_PATH = Variable("PATH")

Places = dict[Node, list[Reach]]
"""Where a walk from the focus node meets the values of variables."""


def reach_of(shapes: Graph, shape: Node) -> Reach:
    """Return what a shape with targets looks at, its targets included; raise ``Unbounded`` where that has no end."""
    root = Reach()
    root.classes()
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        root.along(Step(_iri(predicate)))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        root.along(Step(_iri(predicate), inverse=True))
    _Walk(shapes).add_shape(shape, root, frozenset())
    return root


class _Walk:
    """A walk through the shapes of a graph."""

    def __init__(self, shapes: Graph) -> None:
        self._shapes = shapes
        self._custom = {
            path for parameter in shapes.objects(None, SH.parameter) for path in shapes.objects(parameter, SH.path)
        }

    def add_shape(self, shape: Node, place: Reach, above: frozenset[tuple[Node, Reach]]) -> None:
        if (shape, place) in above:
            return
        if place.depth > _MOST_STEPS:
            raise Unbounded(shape)
        path = self._path(shape)
        ends = [place] if path is None else place.ends(path)
        for predicate, value in self._shapes.predicate_objects(shape):
            if predicate in _BEYOND or predicate in self._custom:
                raise Unbounded(predicate)
            if predicate in _COMPARED:
                place.along(Step(_iri(value)))
            if predicate == SH.sparql:
                text = self._shapes.value(value, SH.select) or self._shapes.value(value, SH.ask)
                add_query(prefixes(self._shapes, value) + str(text), place, path)
            for end in ends:
                self._add_at_end(predicate, value, end, above | {(shape, place)})

    def _add_at_end(self, predicate: Node, value: Node, end: Reach, above: frozenset[tuple[Node, Reach]]) -> None:
        """Add what a shape looks at where its path ends."""
        if predicate == SH["class"]:
            end.classes()
        elif predicate == SH.closed and isinstance(value, Literal) and value.toPython():
            end.along(Step(None))
        elif predicate in _SHAPES_IN:
            self.add_shape(value, end, above)
        elif predicate in _LISTS_OF_SHAPES:
            for each in self._shapes.items(value):
                self.add_shape(each, end, above)

    def _path(self, shape: Node) -> URIRef | Path | None:
        path = self._shapes.value(shape, SH.path)
        if path is None:
            return None
        try:
            assert isinstance(path, IdentifiedNode)
            return parse_shacl_path(self._shapes, path)
        except SHACLPathError as fault:
            raise Unbounded(path) from fault


def prefixes(shapes: Graph, query: Node) -> str:
    """Return the prefixes that a query of a shapes graph may use, as the declarations that it lacks."""
    declared = [
        each for ontology in shapes.objects(query, SH.prefixes) for each in shapes.objects(ontology, SH.declare)
    ]
    pairs = sorted((str(shapes.value(each, SH.prefix)), str(shapes.value(each, SH.namespace))) for each in declared)
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in pairs)


def add_query(text: str, place: Reach, path: URIRef | Path | None = None) -> None:
    """Add what a constraint looks at from ``$this``; ``$PATH`` stands for ``path``. Raise ``Unbounded``."""
    _Patterns(path).add_group(_parsed(text).where, {_THIS: [place]})


def _parsed(text: str) -> CompValue:
    try:
        declarations, query = parseQuery(text)
        traverse(query, visitPost=partial(translatePName, prologue=translatePrologue(declarations, None)))
        traverse(query, visitPost=translatePath)
    except Exception as fault:  # RDFLib raises no narrower one; whoever runs the query will say what is wrong with it
        raise Unbounded(text) from fault
    assert isinstance(query, CompValue)
    return query


class _Patterns:
    """A walk through the patterns of a query."""

    def __init__(self, path: URIRef | Path | None) -> None:
        self._path = path

    def add_group(self, group: CompValue, known: Places) -> Places:
        """Add the patterns of a group, reached at the places known; return these with those that it adds."""
        if group.name == "SubSelect":
            return self.add_group(group.where, known)
        parts: list[CompValue] = list(group.part or ())
        triples = [triple for part in parts if part.name == "TriplesBlock" for triple in _triples(part)]
        others = [part for part in parts if part.name != "TriplesBlock"]
        known = dict(known)
        while triples or others:
            left = [triple for triple in triples if not self._add_triple(triple, known)]
            if left == triples:
                if not others:
                    raise Unbounded(left)
                self._add_part(others.pop(0), known)
            triples = left
        return known

    def _add_triple(self, triple: tuple[Node, Node | Path, Node], known: Places) -> bool:
        """Add a pattern where one of its ends is known, and with it the other end."""
        subject, predicate, value = triple
        if subject in known:
            found = [end for place in known[subject] for end in self._ends(place, predicate, inverse=False)]
            known.setdefault(value, found)
        elif value in known:
            known[subject] = [end for place in known[value] for end in self._ends(place, predicate, inverse=True)]
        return subject in known or value in known

    def _ends(self, place: Reach, predicate: Node | Path, *, inverse: bool) -> list[Reach]:
        if predicate == _PATH and self._path is not None:
            return place.ends(self._path, inverse=inverse)
        if isinstance(predicate, Variable):
            return [place.along(Step(None, inverse))]
        assert isinstance(predicate, URIRef | Path)
        return place.ends(predicate, inverse=inverse)

    def _add_part(self, part: CompValue, known: Places) -> None:
        if part.name in ("GraphGraphPattern", "ServiceGraphPattern"):
            raise Unbounded(part.name)
        if part.name in ("OptionalGraphPattern", "GroupOrUnionGraphPattern"):
            groups = part.graph if isinstance(part.graph, list | ParseResults) else [part.graph]
            reached = [self.add_group(group, known) for group in groups]
            for variable in {variable for each in reached for variable in each} - set(known):
                known[variable] = [place for each in reached for place in each.get(variable, ())]
        else:
            for group in _groups(part):
                self.add_group(group, known)


def _triples(block: CompValue) -> Iterator[tuple[Node, Node | Path, Node]]:
    for flat in block.triples:
        for start in range(0, len(flat), 3):
            yield flat[start], flat[start + 1], flat[start + 2]


def _groups(part: object) -> Iterator[CompValue]:
    """Yield the groups inside a filter, a binding or what is taken away: each is read, none binds anything outside."""
    if isinstance(part, CompValue):
        if part.name in ("GroupGraphPatternSub", "SubSelect"):
            yield part
            return
        for value in part.values():
            yield from _groups(value)
    elif isinstance(part, Iterable) and not isinstance(part, str):
        for value in part:
            yield from _groups(value)


def _iri(node: Node) -> NamedNode:
    if not isinstance(node, URIRef):
        raise Unbounded(node)
    return NamedNode(node)
