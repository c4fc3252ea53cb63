"""The rules that derive statements: queries that return a conclusion with its premises."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from skillgraph.resources import query_files, query_header
from skillgraph.vocabulary import expand, graph_iri

GRAPH = graph_iri("entailed")
"""The named graph of everything derived."""

Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]


@dataclass(frozen=True)
class Rule:
    """A rule by its name, in words and as a query, with the IRIs of the predicates that its premises have.

    A conclusion about a subject follows from what is stated of it, and from conclusions about what it points to.
    """

    name: str
    words: str
    text: str
    reads: tuple[str, ...]


@cache
def entailment_rules() -> tuple[Rule, ...]:
    """Return the rules, sorted by name."""
    return tuple(_rule(path) for path in sorted(query_files("entailments")))


def nodes(*terms: object) -> Statement:
    """Return three terms of a solution as a statement."""
    subject, predicate, value = (term for term in terms if isinstance(term, NamedNode))
    return subject, predicate, value


def _rule(path: Path) -> Rule:
    text = path.read_text(encoding="utf-8")
    header = query_header(text)
    return Rule(path.stem, header["rule"], text, tuple(expand(each) for each in header["reads"].split()))
