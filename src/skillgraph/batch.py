"""Asks a published query about many IRIs, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode

from skillgraph.graph import Query
from skillgraph.resources import query_text

_SIZE = 500


def batches(name: str, variable: str, iris: Iterable[str]) -> Iterator[Query]:
    """Yield the query of a name, such as ``pages/labels``, with the IRIs appended as values of one of its variables."""
    text = query_text(name)
    listed = sorted(set(iris))
    for start in range(0, len(listed), _SIZE):
        values = " ".join(str(NamedNode(iri)) for iri in listed[start : start + _SIZE])
        yield Query(f"{text}\nVALUES ?{variable} {{ {values} }}")
