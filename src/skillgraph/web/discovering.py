"""Addresses for harvesters: site map, robots, OpenSearch, citations and dumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, json, render_template, request

from skillgraph.citation import as_bibtex, as_csl, citation_of
from skillgraph.discovery import records
from skillgraph.entity import describe
from skillgraph.errors import NotAcceptable
from skillgraph.export import require_version
from skillgraph.graph import Graph
from skillgraph.ledger import Ledger
from skillgraph.question import catalogue
from skillgraph.web.links import Links

MOST_IN_MAP = 40_000
"""Addresses in one site map; the protocol allows 50,000."""
_WRITERS = {
    "bibtex": ("application/x-bibtex; charset=utf-8", as_bibtex),
    "csl": (
        "application/vnd.citationstyles.csl+json",
        lambda citation: json.dumps([as_csl(citation)], ensure_ascii=False) + "\n",
    ),
}


def blueprint(graph: Graph, present: Graph, links: Links, ledger: Callable[[], Ledger]) -> Blueprint:
    """Return the addresses; ``graph`` is that of the request's version."""
    routes = Blueprint("discovering", __name__)

    @routes.get("/robots.txt")
    def robots() -> Response:
        return Response(render_template("robots.txt", host=request.host_url), content_type="text/plain; charset=utf-8")

    @routes.get("/opensearch.xml")
    def opensearch() -> Response:
        body = render_template("opensearch.xml", host=request.host_url)
        return Response(body, content_type="application/opensearchdescription+xml")

    @routes.get("/sitemap.xml")
    def sitemap() -> Response:
        count = -(-sum(1 for _ in records(present)) // MOST_IN_MAP)
        return _xml(render_template("sitemaps.xml", host=request.host_url, numbers=range(1, count + 1)))

    @routes.get("/sitemap-<int(min=1, max=9999):number>.xml")
    def part_of_map(number: int) -> Response:
        pages = ["/", "/questions", "/ns", *(f"/questions/{key}" for key in catalogue())] if number == 1 else []
        pages += [links.page(iri) for iri in list(records(present))[(number - 1) * MOST_IN_MAP : number * MOST_IN_MAP]]
        return _xml(render_template("sitemap.xml", host=request.host_url.rstrip("/"), pages=pages))

    @routes.get("/cite")
    def cite() -> Response:
        form, iri = request.args.get("format", "csl"), request.args.get("iri", "")
        if form not in _WRITERS:
            raise NotAcceptable(tuple(_WRITERS))
        entity = describe(graph, iri)
        page = request.host_url.rstrip("/") + links.page(iri)
        citation = citation_of(graph, iri, [kind.iri or "" for kind in entity.kinds], entity.label.text, page)
        media_type, write = _WRITERS[form]
        return Response(write(citation), content_type=media_type)

    @routes.get("/dumps/skillgraph-<int(min=1, max=999999999):version>.nq")
    def dump(version: int) -> Response:
        require_version(ledger(), version)
        response = Response(_dumped(ledger(), version), content_type="application/n-quads")
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    return routes


def _xml(body: str) -> Response:
    return Response(body, content_type="application/xml; charset=utf-8")


def _dumped(ledger: Ledger, version: int) -> Iterator[bytes]:
    heads = ledger.heads(version)
    for graph in sorted(heads):
        yield ledger.content(heads[graph].digest)
