"""The SPARQL endpoint, and its editor for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from flask import Blueprint, Response, g, render_template, request
from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, parse_query_results

from skillgraph.errors import (
    InvalidQuery,
    InvalidRequest,
    QueryTooLong,
    RefusedQuery,
    SkillGraphError,
    UnsupportedMediaType,
)
from skillgraph.graph import Answer, Graph, Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS, SOLUTION_FORMATS
from skillgraph.graph.protocol import ResultKind, Term
from skillgraph.label import Label, Value, in_words
from skillgraph.resources import query_files
from skillgraph.settings import Settings
from skillgraph.vocabulary import PREFIXES, prefix_lines
from skillgraph.web.descriptions import describe
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.results import VERSION_HEADER, Results

MOST_ROWS_SHOWN = 1000
_FORM = "application/x-www-form-urlencoded"
_ASKS = {"query", "update"}
_CHOOSES = {"format", "_mediatype"}
"""Parameters that choose a form; a GET request without any other asks what the endpoint is."""


@dataclass(frozen=True)
class Example:
    """A query to begin with."""

    title: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A result as the editor shows it: a table, a truth value or a text."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Value | None, ...], ...] = ()
    total: int = 0
    boolean: bool | None = None
    text: str | None = None


def blueprint(settings: Settings, results: Results) -> Blueprint:
    """Return the endpoint."""
    routes = Blueprint("sparql", __name__)

    @routes.route("/sparql", methods=["GET", "POST"])
    def sparql() -> Response | str | tuple[str, int]:
        if prefers_html():
            return _page(results.graph, settings)
        if request.method != "POST" and request.args.keys() <= _CHOOSES:
            return describe(results, "service")
        query = _read_query(settings)
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
    fault, shown, version = None, None, None
    if request.method == "POST" or _ASKS & request.args.keys():
        try:
            answer = graph.answer(_read_query(settings), ResultFormats(QueryResultsFormat.JSON, RdfFormat.TURTLE))
            shown, version = _shown(answer), answer.version
        except SkillGraphError as caught:
            fault = caught
    examples = _examples()
    page = render_template(
        "sparql.html",
        query=request.values.get("query") or examples[0].text,
        examples=examples,
        prefixes=PREFIXES,
        fault=fault,
        shown=shown,
        version=version,
        most=MOST_ROWS_SHOWN,
    )
    return (page, fault.status) if fault else page


def _read_query(settings: Settings) -> Query:
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


def _shown(answer: Answer) -> Shown:
    if answer.kind is ResultKind.GRAPH:
        return Shown(text=answer.body.decode())
    results = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        return Shown(boolean=bool(results))
    assert isinstance(results, QuerySolutions)
    columns = tuple(variable.value for variable in results.variables)
    rows = []
    total = 0
    for row in results:
        total += 1
        if total <= MOST_ROWS_SHOWN:
            rows.append(tuple(_cell(term) for term in row))
    return Shown(columns, tuple(rows), total)


def _cell(term: Term | None) -> Value | None:
    if term is None:
        return None
    return in_words(term, {term.value: Label(_compact(term.value))} if isinstance(term, NamedNode) else {})


def _compact(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and len(iri) > len(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _examples() -> list[Example]:
    examples = []
    for path in query_files("examples"):
        title, _, text = path.read_text(encoding="utf-8").partition("\n")
        examples.append(Example(title.lstrip("# ").rstrip("."), prefix_lines() + text))
    return examples
