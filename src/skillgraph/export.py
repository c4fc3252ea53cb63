"""Writes the dataset as it was at a version: N-Quads or TriG, plain or compressed, the same bytes each time."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from pyoxigraph import RdfFormat, parse, serialize
from zstandard import ZstdCompressor

from skillgraph.errors import UnknownVersion, UnreadableData
from skillgraph.ledger import Ledger
from skillgraph.rdfio import rdf_format
from skillgraph.vocabulary import PREFIXES


def export(
    ledger: Ledger, path: Path, version: int | None = None, progress: Callable[[str], None] = lambda _: None
) -> int:
    """Write every graph as it stood at a version, by default the newest; return how many statements there are.

    The name of the file tells the form: ``.nq`` or ``.trig``, also with ``.gz`` or ``.zst``.
    """
    form = rdf_format(path)
    if form not in (RdfFormat.N_QUADS, RdfFormat.TRIG):
        raise UnreadableData(
            f"{path.name}: named graphs need a format that has them.", "Name the file dataset.nq or dataset.trig."
        )
    require_version(ledger, version)
    heads = ledger.heads(version)
    statements = 0
    with _written(path) as file:
        for graph in sorted(heads):
            nquads = ledger.content(heads[graph].digest)
            statements += nquads.count(b"\n")
            file.write(nquads if form is RdfFormat.N_QUADS else _as_trig(nquads))
            progress(graph)
    return statements


def require_version(ledger: Ledger, version: int | None) -> None:
    """Raise ``UnknownVersion`` for a version that the dataset never had."""
    newest = ledger.version()
    if version is not None and (not 1 <= version <= newest or not ledger.has(version)):
        raise UnknownVersion(f"The dataset has no version {version}.", f"The newest is {newest}; see /versions.")


def _as_trig(nquads: bytes) -> bytes:
    return serialize(parse(nquads, format=RdfFormat.N_QUADS), format=RdfFormat.TRIG, prefixes=PREFIXES) or b""


@contextmanager
def _written(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("wb") as plain:
            if path.suffix.lower() == ".gz":
                with gzip.GzipFile(fileobj=plain, mode="wb", mtime=0, filename="") as packed:
                    yield cast(BinaryIO, packed)
            elif path.suffix.lower() == ".zst":
                with ZstdCompressor().stream_writer(plain) as packed:
                    yield cast(BinaryIO, packed)
            else:
                yield plain
    except OSError as fault:
        raise UnreadableData(f"{path} cannot be written: {fault.strerror or fault}.", "Name another file.") from None
