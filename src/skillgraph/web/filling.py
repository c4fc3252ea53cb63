"""Forms made from the shapes: a record of a contribution, filled in field by field, without scripts."""

from __future__ import annotations

import re
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response

from skillgraph.contribution.columns import TEXT_LANGUAGES, Template, class_names, find_class, template
from skillgraph.contribution.forms import (
    Entry,
    Form,
    exchanged,
    filled,
    found_records,
    is_chosen,
    of_record,
    records_in,
    stated,
    with_names,
)
from skillgraph.contribution.inspection import Request
from skillgraph.errors import InvalidContribution
from skillgraph.graph import Query
from skillgraph.ledger import Contribution, Upload
from skillgraph.rdfio import canonical_nquads
from skillgraph.resources import query_text
from skillgraph.vocabulary import TERMS
from skillgraph.web.reception import Reception, latest_report
from skillgraph.web.sent import LANGUAGES, allow_files, language_asked

_FIELD: Final = re.compile(r"value-(\d{1,3})-(\d{1,3})")
_BUTTON: Final = re.compile(r"(another|find)-(\d{1,3})(?:-(\d{1,3}))?")
_NEW: Final = re.compile(r"new-(\d{1,3})")


def blueprint(reception: Reception) -> Blueprint:
    """Return the list of classes and the form of each."""
    routes = Blueprint("filling", __name__, url_prefix="/contributions/form")
    routes.before_request(lambda: allow_files(reception.settings))

    @routes.get("")
    def classes() -> str:
        reception.visitors.require()
        names = {iri.removeprefix(TERMS): label for iri, label in class_names(reception.graph).items()}
        return render_template("classes.html", names=names, key=request.args.get("contribution", ""))

    @routes.get("/<name>")
    def blank(name: str) -> str:
        reception.visitors.require()
        contribution = _contribution(reception)
        found = _template(reception, name)
        record = request.args.get("record", "")
        if record:
            content = _content(contribution, reception) or _published(reception, record)
            return _page(reception, of_record(found, record, content, reception.graph), contribution)
        return _page(reception, Form(found).with_blanks(), contribution)

    @routes.post("/<name>")
    def fill(name: str) -> Response | tuple[str, int]:
        account = reception.visitors.require().account
        contribution, found = _contribution(reception), _template(reception, name)
        form = filled(found, request.form.get("record", ""), _sent())
        if button := _BUTTON.fullmatch(request.form.get("do", "")):
            return _page(
                reception, _changed(form, button, _content(contribution, reception), reception), contribution
            ), 200
        workflow, content = reception.workflow(), _content(contribution, reception)
        title = request.form.get("title", "") or found.name
        graph = contribution.graph if contribution else workflow.new_graph(account.organisation, title)
        form, triples = stated(form, NamedNode(graph), content, reception.graph, language_asked())
        if not form.is_right:
            return _page(reception, form.with_blanks(), contribution), 422
        nquads = canonical_nquads(exchanged(content, form.iri, triples), NamedNode(graph))
        report = reception.inspector.inspect(Request(Upload("form.nq", nquads), graph, language_asked()))
        if contribution is None:
            contribution = workflow.begin(account, graph, title, (None, report))
        else:
            contribution = workflow.revise(contribution, account, None, report)
        return redirect(_following(contribution, found), 303)

    return routes


def _following(contribution: Contribution, found: Template) -> str:
    """Return where to go once a form is kept: to the draft, or to the form of a record that it is to name."""
    button = _NEW.fullmatch(request.form.get("do", ""))
    if button is None or int(button[1]) >= len(found.columns):
        return url_for("contributions.show", key=contribution.key)
    kind = found.columns[int(button[1])].kind.removeprefix(TERMS)
    return url_for("filling.blank", name=kind, contribution=contribution.key)


def _contribution(reception: Reception) -> Contribution | None:
    key = request.values.get("contribution", "")
    return reception.contribution(key) if key else None


def _content(contribution: Contribution | None, reception: Reception) -> bytes:
    if contribution is None or contribution.digest is None:
        return b""
    return reception.workflow().contributions.content(contribution.digest)


def _published(reception: Reception, record: str) -> bytes:
    """Return what the graph says of a record, for one who would say it otherwise."""
    try:
        node = NamedNode(record)
    except ValueError:
        raise InvalidContribution(f"{record} is not an IRI.", "Follow the link on the record's page.") from None
    stated_of = reception.graph.construct(Query(query_text("contributions/stated-of"), {"record": node}))
    return canonical_nquads(stated_of, NamedNode(TERMS))


def _template(reception: Reception, name: str) -> Template:
    return template(reception.graph, find_class(reception.graph, name), language_asked())


def _sent() -> dict[tuple[int, int], tuple[str, str]]:
    found = {}
    for name in request.form:
        if match := _FIELD.fullmatch(name):
            column, place = int(match[1]), int(match[2])
            found[column, place] = request.form[name], request.form.get(f"language-{column}-{place}", "en")
    return found


def _changed(form: Form, button: re.Match[str], content: bytes, reception: Reception) -> Form:
    """Return the form with one more field, or with the records found for one."""
    column, place = int(button[2]), int(button[3] or 0)
    if column >= len(form.entries) or place >= len(form.entries[column]):
        raise InvalidContribution("The form has no such field.", "Load its page again.")
    if button[1] == "another":
        return form.with_another(column)
    if is_chosen(form.entries[column][place].text):
        return form.with_entry(column, place, Entry())
    entry, kind = form.entries[column][place], form.template.columns[column].kind
    choices = found_records(entry.text, kind, content, reception.graph) if entry.text else ()
    fault = "" if choices else "No record has these letters in its name. Try fewer, or make a new record first."
    return form.with_entry(column, place, Entry(entry.text, entry.language, choices, fault))


def _page(reception: Reception, form: Form, contribution: Contribution | None) -> str:
    """Show a form, beside its fields what the report on the draft says of them."""
    content = _content(contribution, reception)
    form = with_names(form, content, reception.graph)
    report = latest_report(reception.workflow().contributions.steps(contribution.key)) if contribution else None
    faults: dict[str, list[str]] = {}
    for each in report.findings if report and form.iri else ():
        if each.focus == form.iri:
            faults.setdefault(each.path, []).append(each.message)
    kinds = {column.kind for column in form.template.columns}
    others = {iri: kind for iri, kind in records_in(content).items() if iri != form.iri}
    return render_template(
        "form.html",
        form=form,
        contribution=contribution,
        faults=faults,
        others=len(others),
        name=form.template.kind.removeprefix(TERMS),
        languages=dict(zip(LANGUAGES, ("English", "français", "español"), strict=True)),
        text_languages=TEXT_LANGUAGES,
        language=language_asked(),
        kinds={iri: label for iri, label in class_names(reception.graph).items() if iri in kinds},
    )
