"""Says why a statement holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from skillgraph.entailment.rules import GRAPH, Rule, Statement, entailment_rules, nodes
from skillgraph.graph import Graph, Query
from skillgraph.resources import query_text


@dataclass(frozen=True)
class Reason:
    """Why a statement holds: the graphs that state it with the sources of its subject, or a rule and its premises."""

    statement: Statement
    graphs: tuple[str, ...]
    sources: tuple[str, ...]
    rule: Rule | None = None
    premises: tuple[Reason, ...] = ()


def explain(graph: Graph, statement: Statement) -> Reason | None:
    """Return why a statement holds, ``None`` where it does not; the shortest way is taken where there are several."""
    return _explained(graph, statement, frozenset())


def _explained(graph: Graph, statement: Statement, above: frozenset[Statement]) -> Reason | None:
    bindings = dict(zip(("subject", "predicate", "object"), statement, strict=True))
    graphs = [row["graph"] for row in graph.select(Query(query_text("pages/stated-in"), bindings))]
    stated = tuple(sorted(each.value for each in graphs if isinstance(each, NamedNode) and each != GRAPH))
    if stated:
        rows = graph.select(Query(query_text("pages/sources-of"), {"subject": statement[0]}))
        sources = sorted(row["source"].value for row in rows if isinstance(row["source"], NamedNode))
        return Reason(statement, stated, tuple(sources))
    if not graphs:
        return None
    reasons = [
        Reason(statement, (), (), rule, tuple(each for each in premises if each))
        for rule in entailment_rules()
        for premises in _premises(graph, rule, statement, above | {statement})
        if all(premises)
    ]
    return min(reasons, key=_steps, default=None)


def _premises(
    graph: Graph, rule: Rule, statement: Statement, above: frozenset[Statement]
) -> Iterator[list[Reason | None]]:
    subject, predicate, value = statement
    for row in graph.select(Query(rule.text, {"subject": subject, "object": value})):
        if row["predicate"] == predicate:
            found = [nodes(row[f"s{n}"], row[f"p{n}"], row[f"o{n}"]) for n in (1, 2) if f"s{n}" in row]
            if not above & set(found):
                yield [_explained(graph, each, above) for each in found]


def _steps(reason: Reason) -> int:
    return 1 + sum(_steps(each) for each in reason.premises)
