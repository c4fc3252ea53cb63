"""Runs the constraints that shapes state as queries, each once for all nodes instead of once for each.

SHACL binds ``$this`` to one focus node after another and has the query parsed and run for each. Our constraints bind it
by their own patterns, so one run yields the results of all nodes, from which those of the nodes in question are taken;
``tests/test_shapes.py`` holds that pySHACL finds the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store, Triple

from skillgraph.finding import Finding, Severity

_PLACE = re.compile(r"\{[?$](\w+)\}")


@dataclass(frozen=True)
class Constraint:
    """A property shape that asks a query: results are findings about ``?this``, with ``?value`` where there is one."""

    rule: str
    path: str
    severity: Severity
    messages: tuple[tuple[str, str], ...]
    select: str


def spanning_findings(
    aimed: Mapping[Constraint, Set[str]], triples: Iterable[Triple], language: str
) -> Iterator[Finding]:
    """Yield what constraints find in some triples about the nodes at which each is aimed."""
    store = Store()
    store.bulk_extend(Quad(each.subject, each.predicate, each.object, DefaultGraph()) for each in triples)
    for constraint, nodes in aimed.items():
        for focus, value in sorted(_results(constraint, store)):
            if focus in nodes:
                yield Finding(
                    focus, constraint.path, constraint.rule, constraint.severity,
                    _message(constraint, language, value), value,
                )  # fmt: skip


def _results(constraint: Constraint, store: Store) -> set[tuple[str, str]]:
    solutions = store.query(constraint.select)
    assert isinstance(solutions, QuerySolutions)
    return {(_text(each["this"]), _text(each["value"])) for each in solutions}


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""


def _message(constraint: Constraint, language: str, value: str) -> str:
    messages = dict(constraint.messages)
    return _PLACE.sub(value, messages.get(language) or messages["en"])
