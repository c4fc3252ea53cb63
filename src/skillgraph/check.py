"""Checks the whole base: shapes, house rules written as queries, and the reasoner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from skillgraph.baseline import base_files
from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph, Query
from skillgraph.graph.protocol import Term
from skillgraph.opening import base_graph
from skillgraph.rdfio import read_triples
from skillgraph.reasoning import reason
from skillgraph.resources import query_files, query_header
from skillgraph.validation import validate
from skillgraph.vocabulary import TERMS


@dataclass(frozen=True)
class Rule:
    """A house rule: a query that finds what breaks it (columns ``?entity ?property ?value``)."""

    name: str
    problem: str
    solution: str
    severity: Severity
    text: str


@dataclass(frozen=True)
class Step:
    """One part of the check, to be run when its turn comes."""

    title: str
    run: Callable[[], list[Finding]]


def rules() -> list[Rule]:
    """Return the house rules."""
    return [_rule(path) for path in query_files("checks")]


def broken(rule: Rule, graph: Graph) -> list[Finding]:
    """Return what breaks a house rule."""
    rows = graph.select(Query(rule.text))
    found = [[_text(row.get(name)) for name in ("entity", "property", "value")] for row in rows]
    message = f"{rule.problem} {rule.solution}"
    return sorted(Finding(entity, path, rule.name, rule.severity, message, value) for entity, path, value in found)


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""


def steps(with_reasoner: bool) -> list[Step]:
    """Return the parts of the whole check."""
    graph = base_graph()
    triples = [triple for file in base_files() for triple in read_triples(file.path)]
    shaped = [Step("Shapes", lambda: validate(_named(triples), None))]
    ruled = [Step(f"Rule {rule.name}", partial(broken, rule, graph)) for rule in rules()]
    reasoned = [Step("Reasoner (HermiT)", lambda: list(_reasoned(triples)))] if with_reasoner else []
    return shaped + ruled + reasoned


def _named(triples: list[Triple]) -> list[Triple]:
    """Return the statements about things that can be cited, which excludes the lists inside ontology and shapes."""
    return [triple for triple in triples if str(triple.subject).startswith("<")]


def _reasoned(triples: list[Triple]) -> Iterator[Finding]:
    verdict = reason(triples)
    if not verdict.consistent:
        yield _contradiction(TERMS, "Ontology and data contradict each other. Look at what was changed last.")
    for each in verdict.unsatisfiable:
        yield _contradiction(each, "Nothing can belong to this class. Look at its superclasses and disjointness.")
    for each in verdict.inferred_recognitions:
        yield _contradiction(
            each, "A recognition was inferred. Remove the axiom that allows it; recognition is only ever stated."
        )


def _contradiction(focus: str, message: str) -> Finding:
    return Finding(focus, "", "reasoner", Severity.VIOLATION, message)


def _rule(path: Path) -> Rule:
    text = path.read_text(encoding="utf-8")
    header = query_header(text)
    return Rule(path.stem, header["problem"], header["solution"], Severity(header["severity"]), text)
