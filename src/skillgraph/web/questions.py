"""The questions of the catalogue: a form, and the answer as a page, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, render_template, request

from skillgraph.answer_text import as_csv, as_json_text
from skillgraph.errors import InvalidParameter
from skillgraph.graph import Graph
from skillgraph.label import labels
from skillgraph.question import THEMES, PartAnswer, Question, QuestionAnswer, ask, catalogue, choices, find_question
from skillgraph.vocabulary import BASE
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.results import VERSION_HEADER

LONG_TEXT = 90
"""Characters; a part with longer texts is shown as records, the others as tables."""
_FORMATS = {"application/json": "json", "text/csv": "csv"}
_ALIASES = {"application/sparql-results+json": "application/json"}


def blueprint(graph: Graph) -> Blueprint:
    """Return the questions over a graph."""
    routes = Blueprint("questions", __name__)

    @routes.get("/questions")
    def every() -> str:
        by_theme = {theme: [each for each in catalogue().values() if each.theme == theme] for theme in THEMES}
        names = labels(graph, [f"{BASE}code/theme/{theme}" for theme in THEMES])
        themes = {names[f"{BASE}code/theme/{theme}"].text.capitalize(): asked for theme, asked in by_theme.items()}
        return render_template("questions.html", themes=themes, version=graph.version())

    @routes.get("/questions/<key>")
    def question(key: str) -> Response | str | tuple[str, int]:
        found = find_question(key)
        given = {each.name: request.args.get(each.name, "") for each in found.parameters}
        if prefers_html():
            return _page(graph, found, given)
        chosen = require(choose(_FORMATS, _ALIASES), {"text/html": None, **_FORMATS})
        return _data(ask(graph, found, given), chosen)

    return routes


def _page(graph: Graph, question: Question, given: Mapping[str, str]) -> str | tuple[str, int]:
    answer, fault = None, None
    if any(given.values()) or not question.parameters:
        try:
            answer = ask(graph, question, given)
        except InvalidParameter as caught:
            fault = caught
    options = {each.kind: choices(graph, each.kind) for each in question.parameters}
    chosen = {name: value.iri for name, value in answer.given.items()} if answer else given
    page = render_template(
        "question.html",
        question=question,
        options=options,
        chosen=chosen,
        answer=answer,
        long_text=LONG_TEXT,
        is_wordy=_is_wordy,
        answer_query={name: iri for name, iri in chosen.items() if iri},
        fault=fault,
        version=graph.version(),
    )
    return (page, fault.status) if fault else page


def _is_wordy(part: PartAnswer) -> bool:
    values = (value for row in part.rows for column in row.values() for value in column)
    return any(len(value.text) > LONG_TEXT and not value.iri for value in values)


def _data(answer: QuestionAnswer, chosen: str) -> Response:
    body = as_csv(answer) if chosen == "csv" else as_json_text(answer)
    response = Response(body, content_type="text/csv; charset=utf-8" if chosen == "csv" else "application/json")
    response.headers[VERSION_HEADER] = str(answer.version)
    return response
