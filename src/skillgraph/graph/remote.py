"""A graph behind a SPARQL endpoint somewhere else, read with SPARQLWrapper."""

from __future__ import annotations

import json
from dataclasses import dataclass
from socket import socket
from typing import Any
from urllib.error import HTTPError, URLError

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple, parse, parse_query_results
from SPARQLWrapper import CONSTRUCT, CSV, DESCRIBE, JSON, POST, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

from skillgraph.errors import RemoteFault
from skillgraph.graph.binding import bound
from skillgraph.graph.engine import GRAPH_FORMATS, bindings
from skillgraph.graph.protocol import Answer, Binding, Edition, Query, ResultFormats, ResultKind

VERSION_HEADER = "skillgraph-version"
_FORMATS = {
    QueryResultsFormat.JSON: JSON,
    QueryResultsFormat.XML: XML,
    QueryResultsFormat.CSV: CSV,
    QueryResultsFormat.TSV: TSV,
}
"""What the library calls the formats of results."""


@dataclass(frozen=True)
class RemoteGraph:
    """Queries answered by an endpoint such as ``https://example.org/sparql``; errors are what it says of them."""

    endpoint: str
    seconds: float = 60.0

    def answer(self, query: Query, formats: ResultFormats, client: socket | None = None) -> Answer:  # noqa: ARG002
        """Run any query and return its result as the endpoint serialises it; statements come as Turtle."""
        solutions = _FORMATS.get(formats.solutions or QueryResultsFormat.JSON, JSON)
        body, media_type, version = self._sent(query, solutions)
        return Answer(
            ResultKind.GRAPH if media_type in GRAPH_FORMATS else ResultKind.SOLUTIONS, body, media_type, version
        )

    def select(self, query: Query) -> list[Binding]:
        """Return the rows of a SELECT query."""
        results = parse_query_results(self._sent(query)[0], format=QueryResultsFormat.JSON)
        assert isinstance(results, QuerySolutions)
        return bindings(results)

    def construct(self, query: Query) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        return [quad.triple for quad in parse(self._sent(query)[0], format=RdfFormat.TURTLE)]

    def ask(self, query: Query) -> bool:
        """Return the answer to an ASK query."""
        result = parse_query_results(self._sent(query)[0], format=QueryResultsFormat.JSON)
        assert isinstance(result, QueryBoolean)
        return bool(result)

    def edition(self) -> Edition:
        """Return what is served now, as the endpoint says."""
        return Edition(self._sent(Query("ASK {}"))[2], 0)

    def version(self) -> int:
        """Return the dataset version that is served now, 0 where the endpoint does not say."""
        return self.edition().version

    def _sent(self, query: Query, form: str = JSON) -> tuple[bytes, str, int]:
        """Send a query; return the body, its media type and the dataset version."""
        wrapper = SPARQLWrapper(self.endpoint)
        wrapper.setMethod(POST)
        wrapper.setTimeout(int(self.seconds))
        wrapper.setQuery(bound(query.text, query.bindings)[0])
        for name, graphs in (("default-graph-uri", query.default_graphs), ("named-graph-uri", query.named_graphs)):
            for graph in graphs:
                wrapper.addParameter(name, graph)
        wrapper.setReturnFormat(TURTLE if wrapper.queryType in (CONSTRUCT, DESCRIBE) else form)
        wrapper.setOnlyConneg(True)
        try:
            reply = wrapper.query().response
            headers = reply.info()
            body = reply.read()
        except HTTPError as fault:
            raise _explained(fault.read(), f"status {fault.code}") from None
        except SPARQLWrapperException as fault:
            raise _explained(str(fault).encode(), "an error") from None
        except (URLError, OSError) as fault:
            raise RemoteFault(
                f"{self.endpoint} cannot be reached ({getattr(fault, 'reason', fault)}).",
                "Check the address, and whether the service runs.",
            ) from None
        return body, headers.get_content_type(), int(headers.get(VERSION_HEADER) or 0)


def _explained(body: bytes, otherwise: str) -> RemoteFault:
    """Return what a problem document says, wherever in a message it stands."""
    text = body.decode("utf-8", "replace").replace("\\n", "\n")
    said: dict[str, Any] = {}
    if "{" in text:
        try:
            said = json.loads(text[text.index("{") : text.rindex("}") + 1])
        except ValueError:
            said = {}
    return RemoteFault(
        str(said.get("detail") or f"The service answered with {otherwise}."),
        str(said.get("remedy") or "Look at its log, or try again later."),
    )
