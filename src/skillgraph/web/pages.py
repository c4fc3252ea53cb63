"""Pages that are the same for everybody: written once for each version of the dataset, and not sent to who has them."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from flask import Response, g, request
from werkzeug.http import quote_etag

from skillgraph import __version__
from skillgraph.graph import Answer, Graph
from skillgraph.graph.protocol import ResultKind
from skillgraph.web.language import page_language
from skillgraph.web.memo import Memo
from skillgraph.web.results import VERSION_HEADER

_REVALIDATED = "public, no-cache"


class Pages:
    """Pages by address, of one version of the dataset after another."""

    def __init__(self, graph: Graph, memo: Memo) -> None:
        self._graph = graph
        self._memo = memo

    def send(self, write: Callable[[], str]) -> Response:
        """Send the page of this address, written anew where it is not remembered; 304 where the client has it.

        ``Cache-Control: no-cache`` in the request has it written anew.
        """
        edition = self._graph.edition()
        asked = (edition.version, edition.run, __version__, request.full_path, page_language(), "past" in g)
        key = blake2b("\0".join(map(str, asked)).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        if key in request.if_none_match.as_set(include_weak=True):
            return self._marked(Response(status=304), key, edition.version)
        page = None if request.cache_control.no_cache else self._memo.get(key)
        if page is None:
            page = Answer(ResultKind.GRAPH, write().encode(), "text/html; charset=utf-8", edition.version)
            if self._graph.edition() == edition:
                self._memo.put(key, page)
        return self._marked(Response(page.body, content_type=page.media_type), key, page.version)

    @staticmethod
    def _marked(response: Response, key: str, version: int) -> Response:
        response.headers["ETag"] = quote_etag(key)
        response.headers["Cache-Control"] = _REVALIDATED
        response.headers[VERSION_HEADER] = str(version)
        return response
