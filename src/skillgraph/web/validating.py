"""Validating a file without an account: nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from skillgraph.contribution.checked import TRIAL_GRAPH
from skillgraph.contribution.forms import names_in
from skillgraph.contribution.inspection import Inspector, Request
from skillgraph.contribution.report import as_json, as_turtle
from skillgraph.graph import Graph
from skillgraph.settings import Settings
from skillgraph.web.negotiation import choose, prefers_html, require
from skillgraph.web.reception import names_around
from skillgraph.web.sent import allow_files, language_asked, sent_file

_FORMATS = {"application/json": "json", "text/turtle": "turtle"}


def blueprint(settings: Settings, inspector: Inspector, graph: Graph) -> Blueprint:
    """Return the page and its counterpart for programs."""
    routes = Blueprint("validating", __name__)

    routes.before_request(lambda: allow_files(settings))

    @routes.get("/validate")
    def form() -> str:
        return render_template("validate.html", report=None, name="")

    @routes.post("/validate")
    def validate() -> Response | str:
        upload, language = sent_file(), language_asked()
        report = inspector.inspect(Request(upload, TRIAL_GRAPH.value, language))
        if prefers_html():
            names = names_around(graph, report) | names_in(report.nquads)
            return render_template("validate.html", report=report, names=names, name=upload.name, language=language)
        chosen = require(choose(_FORMATS, {}), _FORMATS)
        body = as_turtle(report) if chosen == "turtle" else as_json(report)
        media_type = "text/turtle; charset=utf-8" if chosen == "turtle" else "application/json"
        return Response(body, content_type=media_type)

    return routes
