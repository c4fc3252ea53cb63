"""Points out records that the graph may have already, under nearly the same name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple
from rapidfuzz import fuzz, process, utils

from skillgraph.contribution.house import house_rules
from skillgraph.finding import Finding
from skillgraph.graph import Graph, Query
from skillgraph.resources import query_text
from skillgraph.vocabulary import RDF_TYPE, SKOS, TERMS, term

ALIKE = 90.0
"""Similarity of names, words in any order, from which two records may be one; 100 is equality."""
_SHORTEST = ALIKE / (200 - ALIKE) - 0.05
"""Least length of a name that can be like another, as a part of that one's; some more for what the comparison drops."""
_NAMES = {NamedNode(SKOS + name) for name in ("prefLabel", "altLabel")}
_PLACES = {term(name) for name in ("basedIn", "awardedIn", "appliesIn", "observedIn", "takesPlaceIn")}


@dataclass(frozen=True)
class _Named:
    """A record by one of its names, with the jurisdictions that it names."""

    iri: str
    name: str
    places: frozenset[str]


def duplicate_findings(triples: Iterable[Triple], published: Graph, language: str) -> Iterator[Finding]:
    """Yield the new records whose name is nearly that of a published record of the same class and jurisdiction."""
    listed = list(triples)
    for kind in sorted({each.object.value for each in listed if _tells_class(each)}):  # type: ignore[union-attr]
        records = list(_contributed(listed, kind))
        known = list(_published(published, kind, [len(each.name) for each in records]))
        known_iris = {each.iri for each in known}
        names = [each.name for each in known]
        told: set[str] = set()
        for record in records:
            if record.iri in known_iris or record.iri in told:
                continue
            matches = process.extract(
                record.name,
                names,
                scorer=fuzz.token_sort_ratio,
                processor=utils.default_process,
                score_cutoff=ALIKE,
                limit=5,
            )
            alike = (known[index] for _, _, index in matches)
            first = next((each for each in alike if _same_place(record, each)), None)
            if first is not None:
                told.add(record.iri)
                said = house_rules()["probable-duplicate"]
                found = said.found(language, record.iri, SKOS + "prefLabel", f"{first.name} ({first.iri})")
                yield Finding(found.focus, found.path, found.rule, found.severity, found.message, first.iri)


def _same_place(one: _Named, other: _Named) -> bool:
    """Tell whether two records may be in one jurisdiction: they share one, or one of them names none."""
    return not one.places or not other.places or not one.places.isdisjoint(other.places)


def _tells_class(triple: Triple) -> bool:
    value = triple.object
    return triple.predicate == RDF_TYPE and isinstance(value, NamedNode) and value.value.startswith(TERMS)


def _published(graph: Graph, kind: str, lengths: list[int]) -> Iterator[_Named]:
    """Yield the records of a class whose names are not too short and not too long to be like some of given lengths."""
    least, most = int(min(lengths, default=0) * _SHORTEST), int(max(lengths, default=0) / _SHORTEST) + 1
    fits = f"FILTER(STRLEN(?label) >= {least} && STRLEN(?label) <= {most})"
    rows = graph.select(Query(query_text("contributions/named").replace("# lengths", fits), {"class": NamedNode(kind)}))
    gathered: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        record, name, place = row["record"], row["label"], row.get("place")
        if isinstance(record, NamedNode) and isinstance(name, Literal):
            places = gathered.setdefault((record.value, name.value), set())
            if isinstance(place, NamedNode):
                places.add(place.value)
    return (_Named(iri, name, frozenset(places)) for (iri, name), places in gathered.items())


def _contributed(triples: list[Triple], kind: str) -> Iterator[_Named]:
    members = {each.subject for each in triples if each.predicate == RDF_TYPE and each.object == NamedNode(kind)}
    places: dict[object, set[str]] = {}
    for each in triples:
        if each.predicate in _PLACES and isinstance(each.object, NamedNode):
            places.setdefault(each.subject, set()).add(each.object.value)
    for each in triples:
        if each.subject in members and each.predicate in _NAMES and isinstance(each.object, Literal):
            iri = str(each.subject).strip("<>")
            yield _Named(iri, each.object.value, frozenset(places.get(each.subject, ())))
