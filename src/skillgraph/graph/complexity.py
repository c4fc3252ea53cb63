"""Measures how deep a query nests and how long its property paths are, before the parser, which recurses, reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from skillgraph.errors import QueryTooComplex
from skillgraph.graph.tokens import TOKEN

_OPENING = re.compile(r"[({\[]")
_STEP = re.compile(r"[/|^!]")


@dataclass(frozen=True)
class Complexity:
    """How deep brackets nest, and how many steps the longest property path has."""

    depth: int
    steps: int


def measure(text: str) -> Complexity:
    """Count brackets and path operators outside of strings and comments; never fewer than the parser meets.

    Signs of division and negation count as steps. Brackets in an IRI count too, since what looks like an IRI may be a
    comparison: ``?a<((1))&&?b>1``.
    """
    depth = deepest = steps = longest = 0
    for token in TOKEN.finditer(text):
        kind, sign = token.lastgroup, token[0]
        if kind == "step":
            steps += 1
            longest = max(longest, steps)
        elif kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close":
            depth -= 1
        elif kind == "iri":
            deepest = max(deepest, depth + sign.count("("))
            depth += sign.count("(") - sign.count(")")
        if sign in "{}.;,":
            steps = 0
    return Complexity(deepest, longest)


def refuse_complex(text: str, most_depth: int, most_steps: int) -> None:
    """Raise ``QueryTooComplex`` if a query nests deeper or has a longer path than it may."""
    if len(_OPENING.findall(text)) <= most_depth and len(_STEP.findall(text)) <= most_steps:
        return
    found = measure(text)
    if found.depth > most_depth:
        raise QueryTooComplex(
            f"The query nests groups and brackets {found.depth} deep; {most_depth} is the most.",
            "Write it with fewer levels, for instance with VALUES or IN instead of nested alternatives.",
        )
    if found.steps > most_steps:
        raise QueryTooComplex(
            f"{found.steps} operators of a path or condition follow each other; {most_steps} is the most.",
            "Shorten the path or the condition, or write it as several patterns.",
        )
