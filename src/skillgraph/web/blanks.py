"""Empty spreadsheets to fill in, one for each class."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from skillgraph.contribution.blank_sheets import as_csv, as_workbook
from skillgraph.contribution.columns import class_names, find_class, template
from skillgraph.errors import UnknownClass
from skillgraph.graph import Graph
from skillgraph.vocabulary import TERMS
from skillgraph.web.sent import LANGUAGES, language_asked

_FORMS = {
    "xlsx": (as_workbook, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (as_csv, "text/csv; charset=utf-8"),
}


def blueprint(graph: Graph) -> Blueprint:
    """Return the list of templates and the files."""
    routes = Blueprint("templates", __name__, url_prefix="/templates")

    @routes.get("")
    def listed() -> str:
        language = language_asked() if "language" in request.args else "en"
        names = {iri.removeprefix(TERMS): label for iri, label in class_names(graph, language).items()}
        return render_template("templates.html", names=names, language=language, languages=LANGUAGES)

    @routes.get("/<name>.<form>")
    def file(name: str, form: str) -> Response:
        if form not in _FORMS:
            raise UnknownClass(f"There are no templates of the form {form!r}.", "Take xlsx or csv.")
        kind, language = find_class(graph, name), language_asked()
        write, media_type = _FORMS[form]
        body = write(template(graph, kind, language), language)
        response = Response(body, content_type=media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{kind.removeprefix(TERMS)}-{language}.{form}"'
        return response

    return routes
