"""The front page and the lists per class."""

from __future__ import annotations

from flask import Blueprint, render_template

from skillgraph.browse import find_kind, kinds, members
from skillgraph.errors import fault_kinds
from skillgraph.graph import Graph, Query
from skillgraph.question import catalogue, find_question
from skillgraph.resources import query_text

FIRST_QUESTIONS = ("partnership", "equivalence")
"""The questions on the front page."""


def blueprint(graph: Graph) -> Blueprint:
    """Return the pages over a graph."""
    routes = Blueprint("home", __name__)

    @routes.get("/")
    def home() -> str:
        questions = [find_question(key) for key in FIRST_QUESTIONS]
        return render_template(
            "home.html",
            kinds=kinds(graph),
            themes=graph.select(Query(query_text("pages/themes"))),
            questions=questions,
            others=len(catalogue()) - len(questions),
            version=graph.version(),
        )

    @routes.get("/kind/<name>")
    def kind(name: str) -> str:
        described = find_kind(graph, name)
        return render_template("kind.html", kind=described, members=members(graph, name), version=graph.version())

    @routes.get("/problems")
    def problems() -> str:
        return render_template("problems.html", faults=fault_kinds())

    return routes
