"""Runs every house rule on a graph that breaks it and on one that does not."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from skillgraph.baseline import base_files
from skillgraph.check import Rule, broken, rules
from skillgraph.finding import Severity
from skillgraph.graph.memory import MemoryGraph
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.vocabulary import graph_iri
from tests.names import short

CASES = Path(__file__).parent / "cases" / "checks"
CAUGHT = sorted(CASES.glob("*/caught*.ttl"))
PASSED = sorted(CASES.glob("*/passed*.ttl"))
RULES = {rule.name: rule for rule in rules()}
GROUNDS = ("ontology/", "data/codes/")

Row = tuple[str, str, str]


def case_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@cache
def grounds() -> bytes:
    files = [file for file in base_files() if file.key.startswith(GROUNDS)]
    return b"".join(canonical_nquads(read_triples(file.path), graph_iri(file.key)) for file in files)


def found(path: Path) -> set[Row]:
    """Return what a rule finds about the things that a case mentions; coverage rules find more in the grounds."""
    triples = read_triples(path)
    mentioned = {str(node).strip("<>") for triple in triples for node in (triple.subject, triple.object)}
    case = canonical_nquads(triples, graph_iri("case"))
    findings = broken(RULES[path.parent.name], MemoryGraph(0, [grounds(), case]))
    return {(short(each.focus), short(each.path), short(each.value)) for each in findings if each.focus in mentioned}


def expected(path: Path) -> set[Row]:
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {(row["entity"], row["property"], row["value"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize("path", CAUGHT, ids=case_name)
def test_a_rule_catches_what_breaks_it(path: Path) -> None:
    assert expected(path), f"{path.with_suffix('.csv').name} states nothing"
    assert found(path) == expected(path)


@pytest.mark.parametrize("path", PASSED, ids=case_name)
def test_a_rule_leaves_the_rest_alone(path: Path) -> None:
    assert found(path) == set()


def test_every_rule_has_both_cases() -> None:
    assert {path.parent.name for path in CAUGHT} == set(RULES)
    assert {path.parent.name for path in PASSED} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: Rule) -> None:
    for text in (rule.problem, rule.solution):
        assert text.endswith(".")
        assert text[0].isupper()
    assert rule.severity is Severity.INFO or broken(rule, MemoryGraph(0, [grounds()])) == []
