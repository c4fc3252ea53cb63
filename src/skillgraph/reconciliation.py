"""Matches names in somebody's table to things in the graph, as the Reconciliation API 0.2 has it.

The interface: https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from pyoxigraph import Literal, NamedNode
from rapidfuzz import fuzz, utils

from skillgraph.graph import Graph, Query
from skillgraph.graph.protocol import Term
from skillgraph.label import Label, Value, in_words, labels
from skillgraph.resources import query_text
from skillgraph.search import EQUAL, Found, Names
from skillgraph.vocabulary import TERMS

_NAMES_SHARE: Final = 0.7
"""What the name counts where other columns of the table are given too."""
_PAIRS: Final = 1000


@dataclass(frozen=True)
class Wanted:
    """A name to match, the classes it may be of, how many candidates to return, and what is known besides."""

    name: str
    classes: tuple[str, ...] = ()
    limit: int = 5
    known: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant: its name, its classes of ours, how well it fits (0 to 100), whether it surely is."""

    iri: str
    name: str
    classes: tuple[Value, ...]
    score: float
    is_certain: bool
    matched: str


def reconcile(graph: Graph, names: Names, wanted: Wanted, language: str = "en") -> list[Candidate]:
    """Return the things that a name may mean, the most likely first."""
    found = names.find(wanted.name, wanted.classes, max(wanted.limit, 10) if wanted.known else wanted.limit)
    known = _known(graph, found, wanted, language)
    named = labels(graph, {*(each.iri for each in found), *(kind for each in found for kind in _ours(each))}, language)
    scored = sorted(((_score(each, wanted, known), each) for each in found), key=lambda pair: -pair[0])
    certain = [score for score, _ in scored if score >= EQUAL]
    return [
        Candidate(
            each.iri,
            named[each.iri].text,
            tuple(in_words(NamedNode(kind), named) for kind in _ours(each)),
            round(score, 1),
            score >= EQUAL and len(certain) == 1,
            each.matched,
        )
        for score, each in scored[: wanted.limit]
    ]


def values(
    graph: Graph, things: Iterable[str], properties: Iterable[str], language: str = "en"
) -> dict[str, dict[str, list[Value]]]:
    """Return what is said of things by properties, in words: a text in several languages in the best one only."""
    found = _stated(graph, things, properties)
    terms = (term for stated in found.values() for listed in stated.values() for term in listed)
    iris = {term.value for term in terms if isinstance(term, NamedNode)}
    named = labels(graph, iris, language)
    return {
        thing: {of: _in_words(terms, named, language) for of, terms in stated.items()}
        for thing, stated in found.items()
    }


def properties_of(graph: Graph, kind: str, language: str = "en") -> list[Value]:
    """Return the properties that records of a class may have, by name."""
    rows = graph.select(Query(query_text("reconciliation/properties"), {"class": NamedNode(kind)}))
    iris = {each.value for row in rows if isinstance(each := row["property"], NamedNode)}
    named = labels(graph, iris, language)
    return sorted((in_words(NamedNode(iri), named) for iri in iris), key=lambda value: value.text.casefold())


def _known(graph: Graph, found: list[Found], wanted: Wanted, language: str) -> Mapping[str, Mapping[str, list[Value]]]:
    if not wanted.known:
        return {}
    return values(graph, [each.iri for each in found], [name for name, _ in wanted.known], language)


def _score(found: Found, wanted: Wanted, known: Mapping[str, Mapping[str, list[Value]]]) -> float:
    if not wanted.known:
        return max(found.score, 0.0)
    stated = known.get(found.iri, {})
    fits = [_likeness(given, stated.get(name, [])) for name, given in wanted.known]
    return _NAMES_SHARE * max(found.score, 0.0) + (1 - _NAMES_SHARE) * sum(fits) / len(fits)


def _likeness(given: tuple[str, ...], stated: list[Value]) -> float:
    """Return how well values of a table agree with those stated, from 0 to 100."""
    return max(
        (
            100.0 if one in (each.iri, each.text) else fuzz.ratio(one, each.text, processor=utils.default_process)
            for one in given
            for each in stated
        ),
        default=0.0,
    )


def _ours(found: Found) -> list[str]:
    return sorted(each for each in found.kinds if each.startswith(TERMS))


def _stated(graph: Graph, things: Iterable[str], properties: Iterable[str]) -> dict[str, dict[str, list[Term]]]:
    pairs = list(product(sorted(set(things)), sorted(set(properties))))
    found: dict[str, dict[str, list[Term]]] = {}
    for start in range(0, len(pairs), _PAIRS):
        listed = " ".join(f"({NamedNode(thing)} {NamedNode(of)})" for thing, of in pairs[start : start + _PAIRS])
        text = f"{query_text('reconciliation/values')}\nVALUES (?thing ?property) {{ {listed} }}"
        for row in graph.select(Query(text)):
            thing, of = row["thing"], row["property"]
            if isinstance(thing, NamedNode) and isinstance(of, NamedNode):
                found.setdefault(thing.value, {}).setdefault(of.value, []).append(row["value"])
    return found


def _in_words(terms: list[Term], named: Mapping[str, Label], language: str) -> list[Value]:
    texts = [term for term in terms if isinstance(term, Literal) and term.language]
    best = min(texts, key=lambda term: _rank(term, language), default=None)
    kept = [term for term in terms if term not in texts] + [
        term for term in texts if best is not None and term.language == best.language
    ]
    return sorted((in_words(term, named) for term in kept), key=lambda value: value.text)


def _rank(term: Literal, language: str) -> tuple[int, str]:
    order = [language, "en"]
    tag = term.language or ""
    return (order.index(tag) if tag in order else len(order), tag)
