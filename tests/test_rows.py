"""The rows of a result are counted right, whatever its strings hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, Store

from skillgraph.graph.rows import count_rows, may_exceed

FORMATS = [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.CSV, QueryResultsFormat.TSV]
VALUES = (
    st.none() | st.text(alphabet='"{},:[]\\\r\n\tab<>&', max_size=8) | st.sampled_from(['},{"', "{}", '"bindings":[{'])
)


@pytest.mark.parametrize("form", FORMATS, ids=str)
@given(rows=st.lists(st.tuples(VALUES, VALUES), max_size=6))
def test_rows_are_counted(form: QueryResultsFormat, rows: list[tuple[str | None, str | None]]) -> None:
    written = " ".join(
        f"({' '.join('UNDEF' if value is None else str(Literal(value)) for value in row)})" for row in rows
    )
    solutions = Store().query(f"SELECT ?a ?b WHERE {{ VALUES (?a ?b) {{ {written} }} }}")
    assert isinstance(solutions, QuerySolutions)
    body = solutions.serialize(format=form) or b""
    assert count_rows(body, form) == len(rows)
    assert not rows or may_exceed(len(body), form, len(rows) - 1)
