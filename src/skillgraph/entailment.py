"""Derives the statements that answers rely on, keeps them in a named graph of their own, and says why each holds.

A rule is a query that returns a conclusion (``?subject ?predicate ?object``) with its premises (``?s1 ?p1 ?o1`` and
perhaps ``?s2 ?p2 ?o2``); the same query derives and explains. Recognition is not among the conclusions: no rule, like
no axiom, says anything about a qualification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple

from skillgraph.graph import Graph, Query
from skillgraph.ledger import Change, Revision
from skillgraph.rdfio import canonical_nquads
from skillgraph.resources import query_files, query_header, query_text
from skillgraph.vocabulary import expand, graph_iri

AUTHOR = "SkillGraph rules"
GRAPH = graph_iri("entailed")

Statement = tuple[NamedNode, NamedNode, NamedNode | Literal]


@dataclass(frozen=True)
class Rule:
    """A rule by its name, in words and as a query, with the IRIs of the predicates that its premises have."""

    name: str
    words: str
    text: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Why a statement holds: the graphs that state it with the sources of its subject, or a rule and its premises."""

    statement: Statement
    graphs: tuple[str, ...]
    sources: tuple[str, ...]
    rule: Rule | None = None
    premises: tuple[Reason, ...] = ()


@cache
def entailment_rules() -> tuple[Rule, ...]:
    """Return the rules, sorted by name."""
    return tuple(_rule(path) for path in sorted(query_files("entailments")))


def entailed(contents: Iterable[bytes]) -> bytes:
    """Return, as canonical N-Quads, what the rules derive from the contents of all other graphs."""
    store = Store()
    for nquads in contents:
        store.bulk_load(input=_read_by_rules(nquads), format=RdfFormat.N_TRIPLES)
    derived: set[Statement] = set()
    while new := {each for rule in entailment_rules() for each in _conclusions(store, rule)} - derived:
        derived |= new
        store.extend(Quad(*each, DefaultGraph()) for each in new)
    return canonical_nquads((Triple(*each) for each in derived), GRAPH)


def entailment_change(
    heads: Mapping[str, Revision], changes: Iterable[Change], content: Callable[[str], bytes]
) -> list[Change]:
    """Return the new content of the graph of entailments after some changes, nothing where there are none."""
    changed = {each.graph: each.nquads for each in changes}
    if not changed:
        return []
    kept = (content(head.digest) for graph, head in heads.items() if graph not in changed and graph != GRAPH.value)
    return [Change(GRAPH.value, entailed([*changed.values(), *kept]), "Derived by the rules")]


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
            found = [_nodes(row[f"s{n}"], row[f"p{n}"], row[f"o{n}"]) for n in (1, 2) if f"s{n}" in row]
            if not above & set(found):
                yield [_explained(graph, each, above) for each in found]


def _steps(reason: Reason) -> int:
    return 1 + sum(_steps(each) for each in reason.premises)


def _rule(path: Path) -> Rule:
    text = path.read_text(encoding="utf-8")
    header = query_header(text)
    return Rule(path.stem, header["rule"], text, tuple(expand(each) for each in header["reads"].split()))


def _read_by_rules(nquads: bytes) -> bytes:
    """Return, as N-Triples, the statements that can be a premise: few among many, found by their predicate."""
    predicates = {f"<{iri}>".encode() for rule in entailment_rules() for iri in rule.reads}
    lines = (line for line in nquads.splitlines() if line.split(b" ", 2)[1] in predicates)
    return b"".join(line[: line.rindex(b" <")] + b" .\n" for line in lines)


def _conclusions(store: Store, rule: Rule) -> Iterator[Statement]:
    solutions = store.query(rule.text)
    assert isinstance(solutions, QuerySolutions)
    for solution in solutions:
        yield _nodes(solution["subject"], solution["predicate"], solution["object"])


def _nodes(*terms: object) -> Statement:
    subject, predicate, value = (term for term in terms if isinstance(term, NamedNode))
    return subject, predicate, value
