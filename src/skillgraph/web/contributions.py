"""Contributions to read: the list, a page for each with its report, difference and history, and its data."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from pyoxigraph import parse, serialize

from skillgraph.contribution.answers import compare_answers
from skillgraph.contribution.difference import Alteration, AlteredRecord, altered_records
from skillgraph.contribution.forms import names_in, records_in
from skillgraph.contribution.workflow import OPEN
from skillgraph.errors import InvalidContribution, UnknownContribution
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.label import labels
from skillgraph.ledger import Contribution, Role, State, Step
from skillgraph.question import questions_reading
from skillgraph.vocabulary import PREFIXES
from skillgraph.web.negotiation import GRAPH_ALIASES, choose, prefers_html, require
from skillgraph.web.reception import Reception, as_json, document, latest_report, names_around, summary

PAGE = 50
"""Contributions on one page of the list."""
MOST_RECORDS_SHOWN = 200
SECONDS_FOR_ANSWERS = 20.0
"""Time for which somebody waits until answers are compared."""


def blueprint(reception: Reception) -> Blueprint:
    """Return the pages and their counterparts for programs."""
    routes = Blueprint("contributions", __name__, url_prefix="/contributions")

    @routes.get("")
    def listed() -> Response | str:
        return _listed(reception)

    @routes.get("/<key>")
    def show(key: str) -> Response | str:
        found = reception.contribution(key)
        if prefers_html():
            return _page(found, reception)
        tag = {"ETag": f'"{found.serial}"'}
        return Response(as_json(document(found, reception)), headers=tag, content_type="application/json")

    @routes.get("/<key>/answers")
    def answers(key: str) -> str:
        reception.visitors.require()
        return _answers(reception.contribution(key), reception)

    @routes.get("/<key>/data")
    def data(key: str) -> Response:
        return _data(reception.contribution(key), reception)

    return routes


def _listed(reception: Reception) -> Response | str:
    account = reception.account()
    after = request.args.get("after")
    asked = request.args.get("state")
    states = [State(asked)] if asked in list(State) else []
    if account is None:
        states, organisation = [State.ACCEPTED], None
    else:
        organisation = None if account.role.may_act_as(Role.CURATOR) else account.organisation
    found = reception.workflow().contributions.listed(states, organisation, after, PAGE + 1)
    following = found[PAGE - 1].key if len(found) > PAGE else None
    names = labels(reception.graph, {each.organisation for each in found})
    if not prefers_html():
        said = {"contributions": [summary(each) for each in found[:PAGE]], "next": following}
        return Response(as_json(said), content_type="application/json")
    return render_template(
        "contributions.html", found=found[:PAGE], following=following, account=account, names=names, states=list(State),
        asked=asked,
    )  # fmt: skip


def _page(found: Contribution, reception: Reception) -> str:
    workflow = reception.workflow()
    steps = workflow.contributions.steps(found.key)
    account = reception.account()
    people = {step.account: workflow.accounts.by_id(step.account) for step in steps}
    before, after = _contents(found, steps, reception)
    records = altered_records(before, after, reception.graph) if found.digest else []
    own = records_in(after)
    report = latest_report(steps)
    terms = {
        term
        for record in records
        for each in record.alterations
        for term in (each.property_iri, each.value.iri)
        if term
    }
    return render_template(
        "contribution.html",
        contribution=found,
        steps=steps,
        people=people,
        report=report,
        comparable=reception.trial is not None and account is not None,
        questions=questions_reading(terms) if found.state in OPEN else [],
        records=records[:MOST_RECORDS_SHOWN],
        record_count=len(records),
        own=own,
        names=names_around(reception.graph, report, [*own, *own.values()]) | names_in(after),
        open_steps=workflow.steps_open_to(account, found),
        concerned=workflow.concerns(account, found),
        organisation=labels(reception.graph, {found.organisation})[found.organisation],
        published=next((step for step in reversed(steps) if step.version), None),
        version=reception.graph.version(),
    )


def _answers(found: Contribution, reception: Reception) -> str:
    """Show which answers the contribution would change, as far as they can be asked for while somebody waits."""
    if reception.trial is None or found.digest is None or found.state not in OPEN:
        raise InvalidContribution(
            "Answers cannot be compared.", "The contribution must have content and must not be published yet."
        )
    steps = reception.workflow().contributions.steps(found.key)
    before, after = _contents(found, steps, reception)
    alterations = _alterations(altered_records(before, after, reception.graph))
    named = [*records_in(after), *(each.value.iri for each in alterations if each.value.iri)]
    trial = reception.trial(found.graph, found.digest)
    questions = questions_reading(_terms(alterations))
    compared = compare_answers(questions, dict.fromkeys(named), reception.graph, trial, SECONDS_FOR_ANSWERS)
    return render_template("answers.html", contribution=found, compared=compared, seconds=SECONDS_FOR_ANSWERS)


def _alterations(records: list[AlteredRecord]) -> list[Alteration]:
    return [each for record in records for each in record.alterations]


def _terms(alterations: list[Alteration]) -> set[str]:
    """Return the properties and classes of statements that come or go."""
    return {each.property_iri for each in alterations} | {each.value.iri for each in alterations if each.value.iri}


def _contents(found: Contribution, steps: list[Step], reception: Reception) -> tuple[bytes, bytes]:
    """Return what the graph held before the contribution and what it holds by it."""
    workflow = reception.workflow()
    published = next((step.version for step in steps if step.version), None)
    heads = workflow.ledger.heads(published - 1 if published else None)
    head = heads.get(found.graph)
    before = workflow.ledger.content(head.digest) if head else b""
    return before, workflow.contributions.content(found.digest) if found.digest else b""


def _data(found: Contribution, reception: Reception) -> Response:
    chosen = require(choose(GRAPH_FORMATS, GRAPH_ALIASES), GRAPH_FORMATS)
    if found.digest is None:
        raise UnknownContribution("The contribution has no content yet.", "Come back when there is some.")
    quads = parse(reception.workflow().contributions.content(found.digest), format=GRAPH_FORMATS["application/n-quads"])
    kept = quads if chosen.supports_datasets else (quad.triple for quad in quads)
    body = serialize(kept, format=chosen, prefixes=PREFIXES) or b""
    return Response(body, content_type=f"{chosen.media_type}; charset=utf-8")
