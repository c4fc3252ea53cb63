"""The versions of the dataset: a list, a page for each with what it changed, differences as patches, and a feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, json, render_template, request

from skillgraph.contribution.difference import AlteredRecord, altered_records
from skillgraph.errors import InvalidRequest, UnknownVersion
from skillgraph.graph import Graph
from skillgraph.ledger import Ledger, Revision
from skillgraph.web.negotiation import prefers_html
from skillgraph.web.past import version_number

PAGE = 50
"""Versions on one page of the list, and in the feed."""
MOST_RECORDS_SHOWN = 200
_HIDDEN = ("/graph/entailed", "/graph/provenance/")


@dataclass(frozen=True)
class ChangedGraph:
    """A named graph that differs between two versions, with the statements that came and went, as lines of N-Quads."""

    graph: str
    message: str
    added: tuple[bytes, ...]
    removed: tuple[bytes, ...]


def blueprint(graph: Graph, ledger: Callable[[], Ledger]) -> Blueprint:
    """Return the pages and their counterparts for programs."""
    routes = Blueprint("versions", __name__)

    @routes.get("/versions")
    def listed() -> Response | str:
        before = request.args.get("before")
        found = _publications(ledger(), version_number(before) if before else None)
        if not prefers_html():
            return Response(json.dumps({"versions": found}) + "\n", content_type="application/json")
        return render_template("versions.html", found=found, more=len(found) == PAGE, version=graph.version())

    @routes.get("/versions.atom")
    def feed() -> Response:
        found = _publications(ledger(), None)
        body = render_template("versions.atom", found=found, host=request.host_url)
        return Response(body, content_type="application/atom+xml; charset=utf-8")

    @routes.get("/versions/<int(max=999999999):version>")
    def show(version: int) -> Response | str:
        return _difference(graph, ledger(), _before(ledger(), version), version)

    @routes.get("/versions/<int(max=999999999):before>..<int(max=999999999):after>")
    def difference(before: int, after: int) -> Response | str:
        return _difference(graph, ledger(), before, after)

    return routes


def _publications(ledger: Ledger, before: int | None) -> list[dict[str, object]]:
    revisions = ledger.latest(PAGE, before)
    return [_summary(version, list(each)) for version, each in groupby(revisions, key=lambda each: each.version)]


def _summary(version: int, revisions: list[Revision]) -> dict[str, object]:
    first = revisions[0]
    shown = [each for each in revisions if not any(part in each.graph for part in _HIDDEN)]
    return {
        "version": version,
        "madeAt": first.made_at,
        "author": first.author,
        "reviewer": first.reviewer,
        "contribution": first.contribution,
        "title": shown[0].message if len(shown) == 1 else f"{len(shown):,} graphs",
        "graphs": [each.graph for each in revisions],
    }


def _before(ledger: Ledger, version: int) -> int:
    return max((each for each in ledger.versions() if each < version), default=0)


def _difference(graph: Graph, ledger: Ledger, before: int, after: int) -> Response | str:
    for version in (before, after):
        if version and not ledger.has(version):
            raise UnknownVersion(f"The dataset has no version {version}.", "The list is at /versions.")
    if before > after:
        raise InvalidRequest(
            "The first version is newer than the second.", f"Turn them round: /versions/{after}..{before}."
        )
    changed = changed_graphs(ledger, before, after)
    if request.args.get("format") == "patch" or not prefers_html():
        return Response(_patch(changed), content_type="application/rdf-patch")
    shown = [each for each in changed if not any(part in each.graph for part in _HIDDEN)]
    records: dict[str, list[AlteredRecord]] = {}
    left = MOST_RECORDS_SHOWN
    for each in shown:
        if left > 0 and len(each.added) + len(each.removed) < 2000:
            records[each.graph] = altered_records(b"".join(each.removed), b"".join(each.added), graph)[:left]
            left -= len(records[each.graph])
    return render_template(
        "version.html", before=before, after=after, changed=changed, records=records, made_at=ledger.made_at(after),
        version=graph.version(),
    )  # fmt: skip


def changed_graphs(ledger: Ledger, before: int, after: int) -> list[ChangedGraph]:
    """Return the graphs that differ between two versions, sorted by IRI."""
    old, new = ledger.heads(before), ledger.heads(after)
    found = []
    for graph in sorted(new):
        one, other = old.get(graph), new[graph]
        if one is None or one.digest != other.digest:
            lines = set(ledger.content(one.digest).splitlines(keepends=True)) if one else set()
            present = set(ledger.content(other.digest).splitlines(keepends=True))
            added, removed = tuple(sorted(present - lines)), tuple(sorted(lines - present))
            if added or removed:
                found.append(ChangedGraph(graph, other.message, added, removed))
    return found


def _patch(changed: list[ChangedGraph]) -> bytes:
    """Write differences as an RDF patch: lines of N-Quads, each after D for deleted or A for added."""
    lines = [b"D " + line for each in changed for line in each.removed]
    lines += [b"A " + line for each in changed for line in each.added]
    return b"TX .\n" + b"".join(lines) + b"TC .\n"
