"""What search engines and harvesters read: a page's thing in schema.org, and where there are pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pyoxigraph import NamedNode

from skillgraph.citation import NAME
from skillgraph.entity import Entity
from skillgraph.graph import Graph, Query
from skillgraph.resources import query_text
from skillgraph.vocabulary import BASE, DCT, SKOS, TERMS

_TYPES: Final[Mapping[str, str]] = {
    "Occupation": "Occupation",
    "OccupationGroup": "Occupation",
    "Competence": "DefinedTerm",
    "Qualification": "EducationalOccupationalCredential",
    "Actor": "Organization",
    "Country": "Country",
    "SubnationalUnit": "AdministrativeArea",
    "RegionalBody": "Organization",
    "Scheme": "GovernmentService",
    "Agreement": "Legislation",
    "Law": "Legislation",
    "TrainingOffer": "EducationalOccupationalProgram",
    "Source": "CreativeWork",
    "Event": "Event",
}
"""What a class of ours comes closest to in schema.org; others are a Thing."""
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"


def linked_data(entity: Entity, page: str) -> dict[str, object]:
    """Return what a page is about as JSON-LD of schema.org."""
    names = [kind.iri.removeprefix(TERMS) for kind in entity.kinds if kind.iri]
    described = [value for iri in (SKOS + "definition", DCT + "description") for value in _texts(entity, iri)]
    others = [*_texts(entity, SKOS + "prefLabel"), *_texts(entity, SKOS + "altLabel")]
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": next((_TYPES[name] for name in names if name in _TYPES), "Thing"),
        "@id": entity.iri,
        "name": entity.label.text,
        "url": page,
        "mainEntityOfPage": {"@type": "WebPage", "@id": page, "license": LICENCE, "isPartOf": dataset(entity.version)},
    }
    if described:
        data["description"] = described[0]
    alternate = [text for text in dict.fromkeys(others) if text != entity.label.text]
    return {**data, "alternateName": alternate} if alternate else data


def dataset(version: int) -> dict[str, object]:
    """Return the dataset as schema.org describes one."""
    return {
        "@type": "Dataset",
        "@id": f"{BASE}.well-known/void#dataset",
        "name": f"{NAME}: skills, stakeholders and schemes for labour mobility",
        "license": LICENCE,
        "version": str(version),
    }


def records(graph: Graph) -> Iterator[str]:
    """Yield the IRIs of all records that have a page, in order."""
    for row in graph.select(Query(query_text("pages/records"))):
        if isinstance(record := row["record"], NamedNode):
            yield record.value


def _texts(entity: Entity, iri: str) -> list[str]:
    return [statement.value.text for each in entity.outgoing if each.iri == iri for statement in each.statements]
