"""Reads from a graph what things are called and what kind of thing they are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from skillgraph.graph import Binding, Query
from skillgraph.resources import query_text

_BATCH = 500

Rows = Callable[[Query], Iterable[Binding]]
"""Answers a SELECT query, at once or row by row."""


@dataclass(frozen=True)
class Named:
    """One name of a thing: its text, its language, its rank (3 name, 2 code, 1 other).

    ``kinds`` are the classes that the thing is stated to be of, ``classes`` these and all above them.
    """

    iri: str
    name: str
    language: str
    rank: int
    kinds: frozenset[str]
    classes: frozenset[str]


def records_of(rows: Rows, things: Collection[str] | None = None) -> Iterator[Named]:
    """Yield the names of all things of a graph, or of some."""
    kinds, classes = _Sets(), _Sets()
    for row in _asked(rows, "search/classes", things):
        iri, found, stated = _iri(row["thing"]), _iri(row["class"]), row["stated"]
        classes.add(iri, found)
        if isinstance(stated, Literal) and stated.value == "true":
            kinds.add(iri, found)
    for row in _asked(rows, "search/names", things):
        iri, name, rank = _iri(row["thing"]), row["name"], row["rank"]
        if isinstance(name, Literal) and isinstance(rank, Literal):
            yield Named(iri, name.value, name.language or "", int(rank.value), kinds.of(iri), classes.of(iri))


class _Sets:
    """Sets by IRI; there are few different ones, which half a million things share."""

    def __init__(self) -> None:
        self._found: dict[str, frozenset[str]] = {}
        self._joined: dict[tuple[frozenset[str], str], frozenset[str]] = {}

    def add(self, iri: str, member: str) -> None:
        before = self.of(iri)
        self._found[iri] = self._joined.setdefault((before, member), before | {member})

    def of(self, iri: str) -> frozenset[str]:
        return self._found.get(iri, _NONE)


_NONE: frozenset[str] = frozenset()


def _asked(rows: Rows, name: str, things: Iterable[str] | None) -> Iterator[Binding]:
    text = query_text(name)
    if things is None:
        yield from rows(Query(text))
        return
    listed = sorted(set(things))
    for start in range(0, len(listed), _BATCH):
        values = " ".join(str(NamedNode(iri)) for iri in listed[start : start + _BATCH])
        yield from rows(Query(f"{text}\nVALUES ?thing {{ {values} }}"))


def _iri(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else ""
