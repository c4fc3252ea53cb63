"""What the endpoint and the dataset say about themselves to programs: service description, VoID and DCAT."""

from __future__ import annotations

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from skillgraph.errors import InvalidRequest
from skillgraph.graph import Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.resources import query_text
from skillgraph.web.negotiation import GRAPH_ALIASES, choose, require
from skillgraph.web.results import Results


def blueprint(results: Results) -> Blueprint:
    """Return the address where the dataset describes itself."""
    routes = Blueprint("descriptions", __name__)

    @routes.get("/.well-known/void")
    def void() -> Response:
        return describe(results, "void")

    return routes


def describe(results: Results, name: str) -> Response:
    """Answer with a description, which names the endpoint as the client reached it."""
    form = require(choose(GRAPH_FORMATS, GRAPH_ALIASES), GRAPH_FORMATS)
    if not request.host:
        raise InvalidRequest("The name of the host is not valid.", "Send the name of this host as Host.")
    given: dict[str, NamedNode | Literal] = {
        "endpoint": NamedNode(f"{request.host_url}sparql"),
        "version": Literal(str(results.graph.version())),
    }
    return results.respond_again(Query(query_text(f"descriptions/{name}"), given), ResultFormats(None, form))
