"""What the endpoint and the dataset say about themselves to programs: service description, VoID and DCAT."""

from __future__ import annotations

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from skillgraph.errors import InvalidRequest
from skillgraph.graph import Graph, Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.resources import query_text
from skillgraph.web.negotiation import GRAPH_ALIASES, choose, require
from skillgraph.web.results import respond

VOID = "/.well-known/void"


def blueprint(graph: Graph) -> Blueprint:
    """Return the address where the dataset describes itself."""
    routes = Blueprint("descriptions", __name__)

    @routes.get(VOID)
    def void() -> Response:
        return describe(graph, "void")

    return routes


def describe(graph: Graph, name: str) -> Response:
    """Answer with a description, with the addresses under which the client reached us."""
    format_ = require(choose(GRAPH_FORMATS, GRAPH_ALIASES), GRAPH_FORMATS)
    if not request.host:
        raise InvalidRequest("The name of the host is not valid.", "Send the name of this host as Host.")
    site = request.host_url.rstrip("/")
    given: dict[str, NamedNode | Literal] = {
        "endpoint": NamedNode(f"{site}/sparql"),
        "document": NamedNode(f"{site}{VOID}"),
        "dataset": NamedNode(f"{site}{VOID}#dataset"),
        "everything": NamedNode(f"{site}{VOID}#everything"),
        "version": Literal(str(graph.version())),
    }
    text = query_text(f"descriptions/{name}")
    used = {variable: term for variable, term in given.items() if f"?{variable} " in text}
    return respond(graph.answer(Query(text, used), ResultFormats(None, format_)))
