"""Gives records without an IRI one that stays the same when the file is sent again."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from skillgraph.contribution.blank import numbered, refined
from skillgraph.vocabulary import BASE, RDF_TYPE, SKOS, TERMS

ENTITIES: Final = BASE + "id/"
"""What relative IRIs in contributed files are resolved against: ``<scheme/ours>`` is ``…/id/scheme/ours``."""

_SEGMENTS: Final = {
    "Agreement": "instrument",
    "CompensatoryMeasure": "measure",
    "CompetenceGap": "gap",
    "CostAllocation": "cost",
    "Country": "jurisdiction",
    "FrameworkLevel": "level",
    "Law": "instrument",
    "LevelReferencing": "referencing",
    "Norm": "instrument",
    "QualificationsFramework": "framework",
    "RecognitionAssertion": "recognition",
    "RegionalBody": "jurisdiction",
    "ShortageObservation": "observation",
    "SubnationalUnit": "jurisdiction",
    "TrainingOffer": "training",
}
"""First segments of the IRIs of records whose class has a longer name, or shares the segment with others."""
_LABEL: Final = NamedNode(SKOS + "prefLabel")
_LONGEST_SLUG = 60


def mint(triples: Iterable[Triple], graph: NamedNode) -> list[Triple]:
    """Return the triples with an IRI in place of each blank node.

    It is made of the record's class, its English label and a digest over the graph, so that the same record has the
    same IRI in each revision of its graph. Where there is no label, or two records share one, the digest is over what
    is said of the record too.
    """
    given = list(triples)
    names = _names(given)
    shared = Counter(names.values())
    given = _renamed_all(
        given, {node: _iri(graph, *name) for node, name in names.items() if name[1] and shared[name] == 1}
    )
    marks = refined(given)
    alike = Counter(marks.values())
    names = _names(given)
    given = _renamed_all(
        given, {node: _iri(graph, *names[node], mark) for node, mark in marks.items() if alike[mark] == 1}
    )
    given = numbered(given)
    return _renamed_all(given, {node: _iri(graph, *name, node.value) for node, name in _names(given).items()})


def minted_iri(graph: NamedNode, kind: str, label: str) -> str:
    """Return the IRI of a record of a class that has a label only."""
    return _iri(graph, segment(NamedNode(kind)), slug(label)).value


def segment(kind: object) -> str:
    """Return the first segment of the IRIs of a class's records, such as ``scheme``."""
    name = kind.value.removeprefix(TERMS) if isinstance(kind, NamedNode) and kind.value.startswith(TERMS) else "Record"
    return _SEGMENTS.get(name) or re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def slug(text: str) -> str:
    """Return a text as the key of an IRI: ASCII letters, digits and hyphens."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:_LONGEST_SLUG].rstrip("-")


def _iri(graph: NamedNode, kind: str, name: str, distinction: str = "") -> NamedNode:
    digest = hashlib.sha256("\0".join((graph.value, kind, name, distinction)).encode()).hexdigest()[:8]
    return NamedNode(f"{ENTITIES}{kind}/{name}-{digest}" if name else f"{ENTITIES}{kind}/{digest}")


def _texts(triples: Iterable[Triple], predicate: NamedNode) -> dict[object, str]:
    """Return a text of each subject, an English one where there is one, the first in the alphabet."""
    found: dict[object, list[tuple[bool, str]]] = {}
    for each in triples:
        value = each.object
        if each.predicate == predicate and isinstance(value, Literal):
            found.setdefault(each.subject, []).append((value.language != "en", value.value))
    return {subject: min(texts)[1] for subject, texts in found.items()}


def _names(triples: list[Triple]) -> dict[BlankNode, tuple[str, str]]:
    """Return the segment and the slug by which each blank node would be named."""
    blank = {node for triple in triples for node in (triple.subject, triple.object) if isinstance(node, BlankNode)}
    labels = _texts(triples, _LABEL)
    classes = {each.subject: each.object for each in triples if each.predicate == RDF_TYPE}
    return {node: (segment(classes.get(node)), slug(labels.get(node, ""))) for node in blank}


def _renamed_all(triples: list[Triple], iris: Mapping[BlankNode, NamedNode]) -> list[Triple]:
    return [_renamed(triple, iris) for triple in triples] if iris else triples


def _renamed(triple: Triple, iris: Mapping[BlankNode, NamedNode]) -> Triple:
    subject, value = triple.subject, triple.object
    return Triple(
        iris.get(subject, subject) if isinstance(subject, BlankNode) else subject,
        triple.predicate,
        iris.get(value, value) if isinstance(value, BlankNode) else value,
    )
