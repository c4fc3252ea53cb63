"""One query with a title and columns in words, and its rows with labels: what answers and pages are composed of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode

from skillgraph.graph import Binding, Graph, Query
from skillgraph.label import Label, Value, in_words, labels
from skillgraph.resources import query_header


@dataclass(frozen=True)
class Part:
    """One query: its key, title, what to say when nothing is found, its columns in words and how it is shown.

    Rows that differ only in the columns ``collected``, such as the source, are shown as one.
    """

    key: str
    title: str
    nothing: str
    columns: Mapping[str, str]
    collected: frozenset[str]
    text: str
    show: str = ""


Row = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True)
class PartAnswer:
    """The rows found for one part, each with the values of every column that is bound: one, or several collected."""

    part: Part
    rows: tuple[Row, ...]

    @property
    def used(self) -> list[str]:
        """Return the columns that some row fills, in order."""
        return [column for column in self.part.columns if any(column in row for row in self.rows)]


def read_part(path: Path) -> Part:
    """Read a part from its file."""
    text = path.read_text(encoding="utf-8")
    header = query_header(text)
    collected = frozenset(header.get("collect", [])) | {"source"}
    return Part(
        path.stem, header["title"], header["nothing"], header["columns"], collected, text, header.get("show", "")
    )


def answer_parts(
    graph: Graph, parts: Sequence[Part], bindings: Mapping[str, NamedNode], language: str = "en"
) -> tuple[tuple[PartAnswer, ...], Mapping[str, Label]]:
    """Return the rows of parts about the things bound, and the labels of all things named in them or bound."""
    found = [(part, graph.select(Query(part.text, used_in(part, bindings)))) for part in parts]
    iris = {term.value for term in bindings.values()}
    iris |= {term.value for _, rows in found for row in rows for term in row.values() if isinstance(term, NamedNode)}
    named = labels(graph, iris, language)
    return tuple(PartAnswer(part, _collected(part, rows, named)) for part, rows in found), named


def used_in(part: Part, bindings: Mapping[str, NamedNode]) -> dict[str, NamedNode]:
    """Return the bindings that a part has variables for."""
    return {name: term for name, term in bindings.items() if re.search(rf"[?$]{name}\b", part.text)}


def _collected(part: Part, rows: Iterable[Binding], named: Mapping[str, Label]) -> tuple[Row, ...]:
    """Merge the rows that agree in all columns but the collected ones."""
    merged: dict[tuple[object, ...], dict[str, dict[Value, None]]] = {}
    for row in rows:
        key = tuple(row.get(column) for column in part.columns if column not in part.collected)
        values = merged.setdefault(key, {})
        for column in part.columns:
            if column in row:
                values.setdefault(column, {})[in_words(row[column], named)] = None
    return tuple({column: _sorted(found) for column, found in values.items()} for values in merged.values())


def _sorted(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=lambda value: (value.text, value.iri or "")))
