"""Lets every address that reads the graph be asked of a version of the past: ``?version=N``, or ``Accept-Datetime``.

The latter is that of Memento (RFC 7089); answers from the past bear ``Memento-Datetime``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from socket import socket

from flask import Flask, Response, g, has_request_context, request
from pyoxigraph import Triple
from werkzeug.http import http_date, parse_date

from skillgraph.errors import InvalidRequest, UnknownVersion
from skillgraph.graph import Answer, Binding, Graph, Query, ResultFormats
from skillgraph.graph.protocol import Edition
from skillgraph.ledger import Ledger

At = Callable[[int], Graph]
"""Returns the graph as it was at a version."""


@dataclass(frozen=True)
class GraphOfRequest:
    """The graph at the version that the request asks for, by default the present one."""

    present: Graph
    at: At
    ledger: Callable[[], Ledger]

    def answer(self, query: Query, formats: ResultFormats, client: socket | None = None) -> Answer:
        """Run any query and serialise its result."""
        return self._graph().answer(query, formats, client)

    def select(self, query: Query) -> list[Binding]:
        """Return the rows of a SELECT query."""
        return self._graph().select(query)

    def construct(self, query: Query) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        return self._graph().construct(query)

    def ask(self, query: Query) -> bool:
        """Return the answer to an ASK query."""
        return self._graph().ask(query)

    def edition(self) -> Edition:
        """Return what is served for this request."""
        return self._graph().edition()

    def version(self) -> int:
        """Return the dataset version that is served for this request."""
        return self.edition().version

    def _graph(self) -> Graph:
        if not has_request_context() or ("version" not in request.args and "Accept-Datetime" not in request.headers):
            return self.present
        if "graph" not in g:
            g.graph = self._asked()
        found: Graph = g.graph
        return found

    def _asked(self) -> Graph:
        ledger = self.ledger()
        version = version_number(request.args["version"]) if "version" in request.args else _at_time(ledger)
        made_at = ledger.made_at(version)
        if made_at is None:
            raise UnknownVersion(
                f"The dataset has no version {version}.", f"The newest is {ledger.version()}; /versions lists them."
            )
        if version == self.present.version():
            return self.present
        g.past = {"version": version, "made_at": made_at}
        return self.at(version)


def version_number(text: str) -> int:
    """Return the number of a version; raise ``InvalidRequest`` for what can be none."""
    if not text.isdecimal() or len(text) > 9:
        raise InvalidRequest(f"The version {text[:20]!r} is not a number.", "Give one of those listed at /versions.")
    return int(text)


def _at_time(ledger: Ledger) -> int:
    asked = parse_date(request.headers["Accept-Datetime"])
    if asked is None:
        raise InvalidRequest(
            "The header Accept-Datetime is not a date.", "Write it like: Mon, 23 Nov 2026 12:00:00 GMT."
        )
    return ledger.version_at(asked.astimezone(UTC).isoformat(timespec="seconds"))


def mark_the_past(app: Flask) -> None:
    """Say of answers from the past when that was, and where the present is."""

    @app.after_request
    def mark(response: Response) -> Response:
        past = g.get("past")
        if past is not None:
            response.headers["Memento-Datetime"] = http_date(datetime.fromisoformat(past["made_at"]))
            response.headers.add("Vary", "Accept-Datetime")
            response.headers.add("Link", f'<{request.base_url}>; rel="original timegate"')
        return response
