"""The questions of the catalogue: a form, and the answer as a page and as data in four formats."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request

from skillgraph.answer_text import WRITERS
from skillgraph.citation import citations
from skillgraph.errors import InvalidParameter
from skillgraph.graph import Graph
from skillgraph.graph.protocol import Edition
from skillgraph.label import Value, labels
from skillgraph.neighbourhood import Network
from skillgraph.question import (
    CLASSES,
    THEMES,
    Question,
    QuestionAnswer,
    ask,
    catalogue,
    choices,
    find_question,
)
from skillgraph.search import Names
from skillgraph.vocabulary import BASE, compact, expand
from skillgraph.web.language import data_language, page_language
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.pages import Pages
from skillgraph.web.parts import LONG_TEXT, is_wordy
from skillgraph.web.results import VERSION_HEADER
from skillgraph.web.snippets import answer_snippets

_FORMATS = {
    "application/json": "json",
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "text/turtle": "ttl",
}
_TYPES = {name: media for media, name in _FORMATS.items()} | {"csv": "text/csv; charset=utf-8"}
_MOST_KEPT = 80
_ALIASES = {"application/sparql-results+json": "application/json"}


class _OtherAnswer(Exception):
    """What is sent instead of a page that can be remembered."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class _Choices:
    """What parameters of a kind may name, read once for each edition of the dataset."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kept: dict[tuple[Edition, str, str], list[Value]] = {}

    def of(self, kind: str, language: str) -> list[Value]:
        edition = self._graph.edition()
        found = self._kept.get((edition, kind, language))
        if found is None:
            found = choices(self._graph, kind, language)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[edition, kind, language] = found
        return found


def blueprint(graph: Graph, names: Names, pages: Pages) -> Blueprint:
    """Return the questions over a graph."""
    routes = Blueprint("questions", __name__)
    kept = _Choices(graph)

    @routes.get("/questions")
    def every() -> str:
        by_theme = {theme: [each for each in catalogue().values() if each.theme == theme] for theme in THEMES}
        names = labels(graph, [f"{BASE}code/theme/{theme}" for theme in THEMES], page_language())
        themes = {names[f"{BASE}code/theme/{theme}"].text.capitalize(): asked for theme, asked in by_theme.items()}
        return render_template("questions.html", themes=themes, version=graph.version())

    @routes.get("/questions/<key>")
    def question(key: str) -> Response:
        found = find_question(key)
        given = {each.name: request.args.get(each.name, "") for each in found.parameters}
        if prefers_html():
            try:
                return pages.send(lambda: _page(graph, names, kept, found, given))
            except _OtherAnswer as other:
                return other.response
        chosen = require(choose(_FORMATS, _ALIASES), {"text/html": None, **_FORMATS})
        return _data(ask(graph, found, given, names, data_language()), chosen)

    return routes


def _page(graph: Graph, names: Names, kept: _Choices, question: Question, given: Mapping[str, str]) -> str:
    """Return the page; raise ``_OtherAnswer`` for what was asked by name or cannot be asked."""
    answer, fault = None, None
    if any(given.values()) or not question.parameters:
        try:
            answer = ask(graph, question, given, names, page_language())
        except InvalidParameter as caught:
            fault = caught
    chosen = {name: value.iri or "" for name, value in answer.given.items()} if answer else given
    if answer and any(expand(given[name]) != iri for name, iri in chosen.items()):
        raise _OtherAnswer(make_response(redirect(_address(question, chosen), 303)))
    options = {each.kind: kept.of(each.kind, page_language()) for each in question.parameters}
    page = render_template(
        "question.html",
        question=question,
        options=options,
        classes=CLASSES,
        chosen={name: expand(value) for name, value in chosen.items()},
        answer=answer,
        address=_address(question, chosen),
        programs=answer_snippets(request.url_root.rstrip("/"), question, chosen) if answer else [],
        other=lambda name, iri: _address(question, {**chosen, name: iri}),
        cited=citations(graph, _sources(answer), page_language()) if answer else [],
        network=_network(answer) if answer else {"nodes": [], "edges": []},
        long_text=LONG_TEXT,
        is_wordy=is_wordy,
        fault=fault,
        version=graph.version(),
    )
    if fault:
        raise _OtherAnswer(make_response(page, fault.status))
    return page


def _sources(answer: QuestionAnswer) -> set[str]:
    rows = (row for each in answer.parts for row in each.rows)
    return {value.iri for row in rows for value in row.get("source", ()) if value.iri}


def _network(answer: QuestionAnswer) -> Network:
    """Return the actors of an answer and what they take part in, as far as it has a part that says so."""
    rows = [row for each in answer.parts if each.part.key == "actors" for row in each.rows]
    triples = [(row["actor"][0], row["role"][0], item) for row in rows for item in row["item"]]
    nodes = {value.iri: value.text for actor, _, item in triples for value in (item, actor)}
    return {
        "nodes": [{"id": iri or "", "label": label} for iri, label in nodes.items()],
        "edges": [
            {"source": actor.iri or "", "target": item.iri or "", "label": role.text} for actor, role, item in triples
        ],
    }


def _address(question: Question, chosen: Mapping[str, str]) -> str:
    """Return the permanent address of an answer."""
    given = {name: compact(iri) for name, iri in chosen.items() if iri}
    return f"/questions/{question.key}?{urlencode(given, safe=':/')}"


def _data(answer: QuestionAnswer, chosen: str) -> Response:
    response = Response(WRITERS[chosen](answer), content_type=_TYPES[chosen])
    response.headers[VERSION_HEADER] = str(answer.version)
    if chosen == "xlsx":
        response.headers["Content-Disposition"] = f'attachment; filename="{answer.question.key}.xlsx"'
    return response
