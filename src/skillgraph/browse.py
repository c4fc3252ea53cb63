"""What there is: classes with their members, and a search by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from skillgraph.errors import UnknownEntity
from skillgraph.graph import Graph, Query
from skillgraph.label import Value, definitions, in_words, labels
from skillgraph.resources import query_text
from skillgraph.search import Names
from skillgraph.vocabulary import TERMS, term

MOST_HITS = 100
"""Things found that a page shows."""


@dataclass(frozen=True)
class Theme:
    """A theme of the list of themes, its definition, and how many schemes and instruments have it."""

    iri: str
    label: str
    definition: str
    definition_language: str
    count: int


@dataclass(frozen=True)
class Asked:
    """A text to find by name, the names of our classes to find it among (all where there are none), and how many."""

    text: str
    kinds: tuple[str, ...] = ()
    limit: int = MOST_HITS


@dataclass(frozen=True)
class Kind:
    """A class of ours, its definition and how many members it has, those of its subclasses included."""

    name: str
    label: str
    definition: str
    definition_language: str
    count: int


@dataclass(frozen=True)
class Hit:
    """A thing found by name, its class, the name that matched, its language, and how well it fits: 100 is equality."""

    thing: Value
    kind: Value | None
    matched: str
    language: str
    score: float


def kinds(graph: Graph, language: str = "en") -> list[Kind]:
    """Return the classes that have members, the largest first."""
    rows = graph.select(Query(query_text("pages/classes")))
    counts = {_iri(row["class"]): int(row["count"].value) for row in rows if isinstance(row["count"], Literal)}
    named, defined = labels(graph, counts, language), definitions(graph, counts, language)
    found = [
        Kind(iri.removeprefix(TERMS), named[iri].text, defined[iri].text, defined[iri].language, count)
        for iri, count in counts.items()
        if iri in defined
    ]
    return sorted(found, key=lambda kind: (-kind.count, kind.label))


def find_kind(graph: Graph, name: str, language: str = "en") -> Kind:
    """Return one of our classes by its name; raise ``UnknownEntity`` where there is none with members."""
    for each in kinds(graph, language):
        if each.name == name:
            return each
    raise UnknownEntity(f"There is no class {name!r} with members.", "Browse the list of classes on the home page.")


def themes(graph: Graph, language: str = "en") -> list[Theme]:
    """Return the themes, in the order of their list."""
    rows = graph.select(Query(query_text("pages/themes")))
    counts = {_iri(row["theme"]): int(row["count"].value) for row in rows if isinstance(row["count"], Literal)}
    named, defined = labels(graph, counts, language), definitions(graph, counts, language)
    return [
        Theme(iri, named[iri].text, defined[iri].text, defined[iri].language, count)
        for iri, count in counts.items()
        if iri in defined
    ]


def members(graph: Graph, name: str, language: str = "en") -> list[Value]:
    """Return the members of one of our classes, sorted by label."""
    rows = graph.select(Query(query_text("pages/members"), {"class": term(name)}))
    notation = {row["member"]: row["notation"] for row in rows if "notation" in row}
    nodes = {row["member"] for row in rows}
    named = labels(graph, (node.value for node in nodes if isinstance(node, NamedNode)), language)
    values = [_with_notation(in_words(node, named), notation.get(node)) for node in nodes]
    return sorted(values, key=lambda value: (value.text.casefold(), value.iri or ""))


def search(graph: Graph, names: Names, asked: Asked, language: str = "en") -> list[Hit]:
    """Return things whose names fit a text, the best first, as the graph calls them."""
    found = names.find(asked.text, [TERMS + kind for kind in asked.kinds], asked.limit)
    shown = {each.iri: _shown_class(each.kinds) for each in found}
    named = labels(graph, {*shown, *(kind for kind in shown.values() if kind)}, language)
    return [
        Hit(
            in_words(NamedNode(each.iri), named),
            in_words(NamedNode(kind), named) if (kind := shown[each.iri]) else None,
            each.matched,
            each.language,
            each.score,
        )
        for each in found
    ]


def as_records(hits: Iterable[Hit]) -> list[dict[str, object]]:
    """Return what was found as plain data for JSON."""
    return [
        {
            "iri": each.thing.iri,
            "name": each.thing.text,
            "class": each.kind.iri if each.kind else None,
            "class_name": each.kind.text if each.kind else None,
            "matched": each.matched,
            "matched_language": each.language or None,
            "score": each.score,
        }
        for each in hits
    ]


def _shown_class(kinds: Iterable[str]) -> str:
    """Return the class under which a thing is shown: one of ours, if it is of any."""
    return min((each for each in kinds if each.startswith(TERMS)), default="")


def _iri(node: object) -> str:
    return node.value if isinstance(node, NamedNode) else ""


def _with_notation(value: Value, notation: object) -> Value:
    if not isinstance(notation, Literal) or notation.value in value.text:
        return value
    return Value(f"{notation.value} {value.text}", value.iri, value.language)
