"""The front page and the lists per class."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from skillgraph.browse import find_kind, kinds, themes
from skillgraph.errors import fault_kinds
from skillgraph.graph import Graph
from skillgraph.listing import facets_of, listing
from skillgraph.question import catalogue, find_question
from skillgraph.web.language import page_language
from skillgraph.web.pages import Pages

FIRST_QUESTIONS = ("partnership", "equivalence")
"""The questions on the front page."""
_DIGITS = 6
"""Digits of a page's number that are read."""


def blueprint(graph: Graph, pages: Pages) -> Blueprint:
    """Return the pages over a graph."""
    routes = Blueprint("home", __name__)

    @routes.get("/")
    def home() -> Response:
        return pages.send(lambda: _front(graph))

    @routes.get("/kind/<name>")
    def kind(name: str) -> Response:
        return pages.send(lambda: _list(graph, name))

    @routes.get("/problems")
    def problems() -> str:
        return render_template("problems.html", faults=fault_kinds())

    return routes


def _front(graph: Graph) -> str:
    language = page_language()
    questions = [find_question(key) for key in FIRST_QUESTIONS]
    return render_template(
        "home.html",
        kinds=kinds(graph, language),
        themes=themes(graph, language),
        questions=questions,
        others=len(catalogue()) - len(questions),
        version=graph.version(),
    )


def _list(graph: Graph, name: str) -> str:
    language = page_language()
    described = find_kind(graph, name, language)
    chosen = {key: value for key in facets_of(name) if (value := request.args.get(key, ""))}
    backwards = request.args.get("sort") == "-name"
    number = request.args.get("page", "1")
    page = int(number[:_DIGITS]) if number.isascii() and number.isdigit() else 1
    found = listing(graph, name, chosen, page, backwards=backwards, language=language)

    def page_address(number: int) -> str:
        return f"/kind/{name}?{urlencode({**chosen, **({'sort': '-name'} if backwards else {}), 'page': number})}"

    return render_template(
        "kind.html",
        kind=described,
        listing=found,
        backwards=backwards,
        page_address=page_address,
        version=graph.version(),
    )
