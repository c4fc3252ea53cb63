"""The published table of coverage is the one that the curated data give."""

from __future__ import annotations

from pathlib import Path

from skillgraph.coverage import as_markdown, coverage
from skillgraph.graph.memory import MemoryGraph

DOCUMENT = Path(__file__).parent.parent / "docs" / "coverage.md"


def test_the_document_is_up_to_date(base: MemoryGraph) -> None:
    written = DOCUMENT.read_text(encoding="utf-8")
    assert written == as_markdown(coverage(base)), "write it anew: skillgraph coverage > docs/coverage.md"


def test_every_table_has_rows_and_no_row_lacks_its_name(base: MemoryGraph) -> None:
    for table in coverage(base):
        assert table.rows, table.title
        assert all(row[0] for row in table.rows), table.title
