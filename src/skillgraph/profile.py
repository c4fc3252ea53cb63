"""What a page about a thing of a class shows first: its main facts, and parts such as who takes part in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pyoxigraph import NamedNode

from skillgraph.entity import Entity, Property
from skillgraph.graph import Graph
from skillgraph.part import Part, PartAnswer, answer_parts, read_part
from skillgraph.resources import root
from skillgraph.vocabulary import TERMS, expand


@dataclass(frozen=True)
class Plan:
    """What is shown of the things of a class: properties by IRI, parts in order, and things that show all of it."""

    facts: tuple[str, ...]
    parts: tuple[Part, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """The main facts about a thing, and its parts, those with rows before those without."""

    facts: tuple[Property, ...]
    parts: tuple[PartAnswer, ...]

    @property
    def found(self) -> list[PartAnswer]:
        """Return the parts with rows."""
        return [each for each in self.parts if each.rows]

    @property
    def missing(self) -> list[PartAnswer]:
        """Return the parts without rows."""
        return [each for each in self.parts if not each.rows]


@cache
def plans() -> Mapping[str, Plan]:
    """Return the plans by name of class."""
    return {path.stem: _plan(path) for path in sorted((root() / "queries" / "entities").glob("*.yaml"))}


def profile_of(graph: Graph, entity: Entity, language: str = "en") -> Profile | None:
    """Return the profile of a thing, ``None`` for one of a class without a plan."""
    plan = _plan_for(kind.iri or "" for kind in entity.kinds)
    if plan is None:
        return None
    parts, _ = answer_parts(graph, plan.parts, {"this": NamedNode(entity.iri)}, language)
    by_iri = {each.iri: each for each in entity.outgoing}
    return Profile(tuple(by_iri[iri] for iri in plan.facts if iri in by_iri), parts)


def _plan_for(classes: Iterable[str]) -> Plan | None:
    named = (iri.removeprefix(TERMS) for iri in classes if iri.startswith(TERMS))
    return next((plans()[name] for name in named if name in plans()), None)


def _plan(path: Path) -> Plan:
    written: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    examples = tuple(expand(each) for each in written["examples"])
    if "like" in written:
        like = _plan(path.with_stem(written["like"]))
        return Plan(like.facts, like.parts, examples)
    folder = path.with_suffix("")
    parts = tuple(read_part(folder / f"{key}.rq") for key in written["parts"])
    return Plan(tuple(expand(each) for each in written["facts"]), parts, examples)
