"""Says 304 again to whoever was told 304 before, without reading the request another time.

Reading a request, choosing a format and naming the result cost ten times as much as looking up what the same request
came to a moment ago. The dataset's edition is looked at each time, so that a publication counts at once.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from skillgraph.errors import SkillGraphError
from skillgraph.graph import Graph
from skillgraph.graph.protocol import Edition
from skillgraph.web.watch import REQUESTS, RESULTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NOT_MODIFIED = "304 NOT MODIFIED"
_MOST_KEPT = 4096
_LONGEST_KEPT = 2048
"""Bytes of a request's query string; with so many of these kept they stay below ten megabytes."""

Request = tuple[str, str, str]
"""The query string, what is accepted, and the tag that the client holds."""


class Shortcut:
    """A layer around the application."""

    def __init__(self, application: WSGIApplication, graph: Graph) -> None:
        self._application = application
        self._graph = graph
        self._kept: OrderedDict[Request, tuple[Edition, list[tuple[str, str]]]] = OrderedDict()
        self._requests = REQUESTS.labels("sparql.sparql", 304)
        self._results = RESULTS.labels("client")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer at once, or let the application answer and remember that it was 304."""
        tag = environ.get("HTTP_IF_NONE_MATCH")
        if tag is None or environ["PATH_INFO"] != "/sparql" or environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start_response)
        request = (environ["QUERY_STRING"], environ.get("HTTP_ACCEPT", ""), tag)
        kept = self._kept.get(request)
        if kept is not None and kept[0] == self._edition():
            self._requests.inc()
            self._results.inc()
            start_response(_NOT_MODIFIED, list(kept[1]))
            return [b""]
        return self._application(environ, self._remembering(request, start_response))

    def _remembering(self, request: Request, start_response: StartResponse) -> StartResponse:
        edition = self._edition()

        def remember(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401
            if edition is not None and status.startswith("304") and len(request[0]) <= _LONGEST_KEPT:
                self._kept[request] = (edition, list(headers))
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            return start_response(status, headers, *rest)

        return remember

    def _edition(self) -> Edition | None:
        try:
            return self._graph.edition()
        except SkillGraphError:
            return None
