"""Describes, in PROV-O, who published a graph, for whom, when, reviewed by whom, from which file, replacing what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from skillgraph.vocabulary import BASE, DCT, PREFIXES, RDF_TYPE, SKOS, XSD, graph_iri

_PROV = PREFIXES["prov"]


@dataclass(frozen=True)
class Provenance:
    """What is published about a contribution; of persons the display names only. Times are UTC, ISO 8601."""

    key: str
    graph: str
    title: str
    author: str
    organisation: str
    submitted_at: str
    reviewer: str | None
    published_at: str
    file_name: str | None
    file_digest: str | None
    replaces: str | None
    withdrawn_at: str | None = None


def contribution_iri(key: str) -> str:
    """Return the IRI of a contribution."""
    return f"{BASE}id/contribution/{key}"


def provenance_graph(graph: str) -> NamedNode:
    """Return the named graph that holds the provenance of a contributed graph."""
    return graph_iri("provenance/" + graph.removeprefix(graph_iri("contribution/").value))


def described(said: Provenance) -> Iterator[Triple]:
    """Yield the description of a contribution and of the graph that it made or withdrew."""
    activity, graph = NamedNode(contribution_iri(said.key)), NamedNode(said.graph)
    author, review = NamedNode(activity.value + ".author"), NamedNode(activity.value + ".review")
    yield Triple(activity, RDF_TYPE, _prov("Activity"))
    yield Triple(activity, NamedNode(SKOS + "prefLabel"), Literal(said.title, language="en"))
    yield Triple(activity, _prov("startedAtTime"), _time(said.submitted_at))
    yield Triple(activity, _prov("endedAtTime"), _time(said.published_at))
    yield Triple(activity, _prov("wasAssociatedWith"), author)
    yield from _agent(author, said.author)
    yield Triple(author, _prov("actedOnBehalfOf"), NamedNode(said.organisation))
    yield Triple(graph, RDF_TYPE, _prov("Entity"))
    yield Triple(graph, _prov("wasAttributedTo"), NamedNode(said.organisation))
    yield Triple(graph, _prov("wasGeneratedBy"), activity)
    yield Triple(graph, _prov("generatedAtTime"), _time(said.published_at))
    if said.withdrawn_at is not None:
        yield Triple(graph, _prov("invalidatedAtTime"), _time(said.withdrawn_at))
    if said.replaces is not None:
        yield Triple(activity, _prov("wasInformedBy"), NamedNode(contribution_iri(said.replaces)))
    if said.reviewer is not None:
        reviewer = NamedNode(activity.value + ".reviewer")
        yield Triple(review, RDF_TYPE, _prov("Activity"))
        yield Triple(review, NamedNode(SKOS + "prefLabel"), Literal(f"Review: {said.title}", language="en"))
        yield Triple(review, _prov("wasInformedBy"), activity)
        yield Triple(review, _prov("endedAtTime"), _time(said.published_at))
        yield Triple(review, _prov("wasAssociatedWith"), reviewer)
        yield from _agent(reviewer, said.reviewer)
    yield from _file(said, activity)


def _file(said: Provenance, activity: NamedNode) -> Iterator[Triple]:
    if said.file_digest is None:
        return
    file = NamedNode(activity.value + ".file")
    yield Triple(activity, _prov("used"), file)
    yield Triple(file, RDF_TYPE, _prov("Entity"))
    yield Triple(file, NamedNode(SKOS + "prefLabel"), Literal(said.file_name or "file"))
    yield Triple(file, NamedNode(DCT + "identifier"), Literal(f"sha256:{said.file_digest}"))


def _agent(agent: NamedNode, name: str) -> Iterator[Triple]:
    yield Triple(agent, RDF_TYPE, _prov("Agent"))
    yield Triple(agent, NamedNode(SKOS + "prefLabel"), Literal(name))


def _time(text: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + "dateTime"))


def _prov(name: str) -> NamedNode:
    return NamedNode(_PROV + name)
