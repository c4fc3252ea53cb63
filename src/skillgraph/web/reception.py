"""Where contributions are received: what their pages need, and what programs are told of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Thread

from flask import json, request, url_for

from skillgraph.contribution import Report
from skillgraph.contribution.inspection import Inspector, restored
from skillgraph.contribution.report import as_document
from skillgraph.contribution.workflow import Workflow
from skillgraph.errors import StaleContribution, UnknownContribution
from skillgraph.graph import Graph
from skillgraph.label import Label, labels
from skillgraph.ledger import Account, Contribution, Step
from skillgraph.settings import Settings
from skillgraph.web.visitor import Visitors

_IRI = re.compile(r"(?:https?|urn):[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True)
class Reception:
    """What the pages need: the workflow, who is asking, who inspects files, and the published graph.

    ``follow`` has the graph take in what was published; ``trial``, where there is one, returns it as it would be with
    other content, given by its digest, in a named graph.
    """

    settings: Settings
    workflow: Callable[[], Workflow]
    visitors: Visitors
    inspector: Inspector
    graph: Graph
    follow: Callable[[], object]
    trial: Callable[[str, str], Graph] | None = None

    def account(self) -> Account | None:
        """Return the account of who is asking."""
        visitor = self.visitors.known()
        return visitor.account if visitor else None

    def expect_acceptance(self) -> None:
        """Have the workflow take in what is published, in a thread, before somebody waits for an acceptance."""
        workflow = self.workflow()
        Thread(target=workflow.ledger.look, args=(workflow.derivation.follow,), daemon=True).start()

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


def latest_report(steps: list[Step]) -> Report | None:
    """Return the report that belongs to the present content."""
    text = next((step.report for step in reversed(steps) if step.report), None)
    return restored(text) if text else None


def names_around(graph: Graph, report: Report | None, iris: Iterable[str] = ()) -> dict[str, Label]:
    """Return the names of what a report speaks of, and of some more."""
    findings = report.findings if report else ()
    spoken_of = {
        part for each in findings for part in (each.focus, *each.path.split("|"), each.value) if _IRI.fullmatch(part)
    }
    return labels(graph, {*spoken_of, *iris})


def summary(contribution: Contribution) -> dict[str, object]:
    """Return what a list says of a contribution."""
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


def document(contribution: Contribution, reception: Reception) -> dict[str, object]:
    """Return all that there is to say of a contribution, but its content."""
    workflow = reception.workflow()
    steps = workflow.contributions.steps(contribution.key)
    people = {step.account: workflow.accounts.by_id(step.account) for step in steps}
    report = latest_report(steps)
    concerned = workflow.concerns(reception.account(), contribution)
    return {
        **summary(contribution),
        "steps": [
            {
                "serial": each.serial,
                "at": each.at,
                "by": getattr(people[each.account], "display_name", ""),
                "act": each.act,
                "text": each.text if concerned else "",
                "version": each.version,
            }
            for each in steps
        ],
        "openSteps": workflow.steps_open_to(reception.account(), contribution),
        "report": as_document(report) if report else None,
    }


def as_json(said: object) -> str:
    """Return a document as JSON."""
    return json.dumps(said) + "\n"
