"""Tells blank nodes apart by what is said of them, in time that no file can blow up.

The canonical form of RDF (RDFC-1.0) takes exponential time on files that are made for it. Here the nodes are refined by
their surroundings, some steps far, and only a handful that this leaves alike is handed to RDFC-1.0. More of them than
that are told apart by their order in the file: their names then stay only as long as that order does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, Triple

_STEPS: Final = 12
"""How far around a node its surroundings count."""
_HANDFUL: Final = 6
"""Alike nodes that RDFC-1.0 may be asked to tell apart: it tries 720 orders of six."""


def refined(triples: Sequence[Triple]) -> dict[BlankNode, str]:
    """Return a mark for each blank node, equal for nodes whose surroundings look the same."""
    around: dict[BlankNode, list[tuple[str, str, object]]] = {}
    for each in triples:
        if isinstance(each.subject, BlankNode):
            around.setdefault(each.subject, []).append(("says", str(each.predicate), each.object))
        if isinstance(each.object, BlankNode):
            around.setdefault(each.object, []).append(("said", str(each.predicate), each.subject))
    marks = dict.fromkeys(around, "")
    kinds = 0
    for _ in range(_STEPS):
        marks = {node: _mark(said, marks) for node, said in around.items()}
        if len(set(marks.values())) == kinds:
            break
        kinds = len(set(marks.values()))
    return marks


def numbered(triples: list[Triple]) -> list[Triple]:
    """Return the triples with their blank nodes named by numbers: a handful by RDFC-1.0, more by order."""
    terms = (term for each in triples for term in (each.subject, each.object))
    nodes = list(dict.fromkeys(term for term in terms if isinstance(term, BlankNode)))
    if not nodes:
        return triples
    if len(nodes) <= _HANDFUL:
        dataset = Dataset(Quad(each.subject, each.predicate, each.object, DefaultGraph()) for each in triples)
        dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
        return [quad.triple for quad in dataset]
    numbers = {node: BlankNode(f"n{number}") for number, node in enumerate(nodes)}
    return [
        Triple(_number(each.subject, numbers), each.predicate, _number(each.object, numbers))  # type: ignore[arg-type]
        for each in triples
    ]


def _number(term: object, numbers: Mapping[BlankNode, BlankNode]) -> object:
    return numbers[term] if isinstance(term, BlankNode) else term


def _mark(said: Iterable[tuple[str, str, object]], marks: Mapping[BlankNode, str]) -> str:
    parts = sorted(
        f"{direction} {predicate} {marks[other] if isinstance(other, BlankNode) else other}"
        for direction, predicate, other in said
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
