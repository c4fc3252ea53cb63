"""Says which answers a contribution would change: the same questions are asked with and without it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, product

from pyoxigraph import NamedNode

from skillgraph.batch import batches
from skillgraph.errors import InvalidParameter
from skillgraph.graph import Graph, Query
from skillgraph.label import Value
from skillgraph.question import Question, QuestionAnswer, ask
from skillgraph.resources import query_text

MOST_CHOICES = 6
"""Things of a kind that are asked about, those that the contribution names first."""
MOST_ASKED = 12
"""Times that one question is asked."""


@dataclass(frozen=True)
class ChangedAnswer:
    """A question about certain things whose answer would have rows more and rows less."""

    question: Question
    given: Mapping[str, Value]
    added: int
    removed: int


@dataclass(frozen=True)
class Comparison:
    """The answers that would change, how many were asked for, and whether the time sufficed for all."""

    changed: tuple[ChangedAnswer, ...]
    asked: int
    complete: bool


def compare_answers(
    questions: Iterable[Question], named: Iterable[str], before: Graph, after: Graph, seconds: float
) -> Comparison:
    """Ask questions about what a contribution names and what that leads to, of the graph without and with it."""
    deadline = time.monotonic() + seconds
    around = _around(list(named), after)
    choices: dict[str, list[str]] = {}
    changed: list[ChangedAnswer] = []
    asked = 0
    for question in questions:
        for each in question.parameters:
            if each.kind not in choices:
                choices[each.kind] = _of_kind(each.kind, around, after)
        names = [each.name for each in question.parameters]
        combinations = product(*(choices[each.kind] for each in question.parameters))
        for values in islice((each for each in combinations if len(set(each)) == len(each)), MOST_ASKED):
            if time.monotonic() > deadline:
                return Comparison(tuple(changed), asked, complete=False)
            asked += 1
            given = dict(zip(names, values, strict=True))
            found = _changed(question, given, before, after)
            changed += [found] if found else []
    return Comparison(tuple(changed), asked, complete=True)


def _around(named: list[str], graph: Graph) -> list[str]:
    """Return the nodes named, then what they lead to in one step, then in two."""
    found = dict.fromkeys(named)
    level = set(named)
    for _ in range(2):
        rows = [row for query in batches("contributions/around", "node", level) for row in graph.select(query)]
        level = {row["next"].value for row in rows if isinstance(row["next"], NamedNode)} - found.keys()
        found |= dict.fromkeys(sorted(level))
    return list(found)


def _of_kind(kind: str, around: Iterable[str], graph: Graph) -> list[str]:
    known = query_text(f"pages/known-{kind}")
    fitting = (iri for iri in around if graph.ask(Query(known, {"choice": NamedNode(iri)})))
    return list(islice(fitting, MOST_CHOICES))


def _changed(question: Question, given: Mapping[str, str], before: Graph, after: Graph) -> ChangedAnswer | None:
    present = ask(after, question, given)
    had, has = _rows(_asked(before, question, given)), _rows(present)
    if had == has:
        return None
    return ChangedAnswer(question, present.given, len(has - had), len(had - has))


def _asked(graph: Graph, question: Question, given: Mapping[str, str]) -> QuestionAnswer | None:
    try:
        return ask(graph, question, given)
    except InvalidParameter:
        return None  # it is about what only the contribution brings


def _rows(answer: QuestionAnswer | None) -> set[tuple[object, ...]]:
    if answer is None:
        return set()
    return {
        (part.part.key, *((column, tuple(value.text for value in values)) for column, values in sorted(row.items())))
        for part in answer.parts
        for row in part.rows
    }
