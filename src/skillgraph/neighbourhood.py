"""What is linked to a thing, as nodes and edges of a drawing."""

from __future__ import annotations

from collections.abc import Iterator

from skillgraph.entity import Entity, Property
from skillgraph.label import Value
from skillgraph.vocabulary import DCT, RDF_TYPE

MOST_NODES = 32
"""More cannot be read."""
_LEFT_OUT = {RDF_TYPE.value, DCT + "source"}

Network = dict[str, list[dict[str, str]]]


def network_of(entity: Entity) -> Network:
    """Return the thing and what is linked to it: nodes with ``id`` and ``label``, edges with ends and label."""
    nodes = {entity.iri: entity.label.text}
    edges: dict[tuple[str, str], str] = {}
    for source, target, other, name in _links(entity):
        if other.iri and source != target and (other.iri in nodes or len(nodes) < MOST_NODES):
            nodes[other.iri] = other.text
            edges.setdefault((source, target), name)
    return {
        "nodes": [{"id": iri, "label": label} for iri, label in nodes.items()],
        "edges": [{"source": source, "target": target, "label": name} for (source, target), name in edges.items()],
    }


def _links(entity: Entity) -> Iterator[tuple[str, str, Value, str]]:
    for each, value in _values(entity.outgoing):
        yield entity.iri, value.iri or "", value, each.name
    for each, value in _values(entity.incoming):
        yield value.iri or "", entity.iri, value, each.name


def _values(properties: tuple[Property, ...]) -> Iterator[tuple[Property, Value]]:
    for each in properties:
        if each.iri not in _LEFT_OUT:
            for statement in each.statements:
                if statement.value.iri:
                    yield each, statement.value
