"""Depth and path length are measured where the parser would meet them, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgraph.errors import QueryTooComplex
from skillgraph.graph.complexity import Complexity, measure, refuse_complex

MEASURED = {
    "ASK {}": (1, 0),
    "SELECT * { { ?s ?p ?o } UNION { ?s ?p ?o } }": (2, 0),
    "SELECT * { ?s <http://a/b/c>/<urn:d#(>/ex:e ?o }": (2, 2),
    "SELECT * { ?s a/b ?x . ?x c/d/e ?y ; f/g ?z }": (1, 2),
    "ASK { # {{{ ((( //\n }": (1, 0),
    "ASK { ?s ?p '{{', \"((\", '''[[\n''', \"\"\"{\"\"\" }": (1, 0),
    r"ASK { ?s ?p '\'{{', '''\'''{''' }": (1, 0),
    'ASK { ?s ?p "1"^^<urn:t> }': (1, 0),
    "ASK { FILTER(?a<((((1))))&&?b>1) }": (6, 0),
    "ASK { FILTER(?a || ?b || ?c) }": (2, 0),
    "ASK { ?s ^a|!(b|c) ?o }": (2, 4),
    "}}}{": (0, 0),
    "'never closed {{{": (3, 0),
}


@pytest.mark.parametrize("text", MEASURED)
def test_measure(text: str) -> None:
    depth, steps = MEASURED[text]
    assert measure(text) == Complexity(depth, steps)


@given(st.integers(0, 60), st.sampled_from(["{}", "()", "[]"]), st.text(alphabet=" \n#'\"\\<>a/", max_size=20))
def test_what_nests_is_seen_whatever_comes_before_it(depth: int, pair: str, text: str) -> None:
    comment = text.replace("\n", " ").replace("\r", " ")
    assert measure(f"# {comment}\n" + pair[0] * depth + pair[1] * depth).depth == depth


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ASK " + "{" * 11 + "}" * 11, "11 deep; 10 is the most"),
        ("ASK { ?s " + "/".join(["a"] * 22) + " ?o }", "21 operators of a path"),
        ("ASK { FILTER(" + "!" * 21 + "true) }", "21 operators of a path or condition"),
    ],
)
def test_too_much_is_refused_with_the_number(text: str, says: str) -> None:
    with pytest.raises(QueryTooComplex, match=says):
        refuse_complex(text, most_depth=10, most_steps=20)


@pytest.mark.parametrize(
    "text",
    ["ASK " + "{" * 10 + "}" * 10, "ASK { ?s " + "/".join(["a"] * 21) + " ?o }", "ASK { " + "?s ?p (1) . " * 500 + "}"],
)
def test_what_is_within_the_limits_passes(text: str) -> None:
    refuse_complex(text, most_depth=10, most_steps=20)
