"""Counts the rows of a serialised result."""

from __future__ import annotations

import re

from pyoxigraph import QueryResultsFormat

_QUOTED = re.compile(rb'"[^"]*"')
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"')


def count_rows(body: bytes, form: QueryResultsFormat) -> int:
    """Return how many solutions a whole result has; a truth value has none.

    It reads what the engine's serialisers write, which is denser and more regular than the formats allow.
    """
    if form == QueryResultsFormat.TSV:  # line breaks in terms are escaped
        return body.count(b"\n") - 1
    if form == QueryResultsFormat.CSV:  # a quote in a quoted value is doubled: two quoted pieces side by side
        return _QUOTED.sub(b"", body).count(b"\r\n") - 1
    if form == QueryResultsFormat.XML:  # "<" in terms is escaped
        return body.count(b"<result>") + body.count(b"<result/>")
    bare = _JSON_STRING.sub(b"", body)
    _, _, rows = bare.partition(b":[{")  # the first list holds names; that of the rows begins with an object
    return rows.count(b"},{") + 1 if rows else 0
