"""Finds the published knowledge: in the repository when installed editable, inside the package otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from skillgraph.errors import UnreadableData

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent.parent
_HEADER = re.compile(r"^#\+ ?(.*)$", re.MULTILINE)
KINDS = ("ontology", "shapes", "data", "queries")


@dataclass(frozen=True)
class TurtleFile:
    """One published Turtle file: where it is and its key, such as ``data/schemes/palim``."""

    key: str
    path: Path


def root() -> Path:
    """Return the folder that holds ontology/, shapes/, data/ and queries/."""
    for folder in (_PACKAGE / "published", _REPOSITORY):
        if all((folder / kind).is_dir() for kind in KINDS):
            return folder
    raise UnreadableData(
        "The published knowledge (ontology, shapes, data, queries) is not where the package expects it.",
        "Install the package again: pip install --force-reinstall skillgraph.",
    )


def turtle_files(kind: str) -> tuple[TurtleFile, ...]:
    """Return the Turtle files of one kind (``ontology``, ``shapes`` or ``data``), sorted by key."""
    folder = root() / kind
    paths = sorted(folder.rglob("*.ttl"))
    return tuple(TurtleFile(f"{kind}/{path.relative_to(folder).with_suffix('').as_posix()}", path) for path in paths)


def query_files(kind: str) -> tuple[Path, ...]:
    """Return the query files of one kind (``questions``, ``pages`` or ``checks``), sorted by name."""
    return tuple(sorted((root() / "queries" / kind).rglob("*.rq")))


def query_header(text: str) -> dict[str, Any]:
    """Return what a query says about itself in its first lines, those with ``#+``, written in YAML as grlc has it."""
    header: dict[str, Any] = yaml.safe_load("\n".join(_HEADER.findall(text)))
    return header


def query_text(name: str) -> str:
    """Return the text of one query, such as ``pages/entity``."""
    return (root() / "queries" / f"{name}.rq").read_text(encoding="utf-8")
