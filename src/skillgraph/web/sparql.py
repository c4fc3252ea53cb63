"""The SPARQL endpoint, and its editor for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, g, render_template, request
from pyoxigraph import QueryResultsFormat, RdfFormat

from skillgraph.errors import (
    InvalidQuery,
    InvalidRequest,
    QueryTooLong,
    RefusedQuery,
    SkillGraphError,
    UnsupportedMediaType,
)
from skillgraph.graph import Graph, Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS, SOLUTION_FORMATS
from skillgraph.resources import query_files
from skillgraph.settings import Settings
from skillgraph.vocabulary import PREFIXES, prefix_lines
from skillgraph.web.descriptions import describe
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.results import VERSION_HEADER, Results
from skillgraph.web.shown import MOST_ROWS_SHOWN, shown
from skillgraph.web.snippets import Snippet, snippets

_FORM = "application/x-www-form-urlencoded"
_ASKS = {"query", "update"}
_CHOOSES = {"format", "_mediatype"}
"""Parameters that choose a form; a GET request without any other asks what the endpoint is."""


@dataclass(frozen=True)
class Example:
    """A query to begin with."""

    title: str
    text: str


def blueprint(settings: Settings, results: Results) -> Blueprint:
    """Return the endpoint."""
    routes = Blueprint("sparql", __name__)

    @routes.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response | str | tuple[str, int]:
        if prefers_html():
            return _page(results.graph, settings)
        if request.method != "POST" and request.args.keys() <= _CHOOSES:
            return describe(results, "service")
        query = read_query(settings)
        formats = ResultFormats(choose(SOLUTION_FORMATS), choose(GRAPH_FORMATS))
        if formats.solutions is None and formats.graph is None:
            require(None, {**SOLUTION_FORMATS, **GRAPH_FORMATS})
        return results.respond(query, formats)

    @routes.after_request
    def share(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = f"{VERSION_HEADER}, Retry-After"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST"
            response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type"
        return response

    return routes


def _page(graph: Graph, settings: Settings) -> str | tuple[str, int]:
    fault, asked, result, version = None, None, None, None
    programs: list[Snippet] = []
    if request.method == "POST" or _ASKS & request.args.keys():
        try:
            asked = read_query(settings)
            answer = graph.answer(asked, ResultFormats(QueryResultsFormat.JSON, RdfFormat.TURTLE))
            result, version = shown(answer.kind, answer.body), answer.version
            programs = snippets(f"{request.host_url}sparql", asked, answer.kind)
        except SkillGraphError as caught:
            fault = caught
    examples = _examples()
    page = render_template(
        "sparql.html",
        query=request.values.get("query") or examples[0].text,
        examples=examples,
        prefixes=PREFIXES,
        fault=fault,
        asked=asked,
        shown=result,
        snippets=programs,
        version=version,
        most=MOST_ROWS_SHOWN,
    )
    return (page, fault.status) if fault else page


def read_query(settings: Settings) -> Query:
    """Return the query that the request asks, as the SPARQL 1.1 Protocol writes it."""
    text = g.query = _read_text()
    if len(text.encode("utf-8", "surrogatepass")) > settings.query_kb * 1024:
        raise QueryTooLong(
            f"The query is longer than {settings.query_kb} KiB.", "Shorten it, for instance by splitting VALUES."
        )
    repeated: Callable[[str], list[str]] = request.form.getlist if request.mimetype == _FORM else request.args.getlist
    seconds = _read_seconds(request.values.get("timeout"), settings)
    return Query(text, {}, tuple(repeated("default-graph-uri")), tuple(repeated("named-graph-uri")), seconds)


def _read_seconds(text: str | None, settings: Settings) -> float | None:
    """Return the wall time that the caller grants the query, at most what the service grants."""
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not seconds > 0:
        raise InvalidRequest(
            f"The time-out {text!r} is not a number of seconds above zero.",
            f"Send for example timeout=2; the most is {settings.query_seconds:g}.",
        )
    return min(seconds, settings.query_seconds)


def _read_text() -> str:
    if request.method == "POST" and request.mimetype == "application/sparql-query":
        return _utf8(request.get_data())
    if request.method == "POST" and request.mimetype not in (_FORM, "application/sparql-update"):
        raise UnsupportedMediaType(
            f"A body of type {request.mimetype or '(none)'} cannot be read.",
            f"Send {_FORM} with the parameter 'query', or application/sparql-query.",
        )
    _utf8(unquote_to_bytes(request.get_data() if request.method == "POST" else request.query_string))
    if request.mimetype == "application/sparql-update" or "update" in request.values:
        raise RefusedQuery("Updates are not possible here.", "Send a query in the parameter 'query'.")
    texts = (request.form if request.method == "POST" else request.args).getlist("query")
    if len(texts) != 1:
        raise InvalidRequest(
            "The parameter 'query' is missing." if not texts else "The parameter 'query' is given more than once.",
            "Send one query, for example /sparql?query=ASK{?s ?p ?o}. A browser shows an editor at /sparql.",
        )
    return texts[0]


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InvalidQuery("The query is not UTF-8 text.", "Send it as UTF-8.") from None


def _examples() -> list[Example]:
    examples = []
    for path in query_files("examples"):
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        examples.append(Example(title.lstrip("# ").rstrip("."), prefix_lines() + text))
    return examples
