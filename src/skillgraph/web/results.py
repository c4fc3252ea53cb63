"""Sends what a query resulted in, and nothing at all to a client that has it already."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from flask import Response, request
from werkzeug.http import quote_etag

from skillgraph.graph import Answer, Graph, Query, ResultFormats
from skillgraph.graph.protocol import Edition
from skillgraph.web.memo import Memo
from skillgraph.web.watch import RESULTS

VERSION_HEADER = "SkillGraph-Version"
_REVALIDATED = "public, no-cache"
"""Caches may keep a result but ask each time whether it still holds: a publication counts at once everywhere."""
_CHANGING = re.compile(r"\\u|\b(?:NOW|RAND|UUID|STRUUID|BNODE)\b", re.IGNORECASE)
_CONSTRUCT = re.compile(r"\bCONSTRUCT\b", re.IGNORECASE)
_BLANK = re.compile(r"\[|\(|_:|<<")
"""Clocks, chance and the blank nodes of a template make a result another one each time. These patterns find too much
rather than too little: a name in a string counts, and so does whatever an escape could hide."""


@dataclass(frozen=True)
class Results:
    """The results of queries on a graph, sent once and remembered."""

    graph: Graph
    memo: Memo

    def respond(self, query: Query, formats: ResultFormats) -> Response:
        """Answer a query of somebody's; the client's copy and ours serve again where the result must be the same."""
        text = query.text
        if _CHANGING.search(text) or (_CONSTRUCT.search(text) and _BLANK.search(text)):
            return respond(self._computed(query, formats))
        return self.respond_again(query, formats)

    def respond_again(self, query: Query, formats: ResultFormats) -> Response:
        """Answer a query whose result is the same each time; say 304 to a client that has it.

        ``Cache-Control: no-cache`` in the request has it computed anew.
        """
        edition = self.graph.edition()
        key = _key(edition, query, formats)
        if key in request.if_none_match.as_set(include_weak=True):
            RESULTS.labels("client").inc()
            return _marked(Response(status=304), edition.version, key)
        answer = None if request.cache_control.no_cache else self.memo.get(key)
        if answer is None:
            answer = self._computed(query, formats)
            if answer.version != edition.version:  # a publication came in between
                return respond(answer)
            self.memo.put(key, answer)
        else:
            RESULTS.labels("memory").inc()
        return _marked(respond(answer), answer.version, key)

    def _computed(self, query: Query, formats: ResultFormats) -> Answer:
        """Have a query computed for as long as its client waits for it."""
        RESULTS.labels("computed").inc()
        return self.graph.answer(query, formats, request.environ.get("gunicorn.socket"))


def respond(answer: Answer) -> Response:
    """Send a result with its media type and the dataset version it was computed on."""
    media_type = answer.media_type
    text = media_type.startswith("text/")
    response = Response(answer.body, content_type=f"{media_type}; charset=utf-8" if text else media_type)
    response.headers[VERSION_HEADER] = str(answer.version)
    response.headers["Cache-Control"] = "no-store"
    return response


def _marked(response: Response, version: int, key: str) -> Response:
    response.headers["ETag"] = quote_etag(key)
    response.headers["Cache-Control"] = _REVALIDATED
    response.headers[VERSION_HEADER] = str(version)
    return response


def _key(edition: Edition, query: Query, formats: ResultFormats) -> str:
    """Return a name for the bytes of a result: what is asked, of which dataset, as which formats, of which edition."""
    parts: Iterable[object] = (
        edition.version,
        edition.run,
        formats.solutions,
        formats.graph,
        *sorted(set(query.default_graphs)),
        "named",
        *sorted(set(query.named_graphs)),
        "bindings",
        *(f"{name} {query.bindings[name]}" for name in sorted(query.bindings)),
        query.text,
    )
    return blake2b("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
