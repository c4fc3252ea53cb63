"""Puts the terms of parameters into a query, where the planner sees them.

The engine's own substitution binds them once the plan is made, which costs ten times as much on a chain of joins. Terms
are written as the library writes them, in place of whole variables: no text of a caller becomes a part of the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyoxigraph import Literal, NamedNode

from skillgraph.graph.tokens import TOKEN

_WORDS = (
    r"\b(?:AS)\s+[?$](?P<assigned>\w+) | [?$](?P<variable>\w+) | \b(?P<word>SELECT|WHERE|GROUP|ORDER|HAVING|LIMIT)\b"
)
_SIGN = re.compile(f"{TOKEN.pattern} | {_WORDS}", re.VERBOSE | re.DOTALL | re.IGNORECASE)
_PLACES = {"SELECT": "projection", "GROUP": "order", "ORDER": "order"}


Bindings = Mapping[str, NamedNode | Literal]


def bound(text: str, bindings: Bindings) -> tuple[str, Bindings]:
    """Return a query with terms in place of the variables that are bound, and the bindings left to the engine.

    Bound variables are still among what the query selects. Left to the engine are those to which the query assigns a
    value itself, with ``AS``, and those that it does not have, which the engine calls a fault.
    """
    if not bindings:
        return text, bindings
    assigned = {sign["assigned"] for sign in _SIGN.finditer(text)}
    inlined = {name: term for name, term in bindings.items() if name not in assigned}
    found, written = _inlined(text, inlined)
    return found, {name: term for name, term in bindings.items() if name not in written}


def _inlined(text: str, bindings: Bindings) -> tuple[str, set[str]]:
    place, brackets, braces, end = "pattern", 0, 0, 0
    pieces, written = [], set()
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
            pieces += [text[end : sign.start()], _written(name, bindings[name], where)]
            written.add(name)
            end = sign.end()
    return "".join([*pieces, text[end:]]), written


def _written(name: str, term: NamedNode | Literal, place: str) -> str:
    """Return a term as it stands in a pattern, among what is selected, or where rows are grouped or ordered.

    What a sub-query selects is the term wherever it is used, so it need not hand it on.
    """
    return {"pattern": f"{term}", "projection": f"({term} AS ?{name})", "sub-query": "", "order": f"({term})"}[place]
