"""Reads what was sent, whatever its form, into triples that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from skillgraph.contribution.minting import ENTITIES, mint
from skillgraph.contribution.turtle_places import Lines, turtle_lines
from skillgraph.errors import RefusedGraph, UnreadableData, UploadTooLarge
from skillgraph.finding import NOWHERE, Finding, Place
from skillgraph.ledger import Upload
from skillgraph.rdfio import decompressed, parsing_explained, rdf_format
from skillgraph.vocabulary import SKOS

MOST_UNPACKED: Final = 64 * 2**20
"""Bytes that a file may have when it is unpacked."""
MOST_TRIPLES: Final = 200_000
"""Statements that one contribution may hold; more than that is for ``skillgraph load``."""
_WITH_LINES = (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_LABEL: Final = NamedNode(SKOS + "prefLabel")
_ENTITY: Final = re.compile(rb"<!ENTITY[^>]*>?")
_PLAIN_ENTITY: Final = re.compile(rb"""<!ENTITY\s+[\w.:-]+\s+(?:"[^"&%<]{0,200}"|'[^'&%<]{0,200}')\s*>""")
"""Such as ontologies use to abbreviate their namespaces."""
_NEVER_NAMES = re.compile(r"[^\w.()\- ]+")

Locate = Callable[[str, str], Place]
"""Tells where a statement stands, from its subject and predicate."""


@dataclass(frozen=True)
class Intake:
    """What a file says: its triples without blank nodes, where they stand in it, and what could not be read of it."""

    triples: tuple[Triple, ...]
    locate: Locate
    findings: tuple[Finding, ...] = ()

    def placed(self, finding: Finding) -> Finding:
        """Return a finding with the place of what it is about."""
        if finding.place != NOWHERE:
            return finding
        places = (self.locate(finding.focus, path) for path in [*finding.path.split("|"), ""])
        return replace(finding, place=next((place for place in places if place != NOWHERE), NOWHERE))


def read_rdf(upload: Upload, graph: NamedNode) -> Intake:
    """Read a file of RDF; its format follows from its name.

    Statements in the default graph and in the contribution's own are taken together; those of other graphs are
    refused. Relative IRIs are resolved against ``ENTITIES``; blank nodes are minted an IRI.
    """
    name = safe_name(upload.name)
    form = rdf_format(PurePosixPath(name))
    body = decompressed(upload.body, name, MOST_UNPACKED)
    if form is RdfFormat.RDF_XML:
        _refuse_entities(body, name)
    with parsing_explained(PurePosixPath(name)):
        quads = _parsed(body, form)
    _refuse_other_graphs(quads, graph)
    lines = _lines(body, form)
    triples = mint(dict.fromkeys(quad.triple for quad in quads), graph)
    return Intake(tuple(triples), _locator(lines, body, triples))


def safe_name(name: str) -> str:
    """Return the last part of a file's name, without signs that mean something to a shell, a page or a file system."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    return _NEVER_NAMES.sub("_", last)[-120:].lstrip(".") or "file"


def _refuse_entities(body: bytes, name: str) -> None:
    """Raise for entities of XML that are made of others or of files; the parser would expand them without end."""
    for declaration in _ENTITY.findall(body):
        if not _PLAIN_ENTITY.fullmatch(declaration):
            raise UnreadableData(
                f"{name} declares an entity that is long, made of others or kept in another file.",
                "Write what the entity stands for in its places.",
            )


def _parsed(body: bytes, form: RdfFormat) -> list[Quad]:
    quads: list[Quad] = []
    for quad in parse(body, format=form, base_iri=ENTITIES):
        quads.append(quad)
        if len(quads) > MOST_TRIPLES:
            raise UploadTooLarge(
                f"The file holds more than {MOST_TRIPLES:,} statements.",
                "Divide it into several contributions, or ask the operator to take it in with: skillgraph load.",
            )
    if not quads:
        raise UnreadableData("The file holds no statements.", "Check that it is the right file.")
    return quads


def _refuse_other_graphs(quads: list[Quad], graph: NamedNode) -> None:
    others = {quad.graph_name for quad in quads} - {DefaultGraph(), graph}
    if others:
        named = min(each.value if isinstance(each, NamedNode | BlankNode) else "" for each in others)
        raise RefusedGraph(
            f"The file has statements in the named graph {named}, which is not that of your contribution.",
            f"Leave out the names of graphs, or name {graph.value}.",
        )
    if any(isinstance(quad.object, Triple) for quad in quads):
        raise RefusedGraph("The file speaks about statements (RDF-star).", "Say it with a record of its own.")


def _lines(body: bytes, form: RdfFormat) -> Lines:
    if form not in _WITH_LINES:
        return {}
    return turtle_lines(body.decode("utf-8", "replace"), ENTITIES)


def _locator(lines: Lines, body: bytes, triples: Iterable[Triple]) -> Locate:
    """Return how to find the line of a statement: exactly where the format is read by lines.

    Elsewhere, and for records that had no IRI, it is the line on which the record's IRI or name is first written.
    """
    names = {_text(each.subject): _text(each.object) for each in triples if each.predicate == _LABEL}

    def locate(subject: str, predicate: str) -> Place:
        if (subject, "") in lines:
            return Place(line=lines.get((subject, predicate), 0))
        if predicate:
            return NOWHERE
        written = (subject, subject.removeprefix(ENTITIES), names.get(subject, subject))
        found = (body.find(f'"{each}"'.encode()) for each in written)
        at = next((each for each in found if each >= 0), None)
        return Place(line=body.count(b"\n", 0, at) + 1) if at is not None else NOWHERE

    return locate


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""
