"""Makes N-Quads of any size in the shape of the published graph, the same for the same size.

Every statement stands in one graph only, so that stores that take the union with and without duplicates agree.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

BASE = "https://example.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
XSD = "http://www.w3.org/2001/XMLSchema#"
COUNTRIES = 200
OUTCOMES = ("full", "partial", "refused", "conditional", "statement")
WORDS = ("nurse", "engineer", "teacher", "welder", "carer", "mason", "driver", "cook", "farmer", "mechanic", "midwife")
_PER_ROUND = 16
"""Statements about one qualification with its occupation and its recognition."""


def nquads(quads: int) -> Iterator[str]:
    """Yield about as many lines as asked for."""
    chance = random.Random(quads)  # noqa: S311 - no secret, but the same each time
    for number in range(COUNTRIES):
        yield _line(f"country/{number}", RDF_TYPE, _iri("Country"), "codes")
        yield _line(f"country/{number}", f"<{SKOS}prefLabel>", f'"Country {number}"@en', "codes")
    for number in range((quads - 2 * COUNTRIES) // _PER_ROUND):
        yield from _round(number, chance)


def _round(number: int, chance: random.Random) -> Iterator[str]:
    """Yield an occupation in a tree, a qualification for it and an assertion about the qualification."""
    occupation, qualification, assertion = (f"{kind}/{number}" for kind in ("occupation", "qualification", "assertion"))
    graph = f"part-{number % 20}"
    word = chance.choice(WORDS)
    yield _line(occupation, RDF_TYPE, _iri("Occupation"), "codes")
    yield _line(occupation, f"<{SKOS}prefLabel>", f'"{word} {number}"@en', "codes")
    yield _line(occupation, f"<{SKOS}prefLabel>", f'"{word} {number} (fr)"@fr', "codes")
    if number:
        yield _line(occupation, f"<{SKOS}broader>", _iri(f"occupation/{(number - 1) // 8}"), "codes")
    yield _line(qualification, RDF_TYPE, _iri("Qualification"), graph)
    yield _line(qualification, f"<{SKOS}prefLabel>", f'"Certificate of a {word}, series {number}"@en', graph)
    yield _line(qualification, _iri("preparesFor"), _iri(occupation), graph)
    yield _line(qualification, _iri("awardedIn"), _country(chance), graph)
    yield _line(qualification, _iri("atLevel"), f'"{chance.randint(1, 8)}"^^<{XSD}integer>', graph)
    yield _line(assertion, RDF_TYPE, _iri("RecognitionAssertion"), graph)
    yield _line(assertion, _iri("ofQualification"), _iri(qualification), graph)
    yield _line(assertion, _iri("appliesIn"), _country(chance), graph)
    yield _line(assertion, _iri("hasOutcome"), _iri(f"outcome/{chance.choice(OUTCOMES)}"), graph)
    date = f"{chance.randint(1990, 2025)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    yield _line(assertion, _iri("validFrom"), f'"{date}"^^<{XSD}date>', graph)
    if number % 3 == 0:
        yield _line(assertion, _iri("hasGap"), f'"Hours of practice: {chance.randint(10, 900)}"@en', graph)
    yield _line(assertion, _iri("fee"), f'"{chance.randint(10, 900)}.50"^^<{XSD}decimal>', graph)


def _country(chance: random.Random) -> str:
    return _iri(f"country/{chance.randrange(COUNTRIES)}")


def _iri(path: str) -> str:
    return f"<{BASE}{path}>"


def _line(subject: str, predicate: str, value: str, graph: str) -> str:
    return f"{_iri(subject)} {predicate} {value} {_iri(f'graph/{graph}')} .\n"
