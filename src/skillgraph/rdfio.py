"""Reads RDF files with errors that say where, and writes graphs in one canonical form."""

from __future__ import annotations

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Triple,
    parse,
    serialize,
)
from zstandard import ZstdDecompressor, ZstdError

from skillgraph.errors import UnreadableData, UploadTooLarge
from skillgraph.vocabulary import BASE

READABLE = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}
COMPRESSED = (".gz", ".zst")
_POSITION = re.compile(r"line (\d+) column (\d+)")


def rdf_format(path: PurePath) -> RdfFormat:
    """Return the format that the name of a file, compressed or not, stands for."""
    name = path.with_suffix("") if path.suffix.lower() in COMPRESSED else path
    found = READABLE.get(name.suffix.lower())
    if found is None:
        raise UnreadableData(
            f"{path.name}: the ending {name.suffix or '(none)'} names no RDF format that can be read.",
            "Use one of " + ", ".join(READABLE) + ", each also with " + " or ".join(COMPRESSED) + ".",
        )
    return found


@contextmanager
def open_rdf(path: Path, open_file: Callable[[Path], BinaryIO] = lambda path: path.open("rb")) -> Iterator[BinaryIO]:
    """Open a file for reading, decompressed where its name says that it is compressed."""
    with open_file(path) as packed:
        if path.suffix.lower() == ".gz":
            with gzip.GzipFile(fileobj=packed) as stream:
                yield cast(BinaryIO, stream)
        elif path.suffix.lower() == ".zst":
            with ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
                yield cast(BinaryIO, stream)
        else:
            yield packed


def read_triples(path: Path) -> list[Triple]:
    """Read the triples of an RDF file, whatever graphs they stand in; the format follows from the name."""
    with parsing_explained(path), open_rdf(path) as stream:
        return [quad.triple for quad in parse(stream, format=rdf_format(path))]


def decompressed(body: bytes, name: str, most: int) -> bytes:
    """Return the bytes of a file, unpacked where its first bytes say that it is gzip or zstd; at most so many."""
    with parsing_explained(PurePath(name)):
        if body.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=BytesIO(body)) as stream:
                body = stream.read(most + 1)
        elif body.startswith(b"\x28\xb5\x2f\xfd"):
            with ZstdDecompressor().stream_reader(body, read_across_frames=True) as packed:
                body = packed.read(most + 1)
    if len(body) > most:
        raise UploadTooLarge(
            f"{name} has more than {most // 2**20} MiB when it is unpacked.",
            "Divide it into several contributions, or ask the operator to take it in with: skillgraph load.",
        )
    return body


@contextmanager
def parsing_explained(path: PurePath) -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into an error that says where and what to do."""
    try:
        yield
    except SyntaxError as fault:
        raise _syntax_fault(path, fault) from None
    except UnicodeDecodeError:
        raise UnreadableData(f"{path.name} is not UTF-8 text.", "Save the file as UTF-8.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error, ZstdError) as fault:
        raise UnreadableData(
            f"{path.name} cannot be decompressed: {fault}.", "Fetch or compress the file again."
        ) from None
    except OSError as fault:
        raise UnreadableData(
            f"{path} cannot be read: {fault.strerror or fault}.", "Check the name and that you may read it."
        ) from None


def canonical_nquads(triples: Iterable[Triple], graph: NamedNode) -> bytes:
    """Write triples as the sorted N-Quads of one named graph, equal for equal graphs whatever the order.

    Blank nodes become IRIs under ``/.well-known/genid/`` that depend on the graph and its content alone
    (RDFC-1.0 labels, https://www.w3.org/TR/rdf-canon/).
    """
    dataset = _dataset(triples, graph)
    nodes = {node for quad in dataset for term in (quad.subject, quad.object) for node in _nodes(term)}
    if any(isinstance(node, BlankNode) for node in nodes):
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        prefix = f"{BASE}.well-known/genid/{hashlib.sha256(graph.value.encode()).hexdigest()[:12]}-"
        while any(node.value.startswith(prefix) for node in nodes):
            prefix += "-"  # the names that were given before and came back are others' now
        dataset = _dataset((_skolemised(quad.triple, prefix) for quad in dataset), graph)
    written = serialize(dataset, format=RdfFormat.N_QUADS) or b""
    return b"".join(sorted(written.splitlines(keepends=True)))


def _dataset(triples: Iterable[Triple], graph: NamedNode) -> Dataset:
    return Dataset(Quad(each.subject, each.predicate, each.object, graph) for each in triples)


def _nodes(term: NamedNode | BlankNode | Literal | Triple) -> Iterator[NamedNode | BlankNode]:
    """Return the nodes that a term names, those inside a triple term included."""
    if isinstance(term, Triple):
        yield from _nodes(term.subject)
        yield from _nodes(term.object)
    elif not isinstance(term, Literal):
        yield term


def _skolemised(triple: Triple, prefix: str) -> Triple:
    value = triple.object
    return Triple(
        _named(triple.subject, prefix),
        triple.predicate,
        value if isinstance(value, Literal) else _named(value, prefix),
    )


def _named(node: NamedNode | BlankNode | Triple, prefix: str) -> NamedNode | Triple:
    if isinstance(node, Triple):
        return _skolemised(node, prefix)
    return NamedNode(prefix + node.value) if isinstance(node, BlankNode) else node


def _syntax_fault(path: PurePath, fault: SyntaxError) -> UnreadableData:
    if "remote context" in fault.msg:
        return UnreadableData(
            f"{path.name} names a JSON-LD context at an address, and nothing is fetched from the network.",
            "Put the context itself into the file.",
        )
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
