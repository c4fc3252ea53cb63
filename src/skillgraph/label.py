"""Names of things in words: the label of an IRI in the best language there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from skillgraph.batch import batches
from skillgraph.graph import Graph
from skillgraph.graph.protocol import Term
from skillgraph.vocabulary import XSD

_DURATION = XSD + "duration"
_UNITS = ("year", "month", "day")
_LENGTH = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


@dataclass(frozen=True)
class Label:
    """A name and the language it is in; ``language`` is empty for codes, abbreviations and fallbacks."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Value:
    """A term in words: an entity with its IRI, or a literal with its datatype."""

    text: str
    iri: str | None = None
    language: str = ""
    datatype: str | None = None


def in_words(term: Term, named: Mapping[str, Label]) -> Value:
    """Return a term as people read it, given the labels of the IRIs around."""
    if isinstance(term, NamedNode):
        label = named[term.value]
        return Value(label.text, term.value, label.language)
    if isinstance(term, Literal):
        text = duration_in_words(term.value) if term.datatype.value == _DURATION else term.value
        return Value(text, None, term.language or "", term.datatype.value)
    return Value(str(term))


def duration_in_words(duration: str) -> str:
    """Return years, months and days of an xsd:duration in words, or the text itself where it has other parts."""
    match = _LENGTH.fullmatch(duration)
    counts = [(int(count), unit) for count, unit in zip(match.groups(), _UNITS, strict=True) if count] if match else []
    return ", ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts) or duration


def labels(graph: Graph, iris: Iterable[str], language: str = "en") -> dict[str, Label]:
    """Return a label for every IRI: in the language asked for, else English, else any, else its last part."""
    wanted = set(iris)
    best = _best(graph, "pages/labels", wanted, language)
    return {iri: best.get(iri) or Label(last_part(iri)) for iri in wanted}


def definitions(graph: Graph, iris: Iterable[str], language: str = "en") -> dict[str, Label]:
    """Return the definition of every IRI that has one, in the best language by the same rule."""
    return _best(graph, "pages/definitions", set(iris), language)


def _best(graph: Graph, query: str, iris: Iterable[str], language: str) -> dict[str, Label]:
    best: dict[str, Label] = {}
    for iri, label in _found(graph, query, iris):
        present = best.get(iri)
        if present is None or _rank(label, language) < _rank(present, language):
            best[iri] = label
    return best


def last_part(iri: str) -> str:
    """Return what follows the last slash or hash of an IRI, the whole of it if nothing does."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri


def _found(graph: Graph, name: str, iris: Iterable[str]) -> Iterator[tuple[str, Label]]:
    for query in batches(name, "iri", iris):
        for row in graph.select(query):
            iri, label = row["iri"], row["label"]
            if isinstance(iri, NamedNode) and isinstance(label, Literal):
                yield iri.value, Label(label.value, label.language or "")


def _rank(label: Label, language: str) -> tuple[int, str]:
    order = [language, "en", ""]
    return (order.index(label.language) if label.language in order else len(order), label.text)
