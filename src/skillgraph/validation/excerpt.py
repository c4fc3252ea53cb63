"""Reads of the published graph what a validation needs, with a change to it taken as done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from skillgraph.graph import Graph, Query
from skillgraph.resources import query_text
from skillgraph.validation.reach import Step

Term = NamedNode | BlankNode | Literal | Triple
_AT_ONCE = 2000


@dataclass(frozen=True)
class Difference:
    """Statements that come to the published graph and statements that go from it, none of them both."""

    added: frozenset[Triple]
    removed: frozenset[Triple] = frozenset()


class Excerpt:
    """What has been read of the published graph after a difference; without one published, the difference is all."""

    def __init__(self, published: Graph | None, difference: Difference) -> None:
        self._published = published
        self._removed = difference.removed
        self._outgoing: dict[Term, dict[NamedNode, set[Triple]]] = {}
        self._incoming: dict[Term, dict[NamedNode, set[Triple]]] = {}
        self._done: defaultdict[Step, set[Term]] = defaultdict(set)
        for triple in difference.added:
            self._keep(triple)

    def fetch(self, wanted: Mapping[Step, Set[Term]]) -> None:
        """Read the statements at some nodes; what was read before is not read again."""
        if self._published is None:
            return
        for inverse in (False, True):
            pairs: list[tuple[Term, NamedNode | None]] = []
            for step, nodes in wanted.items():
                if step.inverse == inverse:
                    new = nodes - self._done[step]
                    self._done[step] |= new
                    pairs += [(node, step.predicate) for node in new if _can_be_asked(node, inverse=inverse)]
            for start in range(0, len(pairs), _AT_ONCE):
                self._fetch(self._published, pairs[start : start + _AT_ONCE], inverse=inverse)

    def _fetch(self, published: Graph, pairs: list[tuple[Term, NamedNode | None]], *, inverse: bool) -> None:
        values = " ".join(f"({node} {predicate or 'UNDEF'})" for node, predicate in pairs)
        text = query_text("validation/incoming" if inverse else "validation/outgoing")
        for triple in published.construct(Query(f"{text}\nVALUES (?node ?property) {{ {values} }}")):
            if triple not in self._removed:
                self._keep(triple)

    def _keep(self, triple: Triple) -> None:
        self._outgoing.setdefault(triple.subject, {}).setdefault(triple.predicate, set()).add(triple)
        self._incoming.setdefault(triple.object, {}).setdefault(triple.predicate, set()).add(triple)

    def triples(self, node: Term, step: Step) -> Iterator[Triple]:
        """Yield the statements that a look from a node meets, of those that were read."""
        found = (self._incoming if step.inverse else self._outgoing).get(node, {})
        if step.predicate is not None:
            yield from found.get(step.predicate, ())
        else:
            for triples in found.values():
                yield from triples

    def everything(self) -> set[Triple]:
        """Read all there is and return it."""
        if self._published is not None:
            for triple in self._published.construct(Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")):
                if triple not in self._removed:
                    self._keep(triple)
        return {triple for found in self._outgoing.values() for triples in found.values() for triple in triples}

    def others(self, node: Term, step: Step) -> set[Term]:
        """Return the nodes that a look from a node meets."""
        return {each.subject if step.inverse else each.object for each in self.triples(node, step)}


def _can_be_asked(node: Term, *, inverse: bool) -> bool:
    return isinstance(node, NamedNode) or (inverse and isinstance(node, Literal))
