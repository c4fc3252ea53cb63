"""The list of a class: its members by name, narrowed by facets such as the country of destination."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import yaml
from pyoxigraph import NamedNode

from skillgraph.browse import members
from skillgraph.graph import Graph, Query
from skillgraph.label import Value, in_words, labels
from skillgraph.resources import query_header, query_text, root

PAGE = 200
"""Members on one page."""
MOST_CHOICES = 40
"""Values of a facet that are offered, the most frequent first."""


@dataclass(frozen=True)
class Choice:
    """A value of a facet, and how many members of the list have it."""

    value: Value
    count: int


@dataclass(frozen=True)
class Facet:
    """One way to narrow a list: its key and name, the value chosen, if one is, and the values to choose from."""

    key: str
    title: str
    chosen: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Listing:
    """A page of a list: the members on it, how many there are in all, its number, the last one's, and the facets."""

    members: tuple[Value, ...]
    total: int
    page: int
    pages: int
    facets: tuple[Facet, ...]


@cache
def facets_of(name: str) -> tuple[str, ...]:
    """Return the keys of the facets of a class."""
    listed = yaml.safe_load((root() / "queries" / "facets" / "classes.yaml").read_text(encoding="utf-8"))
    return tuple(listed.get(name, ()))


def listing(
    graph: Graph, name: str, chosen: Mapping[str, str], page: int = 1, *, backwards: bool = False, language: str = "en"
) -> Listing:
    """Return a page of the members of a class that have the values chosen by facet, sorted by name."""
    everything = members(graph, name, language)
    has = {key: _values(graph, key) for key in facets_of(name)}
    kept = {key: {iri for iri, values in has[key].items() if chosen[key] in values} for key in has if chosen.get(key)}
    found = [each for each in everything if all((each.iri or "") in members_with for members_with in kept.values())]
    if backwards:
        found.reverse()
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(page, 1), pages)
    all_iris = [each.iri or "" for each in everything]
    facets = tuple(_facet(graph, key, has[key], _others(all_iris, kept, key), chosen, language) for key in has)
    return Listing(tuple(found[(number - 1) * PAGE : number * PAGE]), len(found), number, pages, facets)


def _others(iris: Sequence[str], kept: Mapping[str, set[str]], key: str) -> list[str]:
    """Return the members that all other facets leave."""
    return [iri for iri in iris if all(iri in members_with for other, members_with in kept.items() if other != key)]


def _facet(
    graph: Graph,
    key: str,
    has: Mapping[str, set[str]],
    iris: Iterable[str],
    chosen: Mapping[str, str],
    language: str,
) -> Facet:
    counted = Counter(value for iri in iris for value in has.get(iri, ()))
    named = labels(graph, counted, language)
    choices = [Choice(in_words(NamedNode(value), named), count) for value, count in counted.most_common(MOST_CHOICES)]
    title = query_header(query_text(f"facets/{key}"))["title"]
    return Facet(key, title, chosen.get(key, ""), tuple(choices))


def _values(graph: Graph, key: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in graph.select(Query(query_text(f"facets/{key}"))):
        member, value = row["member"], row["value"]
        if isinstance(member, NamedNode) and isinstance(value, NamedNode):
            found.setdefault(member.value, set()).add(value.value)
    return found
