"""What a map needs: the codes of places by IRI."""

from __future__ import annotations

from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from skillgraph.graph import Graph, Query
from skillgraph.graph.protocol import Edition
from skillgraph.resources import query_text

_kept: dict[Edition, Mapping[str, str]] = {}


def country_codes(graph: Graph) -> Mapping[str, str]:
    """Return the three-digit codes of countries, and for places within a country that country's, by IRI."""
    edition = graph.edition()
    found = _kept.get(edition)
    if found is None:
        rows = graph.select(Query(query_text("pages/country-codes")))
        found = {
            place.value: code.value
            for row in rows
            if isinstance(place := row["place"], NamedNode) and isinstance(code := row["code"], Literal)
        }
        _kept.clear()
        _kept[edition] = found
    return found
