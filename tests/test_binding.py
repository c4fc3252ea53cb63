"""Terms take the place of whole variables, and of nothing else."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Variable

from skillgraph.graph.binding import bound

THIS = NamedNode("https://example.org/this")
TEXT = Literal('"} UNION { ?s ?p ?o } #')
STORE = Store()
STORE.load(
    b"@prefix : <https://example.org/> . :this :knows :a, :b . :a :knows :b . :b :age 3 . :a :age 5 .",
    RdfFormat.TURTLE,
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ASK { ?this ?p ?o }", f"ASK {{ {THIS} ?p ?o }}"),
        ("ASK { $this ?p ?thistle }", f"ASK {{ {THIS} ?p ?thistle }}"),
        ("SELECT ?this ?o WHERE { ?this ?p ?o }", f"SELECT ({THIS} AS ?this) ?o WHERE {{ {THIS} ?p ?o }}"),
        ("SELECT (COUNT(?this) AS ?n) { ?s ?p ?this }", f"SELECT (COUNT({THIS}) AS ?n) {{ ?s ?p {THIS} }}"),
        ("ASK { ?s ?p '?this' , <?this> } # ?this", "ASK { ?s ?p '?this' , <?this> } # ?this"),
        ("ASK { ?s ?p ?o }", "ASK { ?s ?p ?o }"),
    ],
)
def test_a_variable_becomes_its_term(text: str, written: str) -> None:
    assert bound(text, {"this": THIS})[0] == written


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?this ?o WHERE { ?this <https://example.org/knows> ?o }",
        "SELECT DISTINCT ?this ?age WHERE { ?this <https://example.org/knows>/<https://example.org/age> ?age }",
        "SELECT ?this (COUNT(*) AS ?n) WHERE { ?this ?p ?o } GROUP BY ?this",
        "SELECT ?this ?o WHERE { ?this ?p ?o } ORDER BY ?this DESC(?o) LIMIT 1",
        "SELECT ?this ?o WHERE { { SELECT ?this ?o WHERE { ?this ?p ?o } ORDER BY ?o LIMIT 1 } }",
        "SELECT ?this ?o WHERE { ?o ?p ?age FILTER EXISTS { ?this <https://example.org/knows> ?o } }",
        "SELECT ?this ?o WHERE { ?o ?p ?x BIND(?o AS ?this) }",
        "SELECT ?this ?o WHERE { ?o ?p ?x MINUS { ?this <https://example.org/knows> ?o } }",
    ],
)
def test_answers_are_those_of_the_engines_own_substitution(text: str) -> None:
    written, left = bound(text, {"this": THIS})
    ours = STORE.query(written, substitutions={Variable(name): term for name, term in left.items()} or None)
    theirs = STORE.query(text, substitutions={Variable("this"): THIS})
    assert [list(row) for row in ours] == [list(row) for row in theirs]  # type: ignore[union-attr]


def test_no_text_becomes_part_of_the_query() -> None:
    text = "SELECT ?text ?s WHERE { ?s ?p ?o FILTER(STR(?o) = ?text) }"
    assert list(STORE.query(bound(text, {"text": TEXT})[0])) == []  # type: ignore[arg-type]
