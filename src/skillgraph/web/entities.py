"""A page and data for every entity: ``/id/…`` leads to one or the other by what the client accepts."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import NamedNode

from skillgraph.entity import MOST_INCOMING, describe
from skillgraph.errors import InvalidRequest, UnknownEntity
from skillgraph.graph import Graph, Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.resources import query_text
from skillgraph.vocabulary import LOCAL_KINDS
from skillgraph.web.links import Links
from skillgraph.web.negotiation import GRAPH_ALIASES, choose, prefers_html, require
from skillgraph.web.results import Results


def blueprint(results: Results, links: Links) -> Blueprint:
    """Return the pages over a graph."""
    routes = Blueprint("entities", __name__)

    def see_other(path: str) -> Response:
        kind = "page" if prefers_html() else "data"
        if kind == "data":
            require(choose(GRAPH_FORMATS, GRAPH_ALIASES), {"text/html": None, **GRAPH_FORMATS})
        query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
        return redirect(f"/{kind}/{quote(path)}{query}", 303)  # type: ignore[return-value]

    for kind in LOCAL_KINDS:
        routes.add_url_rule(
            f"/{kind}/<path:key>", f"{kind}-iri", lambda key, kind=kind: see_other(f"{kind}/{key}"), methods=["GET"]
        )

    @routes.get("/page/<path:path>")
    def page(path: str) -> str:
        return _page(results.graph, links, links.iri(path), f"/data/{quote(path)}?")

    @routes.get("/data/<path:path>")
    def data(path: str) -> Response:
        return _data(results, links.iri(path))

    @routes.get("/resource")
    def resource() -> str | Response:
        iri = request.args.get("iri")
        if not iri:
            raise InvalidRequest("The parameter 'iri' is missing.", "Give an IRI: /resource?iri=http://…")
        if prefers_html():
            return _page(results.graph, links, iri, f"/resource?iri={quote(iri, safe='')}&")
        return _data(results, iri)

    return routes


def _page(graph: Graph, links: Links, iri: str, data_address: str) -> str:
    entity = describe(graph, iri)
    numbers = {source.iri: number for number, source in enumerate(entity.sources, 1)}
    return render_template(
        "entity.html",
        entity=entity,
        numbers_of=lambda sources: sorted(numbers[source] for source in sources),
        kind_address=links.kind,
        most_incoming=MOST_INCOMING,
        data=f"{data_address}format=",
        version=entity.version,
    )


def _data(results: Results, iri: str) -> Response:
    chosen = require(choose(GRAPH_FORMATS, GRAPH_ALIASES), GRAPH_FORMATS)
    try:
        node = NamedNode(iri)
    except ValueError:
        raise UnknownEntity(f"{iri} is not an IRI.", "Check the address.") from None
    if not results.graph.ask(Query(query_text("pages/known"), {"this": node})):
        raise UnknownEntity(f"The graph says nothing about {iri}.", "Search for it by name, or browse the lists.")
    return results.respond_again(Query(query_text("pages/describe"), {"this": node}), ResultFormats(None, chosen))
