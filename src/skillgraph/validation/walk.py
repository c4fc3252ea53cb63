"""Walks what shapes look at: forwards to cut out what they see, backwards to nodes whose result may have changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set

from pyoxigraph import NamedNode, Triple

from skillgraph.validation.excerpt import Excerpt, Term
from skillgraph.validation.reach import Reach, Step

Uses = Mapping[NamedNode | None, tuple[tuple[Reach, Step], ...]]
"""By predicate, the places from which a step with it is taken."""


def slice_of(excerpt: Excerpt, aimed: Mapping[Reach, Set[Term]]) -> set[Triple]:
    """Return the statements that are seen from some nodes along what is looked at from each."""
    found: set[Triple] = set()
    level: dict[Reach, set[Term]] = {place: set(nodes) for place, nodes in aimed.items()}
    while level:
        _fetch(excerpt, ((step.once, nodes) for place, nodes in level.items() for step in place.branches))
        following: dict[Reach, set[Term]] = {}
        for place, nodes in level.items():
            for step, end in place.branches.items():
                seen, reached = _seen(excerpt, step, nodes)
                found |= seen
                if reached and end.branches:
                    following[end] = reached
        level = following
    return found


def uses_of(roots: Iterable[Reach]) -> Uses:
    """Return where the steps with each predicate are taken."""
    found: defaultdict[NamedNode | None, list[tuple[Reach, Step]]] = defaultdict(list)
    for root in roots:
        for place in root.everything():
            for step in place.branches:
                found[step.predicate].append((place, step))
    return {predicate: tuple(places) for predicate, places in found.items()}


def affected(excerpt: Excerpt, uses: Uses, changed: Iterable[Triple]) -> set[Term]:
    """Return the nodes from which some statements are seen; the excerpt has those that come and those that go."""
    hits: defaultdict[Reach, set[Term]] = defaultdict(set)
    for predicate, triples in _by_predicate(changed).items():
        subjects: set[Term] = {each.subject for each in triples}
        objects: set[Term] = {each.object for each in triples}
        for place, step in (*uses.get(predicate, ()), *uses.get(None, ())):
            starts = objects if step.inverse else subjects
            if step.repeated:
                excerpt.fetch({step.back: starts})
                starts = _back_along(excerpt, step, starts)
            hits[place] |= starts
    found: set[Term] = set()
    while hits:
        depth = max(place.depth for place in hits)
        deepest = {place: hits.pop(place) for place in list(hits) if place.depth == depth}
        _fetch(excerpt, ((place.step.back, nodes) for place, nodes in deepest.items() if place.step))
        for place, nodes in deepest.items():
            if place.parent is None or place.step is None:
                found |= nodes
            else:
                hits[place.parent] |= _back_along(excerpt, place.step, nodes)
    return found


def _by_predicate(triples: Iterable[Triple]) -> dict[NamedNode, list[Triple]]:
    found: defaultdict[NamedNode, list[Triple]] = defaultdict(list)
    for triple in triples:
        found[triple.predicate].append(triple)
    return found


def _fetch(excerpt: Excerpt, looks: Iterable[tuple[Step, Set[Term]]]) -> None:
    wanted: defaultdict[Step, set[Term]] = defaultdict(set)
    for step, nodes in looks:
        wanted[step] |= nodes
    excerpt.fetch(wanted)


def _seen(excerpt: Excerpt, step: Step, nodes: set[Term]) -> tuple[set[Triple], set[Term]]:
    """Return the statements along a step from some nodes, which have been fetched, and where it ends."""
    seen: set[Triple] = set()
    found: set[Term] = set(nodes) if step.repeated else set()
    new = nodes
    while new:
        if new is not nodes:
            excerpt.fetch({step.once: new})
        met = {triple for node in new for triple in excerpt.triples(node, step)}
        seen |= met
        ends: set[Term] = {each.subject if step.inverse else each.object for each in met}
        new = ends - found if step.repeated else set()
        found |= ends
    return seen, found


def _back_along(excerpt: Excerpt, step: Step, nodes: set[Term]) -> set[Term]:
    """Return from where a step leads to some nodes, all fetched; a repeated one leads there from them too."""
    found: set[Term] = set(nodes) if step.repeated else set()
    new = nodes
    while new:
        if new is not nodes:
            excerpt.fetch({step.back: new})
        starts = {other for node in new for other in excerpt.others(node, step.back)}
        new = starts - found if step.repeated else set()
        found |= starts
    return found
