"""Reads RDF files with errors that say where, and writes graphs in one canonical form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)

from skillgraph.errors import UnreadableData
from skillgraph.vocabulary import BASE

READABLE = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
}
_POSITION = re.compile(r"line (\d+) column (\d+)")


def read_triples(path: Path) -> list[Triple]:
    """Read the triples of an RDF file, whatever graphs they stand in; the format follows from the name."""
    rdf_format = READABLE.get(path.suffix.lower())
    if rdf_format is None:
        raise UnreadableData(
            f"{path.name}: the ending {path.suffix or '(none)'} names no RDF format that can be read.",
            "Use one of " + ", ".join(READABLE) + ".",
        )
    try:
        return [quad.triple for quad in parse(path=str(path), format=rdf_format)]
    except SyntaxError as fault:
        raise _syntax_fault(path, fault) from None
    except UnicodeDecodeError:
        raise UnreadableData(f"{path.name} is not UTF-8 text.", "Save the file as UTF-8.") from None
    except OSError as fault:
        raise UnreadableData(
            f"{path} cannot be read: {fault.strerror or fault}.", "Check the name and that you may read it."
        ) from None


def canonical_nquads(triples: Iterable[Triple], graph: NamedNode) -> bytes:
    """Write triples as the sorted N-Quads of one named graph, equal for equal graphs whatever the order.

    Blank nodes become IRIs under ``/.well-known/genid/`` that depend on the graph and its content alone
    (RDFC-1.0 labels, https://www.w3.org/TR/rdf-canon/).
    """
    dataset = Dataset(Quad(each.subject, each.predicate, each.object, graph) for each in triples)
    if any(isinstance(node, BlankNode) for quad in dataset for node in (quad.subject, quad.object)):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        prefix = f"{BASE}.well-known/genid/{hashlib.sha256(graph.value.encode()).hexdigest()[:12]}-"
        dataset = Dataset(_skolemised(quad, prefix) for quad in dataset)
    written = serialize(dataset, format=RdfFormat.N_QUADS) or b""
    return b"".join(sorted(written.splitlines(keepends=True)))


def _skolemised(quad: Quad, prefix: str) -> Quad:
    subject, value = quad.subject, quad.object
    return Quad(
        NamedNode(prefix + subject.value) if isinstance(subject, BlankNode) else subject,
        quad.predicate,
        NamedNode(prefix + value.value) if isinstance(value, BlankNode) else value,
        quad.graph_name,
    )


def _syntax_fault(path: Path, fault: SyntaxError) -> UnreadableData:
    line, column = fault.lineno, fault.offset
    position = _POSITION.search(fault.msg)
    if line is None and position:
        line, column = int(position[1]), int(position[2])
    where = f" at line {line}, column {column}" if line else ""
    return UnreadableData(
        f"{path.name} cannot be parsed{where}: {fault.msg}.",
        "Mend the text at that place and try again.",
        line,
        column,
    )
