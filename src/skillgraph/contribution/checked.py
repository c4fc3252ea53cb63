"""Reads a contribution and says everything that stands in its way, each finding with its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pyoxigraph import NamedNode

from skillgraph.contribution.duplicates import duplicate_findings
from skillgraph.contribution.house import house_findings
from skillgraph.contribution.intake import Intake, read_rdf, safe_name
from skillgraph.contribution.sheets import ENDINGS, read_sheet
from skillgraph.errors import UnreadableData
from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph
from skillgraph.ledger import Upload
from skillgraph.rdfio import canonical_nquads
from skillgraph.validation import validate_content
from skillgraph.vocabulary import graph_iri

MOST_FINDINGS = 1000
"""Findings that a report lists; it says how many there are in all."""
TRIAL_GRAPH = graph_iri("contribution/trial")
"""The named graph of what is only tried out."""


@dataclass(frozen=True)
class Report:
    """What was found in a contribution: its content as canonical N-Quads, the first findings and how many there are."""

    nquads: bytes
    statements: int
    findings: tuple[Finding, ...]
    counts: dict[Severity, int]

    @property
    def is_acceptable(self) -> bool:
        """Tell whether nothing stands in the way of publishing."""
        return not self.counts.get(Severity.VIOLATION)

    @property
    def left_out(self) -> int:
        """Return how many findings there are beyond those listed."""
        return sum(self.counts.values()) - len(self.findings)


def check_upload(
    upload: Upload, graph: NamedNode, published: Graph, language: str = "en", *, duplicates: bool = True
) -> Report:
    """Read a file that was sent and hold it against the rules of the house and the shapes.

    Raise ``UnreadableData``, ``RefusedGraph`` or ``UploadTooLarge`` where it cannot be read.
    ``language`` is that of the findings: en, fr or es.
    """
    if PurePosixPath(safe_name(upload.name).lower().removesuffix(".gz")).suffix in ENDINGS:
        intake = read_sheet(upload, graph, published, language)
    else:
        intake = read_rdf(upload, graph)
    return check_intake(intake, graph, published, language, duplicates=duplicates)


def check_intake(
    intake: Intake, graph: NamedNode, published: Graph, language: str = "en", *, duplicates: bool = True
) -> Report:
    """Hold what was read against the rules of the house and the shapes, and say which records may be duplicates."""
    triples = intake.triples
    found = [
        *intake.findings,
        *house_findings(triples, published, language),
        *(duplicate_findings(triples, published, language) if duplicates else ()),
        *validate_content(triples, graph, published, language),
    ]
    order = list(Severity)
    placed = sorted(
        {intake.placed(each) for each in found},
        key=lambda each: (order.index(each.severity), each.place, each),
    )
    return Report(
        canonical_nquads(triples, graph),
        len(triples),
        tuple(placed[:MOST_FINDINGS]),
        dict(Counter(each.severity for each in placed)),
    )


def validate_file(path: Path, published: Graph, language: str = "en") -> Report:
    """Return everything that stands in the way of contributing a file of this machine."""
    try:
        body = path.read_bytes()
    except OSError as fault:
        raise UnreadableData(
            f"{path} cannot be read: {fault.strerror or fault}.", "Check the name and that you may read it."
        ) from None
    return check_upload(Upload(path.name, body), TRIAL_GRAPH, published, language)
