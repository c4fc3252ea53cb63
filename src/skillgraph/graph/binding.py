"""Puts the terms of parameters into a query, where the planner sees them.

The engine's own substitution binds them once the plan is made, which costs ten times as much on a chain of joins. Terms
are written as the library writes them, in place of whole variables: no text of a caller becomes a part of the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from skillgraph.graph.tokens import TOKEN

_WORDS = r"[?$](?P<variable>\w+) | \b(?P<word>SELECT|WHERE|GROUP|ORDER|HAVING|LIMIT)\b"
_SIGN = re.compile(f"{TOKEN.pattern} | {_WORDS}", re.VERBOSE | re.DOTALL | re.IGNORECASE)
_PLACES = {"SELECT": "projection", "GROUP": "order", "ORDER": "order"}


def bound(text: str, bindings: Mapping[str, NamedNode | Literal]) -> str:
    """Return a query with terms in place of the variables that are bound; they are still among what it selects."""
    if not bindings:
        return text
    place, brackets, braces, end = "pattern", 0, 0, 0
    written = []
    for sign in _SIGN.finditer(text):
        if word := sign["word"]:
            place, brackets = _PLACES.get(word.upper(), "pattern"), 0
        elif sign["open"]:
            brackets += 1
            if sign[0] == "{":
                place, brackets, braces = "pattern", 0, braces + 1
        elif sign["close"]:
            brackets -= 1
            if sign[0] == "}":
                place, brackets, braces = "pattern", 0, braces - 1
        elif (name := sign["variable"]) and name in bindings:
            where = "pattern" if brackets else "sub-query" if place == "projection" and braces else place
            written += [text[end : sign.start()], _written(name, bindings[name], where)]
            end = sign.end()
    return "".join([*written, text[end:]])


def _written(name: str, term: NamedNode | Literal, place: str) -> str:
    """Return a term as it stands in a pattern, among what is selected, or where rows are grouped or ordered.

    What a sub-query selects is the term wherever it is used, so it need not hand it on.
    """
    return {"pattern": f"{term}", "projection": f"({term} AS ?{name})", "sub-query": "", "order": f"({term})"}[place]
