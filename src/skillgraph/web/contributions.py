"""Contributions: listed, sent, shown with their report and their difference, reviewed, published and withdrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, json, redirect, render_template, request, url_for
from pyoxigraph import parse, serialize
from werkzeug.wrappers import Response as AnyResponse

from skillgraph.contribution.difference import altered_records
from skillgraph.contribution.inspection import Inspector, Request, restored
from skillgraph.contribution.report import as_document
from skillgraph.contribution.workflow import Workflow, owned_prefix
from skillgraph.errors import InvalidContribution, InvalidRequest, StaleContribution, UnknownContribution
from skillgraph.graph import Graph
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.label import labels
from skillgraph.ledger import Account, Act, Contribution, Role, State, Step, Upload
from skillgraph.settings import Settings
from skillgraph.vocabulary import PREFIXES
from skillgraph.web.negotiation import GRAPH_ALIASES, choose, prefers_html, require
from skillgraph.web.sent import language_asked, sent_file
from skillgraph.web.visitor import Visitor, Visitors

PAGE = 50
"""Contributions on one page of the list."""
MOST_RECORDS_SHOWN = 200


@dataclass(frozen=True)
class Reception:
    """What the pages need: the workflow, who is asking, who inspects files, and the published graph.

    ``follow`` has the graph take in what was published.
    """

    settings: Settings
    workflow: Callable[[], Workflow]
    visitors: Visitors
    inspector: Inspector
    graph: Graph
    follow: Callable[[], object]

    def account(self) -> Account | None:
        """Return the account of who is asking."""
        visitor = self.visitors.known()
        return visitor.account if visitor else None

    def contribution(self, key: str) -> Contribution:
        """Return a contribution that the visitor may read; raise ``StaleContribution`` if they saw an older one.

        Which they saw is told by the field ``serial`` of a form or by ``If-Match``.
        """
        found = self.workflow().contributions.get(key)
        if not self.workflow().may_see(self.account(), found):
            raise UnknownContribution(f"There is no contribution {key}.", "Sign in to see those of your organisation.")
        serial = request.form.get("serial") or request.headers.get("If-Match", "").strip('"')
        if serial and serial != str(found.serial):
            raise StaleContribution(
                "Somebody else acted on this contribution since you saw it.", "Load its page again and decide anew."
            )
        return found


def blueprint(reception: Reception) -> Blueprint:
    """Return the pages and their counterparts for programs."""
    routes = Blueprint("contributions", __name__, url_prefix="/contributions")
    visitors, workflow = reception.visitors, reception.workflow

    @routes.before_request
    def allow_files() -> None:
        size = reception.settings.upload_mb * 2**20
        request.max_content_length = size + 2**20
        request.max_form_memory_size = size

    @routes.get("")
    def listed() -> Response | str:
        return _listed(reception)

    @routes.get("/new")
    def new() -> str:
        account = visitors.require().account
        graph = request.args.get("graph", "")
        return render_template(
            "contribute.html", contribution=None, graph=graph, prefix=owned_prefix(account.organisation)
        )

    @routes.post("")
    def create() -> AnyResponse:
        account = visitors.require().account
        upload = sent_file()
        title = request.values.get("title") or upload.name
        wanted = request.values.get("graph", "")
        graph = wanted or workflow().new_graph(account.organisation, title)
        report = reception.inspector.inspect(Request(upload, graph, language_asked()))
        key = request.headers.get("Idempotency-Key")
        digest = hashlib.sha256(b"\0".join((title.encode(), wanted.encode(), upload.body))).hexdigest()
        made = workflow().begin(account, graph, title, (upload, report), (key[:255], digest) if key else None)
        return _go_to(made, reception, 201)

    @routes.get("/<key>")
    def show(key: str) -> Response | str:
        found = reception.contribution(key)
        return (
            _page(found, reception)
            if prefers_html()
            else Response(
                _json(_document(found, reception)),
                headers={"ETag": f'"{found.serial}"'},
                content_type="application/json",
            )
        )

    @routes.get("/<key>/data")
    def data(key: str) -> Response:
        return _data(reception.contribution(key), reception)

    @routes.get("/<key>/revise")
    def form(key: str) -> str:
        visitors.require()
        return render_template("contribute.html", contribution=reception.contribution(key), graph="", prefix="")

    @routes.post("/<key>/content")
    def revise(key: str) -> AnyResponse:
        account = visitors.require().account
        found, upload = reception.contribution(key), sent_file()
        report = reception.inspector.inspect(Request(upload, found.graph, language_asked()))
        return _go_to(workflow().revise(found, account, upload, report), reception, 200)

    @routes.post("/<key>/<act>")
    def take(key: str, act: str) -> AnyResponse:
        chosen = _act(act)
        curating = chosen in (Act.ACCEPT, Act.REJECT, Act.REQUEST_CHANGES)
        visitor = visitors.require("review", Role.CURATOR) if curating else visitors.require()
        return _go_to(_taken(reception.contribution(key), chosen, visitor, reception), reception, 200)

    return routes


def _taken(seen: Contribution, act: Act, visitor: Visitor, reception: Reception) -> Contribution:
    workflow, text = reception.workflow(), request.values.get("text", "")
    if act is Act.SUBMIT:
        return workflow.submit(seen, visitor.account, reception.inspector.inspect(_again(seen, reception)), text)
    if act is Act.ACCEPT:
        taken = workflow.accept(seen, visitor.account, reception.inspector.inspect(_again(seen, reception)), text)
    else:
        taken = workflow.say(seen, visitor.account, act, text)
    if act in (Act.ACCEPT, Act.WITHDRAW):
        reception.follow()
    return taken


def _again(seen: Contribution, reception: Reception) -> Request:
    """Return the request to inspect a contribution's content anew: the file it came in, so that places are right."""
    contributions = reception.workflow().contributions
    if seen.digest is None:
        raise InvalidContribution("The contribution has no content.", "Send a file or fill in a form first.")
    given = next(step for step in reversed(contributions.steps(seen.key)) if step.act in (Act.BEGIN, Act.REVISE))
    if given.upload is not None:
        return Request(
            Upload(given.upload_name or "", contributions.upload(given.upload)), seen.graph, language_asked()
        )
    return Request(Upload("content.nq", contributions.content(seen.digest)), seen.graph, language_asked())


def _act(name: str) -> Act:
    try:
        return Act(name)
    except ValueError:
        raise InvalidRequest(f"There is no step {name!r}.", "Take one of: " + ", ".join(Act) + ".") from None


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
        said = {"contributions": [_summary(each) for each in found[:PAGE]], "next": following}
        return Response(_json(said), content_type="application/json")
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
    return render_template(
        "contribution.html",
        contribution=found,
        steps=steps,
        people=people,
        report=_report(steps),
        records=records[:MOST_RECORDS_SHOWN],
        record_count=len(records),
        open_steps=workflow.steps_open_to(account, found),
        account=account,
        organisation=labels(reception.graph, {found.organisation})[found.organisation],
        published=next((step for step in reversed(steps) if step.version), None),
        version=reception.graph.version(),
    )


def _report(steps: list[Step]) -> object:
    text = next((step.report for step in reversed(steps) if step.report), None)
    return restored(text) if text else None


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


def _go_to(contribution: Contribution, reception: Reception, status: int) -> AnyResponse:
    address = url_for("contributions.show", key=contribution.key)
    if prefers_html():
        return redirect(address, 303)
    return Response(
        _json(_document(contribution, reception)),
        status,
        headers={"Location": address, "ETag": f'"{contribution.serial}"'},
        content_type="application/json",
    )


def _summary(contribution: Contribution) -> dict[str, object]:
    return {
        "key": contribution.key,
        "title": contribution.title,
        "state": contribution.state,
        "graph": contribution.graph,
        "organisation": contribution.organisation,
        "serial": contribution.serial,
        "changedAt": contribution.changed_at,
        "address": url_for("contributions.show", key=contribution.key),
    }


def _document(contribution: Contribution, reception: Reception) -> dict[str, object]:
    workflow = reception.workflow()
    steps = workflow.contributions.steps(contribution.key)
    people = {step.account: workflow.accounts.by_id(step.account) for step in steps}
    report = _report(steps)
    return {
        **_summary(contribution),
        "steps": [
            {
                "serial": each.serial,
                "at": each.at,
                "by": getattr(people[each.account], "display_name", ""),
                "act": each.act,
                "text": each.text,
                "version": each.version,
            }
            for each in steps
        ],
        "openSteps": workflow.steps_open_to(reception.account(), contribution),
        "report": as_document(report) if report else None,  # type: ignore[arg-type]
    }


def _json(document: object) -> str:
    return json.dumps(document) + "\n"
