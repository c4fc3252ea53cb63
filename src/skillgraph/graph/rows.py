"""Counts the rows of a serialised result."""

from __future__ import annotations

import re

from pyoxigraph import QueryResultsFormat

_QUOTED = re.compile(rb'"[^"]*"')
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')


_SMALLEST_ROW = {
    QueryResultsFormat.JSON: len("{},"),
    QueryResultsFormat.XML: len("<result></result>"),
    QueryResultsFormat.CSV: len("\r\n"),
    QueryResultsFormat.TSV: len("\n"),
}


def may_exceed(size: int, form: QueryResultsFormat, rows: int) -> bool:
    """Tell whether so many bytes can hold more than so many rows."""
    return size > rows * _SMALLEST_ROW[form]


def count_rows(body: bytes, form: QueryResultsFormat) -> int:
    """Return how many solutions a whole result has; a truth value has none.

    It reads what the engine's serialisers write, which is denser and more regular than the formats allow.
    """
    if form == QueryResultsFormat.TSV:  # line breaks in terms are escaped
        return body.count(b"\n") - 1
    if form == QueryResultsFormat.CSV:  # a quote in a quoted value is doubled: two quoted pieces side by side
        return (_QUOTED.sub(b"", body) if b'"' in body else body).count(b"\r\n") - 1
    if form == QueryResultsFormat.XML:  # "<" in terms is escaped
        return body.count(b"<result>") + body.count(b"<result/>")
    if b"{}" not in body and b'"bindings":[{' in body:
        # No row is empty, so that each begins with a quote; one that ends a string is followed by a brace or comma.
        return 1 + body.count(b'},{"') - body.count(b'},{"}') - body.count(b'},{",')
    bare = _JSON_STRING.sub(b"", body)
    _, _, rows = bare.partition(b":[{")  # the first list holds names; that of the rows begins with an object
    return rows.count(b"},{") + 1 if rows else 0
