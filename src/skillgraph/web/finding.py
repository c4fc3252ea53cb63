"""Search by name: a page, the same as JSON, and what comes near while somebody types."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, jsonify, render_template, request

from skillgraph.browse import MOST_HITS, Asked, as_records, search
from skillgraph.errors import InvalidRequest
from skillgraph.graph import Graph
from skillgraph.search import Names
from skillgraph.web.language import data_language, page_language
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.results import VERSION_HEADER

LONGEST_TEXT = 200
_FORMATS = {"application/json": "json"}
_ALIASES = {"application/sparql-results+json": "application/json"}


def blueprint(graph: Graph, names: Names) -> Blueprint:
    """Return the search over a graph."""
    routes = Blueprint("finding", __name__)

    @routes.get("/search")
    def find() -> Response | str:
        asked = Asked(request.args.get("q", "")[:LONGEST_TEXT], tuple(request.args.getlist("kind")), _limit())
        if prefers_html():
            return _page(graph, names, asked)
        require(choose(_FORMATS, _ALIASES), {"text/html": None, **_FORMATS})
        response = jsonify({"query": asked.text, "results": as_records(search(graph, names, asked, data_language()))})
        response.headers[VERSION_HEADER] = str(graph.version())
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return routes


def _page(graph: Graph, names: Names, asked: Asked) -> str:
    hits = search(graph, names, asked, page_language())
    kinds = Counter(each.kind for each in hits if each.kind)
    return render_template(
        "search.html", asked=asked, hits=hits, kinds=kinds.most_common(), most_hits=MOST_HITS, version=graph.version()
    )


def _limit() -> int:
    text = request.args.get("limit", str(MOST_HITS))
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:9]) <= MOST_HITS:
        raise InvalidRequest(f"{text[:20]!r} is no number of results.", f"Give a number from 1 to {MOST_HITS}.")
    return int(text)
