"""Short links to queries and to the results that they had."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
    serialize,
)
from werkzeug.wrappers import Response as AnyResponse

from skillgraph.errors import RefusedQuery, ResultTooLarge, UnknownSavedQuery
from skillgraph.graph import Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS, SOLUTION_FORMATS
from skillgraph.graph.protocol import ResultKind
from skillgraph.ledger import SavedQueries, SavedQuery
from skillgraph.settings import Settings
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.results import VERSION_HEADER, Results
from skillgraph.web.shown import MOST_ROWS_SHOWN, shown
from skillgraph.web.snippets import snippets
from skillgraph.web.sparql import read_query

_KEPT = ResultFormats(QueryResultsFormat.JSON, RdfFormat.TURTLE)
_FOREVER = "public, max-age=31536000, immutable"


def blueprint(settings: Settings, results: Results, store: Callable[[], SavedQueries]) -> Blueprint:
    """Return the addresses of saved queries; the store is opened when it is first needed."""
    routes = Blueprint("saved", __name__, url_prefix="/queries")

    @routes.post("")
    def save() -> AnyResponse:
        """Run a query, keep it with its result and lead to its link."""
        _refuse_strangers()
        query = read_query(settings)
        answer = results.graph.answer(query, _KEPT, request.environ.get("gunicorn.socket"))
        saved = store().put(
            query.text,
            (query.default_graphs, query.named_graphs),
            answer.version,
            (answer.kind, answer.media_type, answer.body),
            settings.saved_queries,
        )
        address = url_for("saved.show", key=saved.key)
        return redirect(address, 303) if prefers_html() else Response(status=201, headers={"Location": address})

    @routes.get("/<key>")
    def show(key: str) -> Response:
        """Show what was saved, or send the result as it was."""
        saved = store().get(key)
        if saved is None:
            raise UnknownSavedQuery(f"Nothing was saved as {key}.", "Check the address, or save the query again.")
        g.query = saved.text
        return _page(saved, results) if prefers_html() else _result(saved)

    return routes


def _refuse_strangers() -> None:
    """Raise for a form of another site, which people would send without knowing."""
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise RefusedQuery("Another site sent this form.", "Open the editor at /sparql and save the query there.")


def _page(saved: SavedQuery, results: Results) -> Response:
    kind = ResultKind(saved.kind)
    query = Query(saved.text, {}, saved.default_graphs, saved.named_graphs)
    page = render_template(
        "saved.html",
        saved=saved,
        shown=shown(kind, saved.result) if saved.result is not None else None,
        most=MOST_ROWS_SHOWN,
        version=results.graph.version(),
        snippets=snippets(f"{request.host_url}sparql", query, kind),
    )
    return Response(page, content_type="text/html; charset=utf-8")


def _result(saved: SavedQuery) -> Response:
    if saved.result is None:
        raise ResultTooLarge(
            f"The result had {saved.size:,} bytes (SHA-256 {saved.digest}), too many to be kept.",
            "Run the query again at /sparql; the dataset may have changed since.",
        )
    if saved.kind == ResultKind.GRAPH:
        graph_format = require(choose(GRAPH_FORMATS), GRAPH_FORMATS)
        body = serialize(parse(saved.result, format=RdfFormat.TURTLE), format=graph_format) or b""
        media_type = next(name for name, each in GRAPH_FORMATS.items() if each == graph_format)
    else:
        form = require(choose(SOLUTION_FORMATS), SOLUTION_FORMATS)
        read = parse_query_results(saved.result, format=QueryResultsFormat.JSON)
        assert isinstance(read, QueryBoolean | QuerySolutions)
        body = read.serialize(format=form) or b""
        media_type = next(name for name, each in SOLUTION_FORMATS.items() if each == form)
    response = Response(body, content_type=media_type)
    response.headers["Cache-Control"] = _FOREVER
    response.headers[VERSION_HEADER] = str(saved.version)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
