"""Says in words what a contribution adds to a graph and takes from it, record by record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from skillgraph.graph import Graph
from skillgraph.label import Label, Value, in_words, labels
from skillgraph.vocabulary import RDF_TYPE, SKOS

_LABEL = NamedNode(SKOS + "prefLabel")


@dataclass(frozen=True)
class Alteration:
    """One statement that comes or goes: the property's name and the value in words."""

    sign: OneOf["+", "-"]
    property_iri: str
    property_name: str
    value: Value


@dataclass(frozen=True)
class AlteredRecord:
    """A record that comes, goes or changes, with what it is and the statements."""

    iri: str
    name: Label
    kind: str
    state: OneOf["new", "changed", "gone"]
    alterations: tuple[Alteration, ...]


def altered_records(before: bytes, after: bytes, published: Graph, language: str = "en") -> list[AlteredRecord]:
    """Return the records in which two contents of a graph (canonical N-Quads) differ, new ones first."""
    old, new = set(before.splitlines(keepends=True)), set(after.splitlines(keepends=True))
    added, removed, kept = _triples(new - old), _triples(old - new), _triples(new & old)
    present = {each.subject for each in kept} | {each.subject for each in added}
    remaining = {each.subject for each in kept}
    names = _names([*kept, *removed, *added], published, language)
    changes: dict[NamedNode, list[tuple[OneOf["+", "-"], Triple]]] = {}
    for sign, triples in (("+", added), ("-", removed)):
        for each in triples:
            assert isinstance(each.subject, NamedNode)
            changes.setdefault(each.subject, []).append((sign, each))  # type: ignore[arg-type]
    kinds = {
        each.subject: each.object
        for each in [*removed, *kept, *added]
        if each.predicate == RDF_TYPE and isinstance(each.object, NamedNode)
    }
    was_there = remaining | {each.subject for each in removed}
    records = [
        AlteredRecord(
            subject.value,
            names[subject.value],
            names[kinds[subject].value].text if subject in kinds else "",
            "gone" if subject not in present else "changed" if subject in was_there else "new",
            tuple(sorted((_altered(sign, each, names) for sign, each in listed), key=_order)),
        )
        for subject, listed in changes.items()
    ]
    states = ("new", "changed", "gone")
    return sorted(records, key=lambda record: (states.index(record.state), record.name.text.casefold(), record.iri))


def _triples(lines: Iterable[bytes]) -> list[Triple]:
    return [quad.triple for quad in parse(b"".join(lines), format=RdfFormat.N_QUADS)]


def _names(triples: list[Triple], published: Graph, language: str) -> dict[str, Label]:
    """Return the names of everything mentioned: those of the contents themselves before those that are published."""
    mentioned = {
        term.value
        for each in triples
        for term in (each.subject, each.predicate, each.object)
        if isinstance(term, NamedNode)
    }
    names = dict(labels(published, mentioned, language))
    own: dict[str, Label] = {}
    for each in triples:
        if each.predicate == _LABEL and isinstance(each.object, Literal) and isinstance(each.subject, NamedNode):
            tag = each.object.language or ""
            if each.subject.value not in own or tag == language:
                own[each.subject.value] = Label(each.object.value, tag)
    return names | own


def _altered(sign: OneOf["+", "-"], triple: Triple, names: dict[str, Label]) -> Alteration:
    iri = triple.predicate.value
    return Alteration(sign, iri, names[iri].text, in_words(triple.object, names))


def _order(alteration: Alteration) -> tuple[bool, str, str]:
    return alteration.property_iri != RDF_TYPE.value, alteration.property_name.casefold(), alteration.value.text
