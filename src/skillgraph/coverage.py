"""Counts what the graph holds, by class, theme, region, role, source and language, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal

from skillgraph.graph import Graph, Query
from skillgraph.resources import query_files, query_header


@dataclass(frozen=True)
class Table:
    """A table of counts: its title, the heads of its columns and its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def coverage(graph: Graph) -> list[Table]:
    """Return the tables of coverage in the order of their files under ``queries/coverage``."""
    tables = []
    for path in query_files("coverage"):
        text = path.read_text(encoding="utf-8")
        header = query_header(text)
        found = graph.select(Query(text))
        rows = tuple(tuple(_text(row.get(name)) for name in header["columns"]) for row in found)
        tables.append(Table(header["title"], tuple(header["columns"].values()), rows))
    return tables


def as_markdown(tables: Iterable[Table]) -> str:
    """Return the tables as a document; figures stand to the right."""
    parts = [_INTRODUCTION]
    for table in tables:
        rule = ["---" if any(not row[n].isdigit() for row in table.rows) else "---:" for n in range(len(table.columns))]
        lines = [" | ".join(row) for row in (table.columns, rule, *table.rows)]
        parts.append(f"## {table.title}\n\n" + "\n".join(f"| {line} |" for line in lines) + "\n")
    return "\n".join(parts)


_INTRODUCTION = """# Coverage

What the curated data hold. Written by `skillgraph coverage > docs/coverage.md`; a test compares. A small figure says
what has been curated so far, not what exists.
"""


def _text(term: object) -> str:
    return term.value if isinstance(term, Literal) else ""
