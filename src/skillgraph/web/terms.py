"""The ontology as one document to read or to load, and a page for every term."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from skillgraph.graph import Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.resources import query_text
from skillgraph.terminology import LANGUAGES, find_term, modules, users
from skillgraph.web.negotiation import GRAPH_ALIASES, choose, prefers_html, require
from skillgraph.web.results import Results


def blueprint(results: Results) -> Blueprint:
    """Return the pages of the ontology."""
    routes = Blueprint("terms", __name__)
    graph = results.graph

    @routes.get("/ns")
    def ontology() -> str | Response:
        if prefers_html():
            language = _language()
            return render_template(
                "terms.html",
                modules=modules(graph, language),
                languages=LANGUAGES,
                language=language,
                version=graph.version(),
            )
        chosen = require(choose(GRAPH_FORMATS, GRAPH_ALIASES), {"text/html": None, **GRAPH_FORMATS})
        return results.respond_again(Query(query_text("pages/ontology")), ResultFormats(None, chosen))

    @routes.get("/ns/<name>")
    def term(name: str) -> str:
        language = _language()
        return render_template(
            "term.html",
            term=find_term(graph, name, language),
            users=users(graph, name, language),
            languages=LANGUAGES,
            language=language,
            version=graph.version(),
        )

    return routes


def _language() -> str:
    """Return the language asked for, else the best of those that the browser likes, else English."""
    wanted = request.args.get("language", "")
    return wanted if wanted in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "en"
