"""The steps that people and programs take with contributions."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pyoxigraph import NamedNode
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response as AnyResponse

from skillgraph.contribution.inspection import Request
from skillgraph.contribution.merging import merged
from skillgraph.contribution.workflow import owned_prefix
from skillgraph.errors import InvalidContribution, InvalidRequest
from skillgraph.ledger import Act, Contribution, Role, Upload
from skillgraph.web.negotiation import prefers_html
from skillgraph.web.reception import Reception, as_json, document
from skillgraph.web.sent import allow_files, language_asked, sent_file
from skillgraph.web.visitor import Visitor

_STEPS = tuple(act for act in Act if act not in (Act.BEGIN, Act.REVISE))
_READ_ONLY = ("answers", "data", "revise")
_OF_CURATORS = (Act.ACCEPT, Act.REJECT, Act.REQUEST_CHANGES, Act.REVERT)


def blueprint(reception: Reception) -> Blueprint:
    """Return the forms and what they lead to, for programs too."""
    routes = Blueprint("contributing", __name__, url_prefix="/contributions")
    visitors, workflow = reception.visitors, reception.workflow
    routes.before_request(lambda: allow_files(reception.settings))

    @routes.get("/new")
    def new() -> str:
        prefix = owned_prefix(visitors.require().account.organisation)
        graph = request.args.get("graph", "")
        return render_template("contribute.html", contribution=None, graph=graph, prefix=prefix)

    @routes.post("")
    def create() -> AnyResponse:
        account = visitors.require().account
        reception.expect_acceptance()
        upload = sent_file()
        title = request.values.get("title") or upload.name
        wanted = request.values.get("graph", "")
        graph = wanted or workflow().new_graph(account.organisation, title)
        report = reception.inspector.inspect(Request(upload, graph, language_asked()))
        key = request.headers.get("Idempotency-Key")
        digest = hashlib.sha256(b"\0".join((title.encode(), wanted.encode(), upload.body))).hexdigest()
        made = workflow().begin(account, graph, title, (upload, report), (key[:255], digest) if key else None)
        return _go_to(made, reception, 201)

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

    @routes.post("/<key>/same")
    def same(key: str) -> AnyResponse:
        """Say that a record of the contribution is one that the graph has already."""
        account = visitors.require().account
        found = reception.contribution(key)
        record, known = request.values.get("record", ""), request.values.get("known", "")
        nquads = merged(_content(found, reception), record, known, NamedNode(found.graph))
        report = reception.inspector.inspect(Request(Upload("content.nq", nquads), found.graph, language_asked()))
        return _go_to(workflow().revise(found, account, None, report), reception, 200)

    @routes.post("/<key>/<act>")
    def take(key: str, act: str) -> AnyResponse:
        chosen = _act(act)
        curating = chosen in _OF_CURATORS
        visitor = visitors.require("review", Role.CURATOR) if curating else visitors.require()
        return _go_to(_taken(reception.contribution(key), chosen, visitor, reception), reception, 200)

    return routes


def _taken(seen: Contribution, act: Act, visitor: Visitor, reception: Reception) -> Contribution:
    workflow, text = reception.workflow(), request.values.get("text", "")
    if act is Act.SUBMIT:
        return workflow.submit(seen, visitor.account, reception.inspector.inspect(_again(seen, reception)), text)
    if act is Act.ACCEPT:
        decisive = replace(_again(seen, reception), duplicates=False)
        taken = workflow.accept(seen, visitor.account, reception.inspector.inspect(decisive), text)
    else:
        taken = workflow.say(seen, visitor.account, act, text)
    if act in (Act.ACCEPT, Act.WITHDRAW, Act.REVERT):
        reception.follow()
    return taken


def _content(seen: Contribution, reception: Reception) -> bytes:
    if seen.digest is None:
        raise InvalidContribution("The contribution has no content.", "Send a file or fill in a form first.")
    return reception.workflow().contributions.content(seen.digest)


def _again(seen: Contribution, reception: Reception) -> Request:
    """Return the request to inspect a contribution's content anew: the file it came in, so that places are right."""
    contributions = reception.workflow().contributions
    content = _content(seen, reception)
    given = next(step for step in reversed(contributions.steps(seen.key)) if step.act in (Act.BEGIN, Act.REVISE))
    if given.upload is not None:
        return Request(
            Upload(given.upload_name or "", contributions.upload(given.upload)), seen.graph, language_asked()
        )
    return Request(Upload("content.nq", content), seen.graph, language_asked())


def _act(name: str) -> Act:
    if name in _READ_ONLY:
        raise MethodNotAllowed(["GET", "HEAD", "OPTIONS"])
    if name not in _STEPS:
        raise InvalidRequest(f"There is no step {name!r}.", "Take one of: " + ", ".join(_STEPS) + ".")
    return Act(name)


def _go_to(contribution: Contribution, reception: Reception, status: int) -> AnyResponse:
    address = url_for("contributions.show", key=contribution.key)
    if prefers_html():
        return redirect(address, 303)
    return Response(
        as_json(document(contribution, reception)),
        status,
        headers={"Location": address, "ETag": f'"{contribution.serial}"'},
        content_type="application/json",
    )
