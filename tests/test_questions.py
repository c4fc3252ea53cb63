"""Every question of the catalogue answers its cases on the curated data, part by part."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
import yaml
from rdflib import DCTERMS, Graph, Literal, Namespace

from skillgraph.answer_text import as_csv, as_json, as_turtle, as_workbook
from skillgraph.errors import InvalidParameter, UnknownQuestion
from skillgraph.graph.memory import MemoryGraph
from skillgraph.question import THEMES, ask, catalogue, choices, find_question

RESULTS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
CASES = sorted((Path(__file__).parent / "cases" / "questions").glob("*/*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_answer_is_as_expected(case: Path, base: MemoryGraph) -> None:
    given = yaml.safe_load((case / "given.yaml").read_text(encoding="utf-8"))
    answer = as_csv(ask(base, find_question(case.parent.name), given))
    expected = (case / "expected.csv").read_text(encoding="utf-8")
    assert _rows(answer) == _rows(expected), f"if the new answer is right: write it to {case / 'expected.csv'}"


def test_every_question_has_a_case() -> None:
    assert {case.parent.name for case in CASES} == set(catalogue())


def test_every_question_has_a_theme_that_is_shown() -> None:
    assert {question.theme for question in catalogue().values()} == set(THEMES)


def test_every_part_finds_something_in_some_case() -> None:
    found = {(case.parent.name, row["part"]) for case in CASES for row in _expected(case) if not row["nothing_found"]}
    parts = {(question.key, part.key) for question in catalogue().values() for part in question.parts}
    assert parts - found == set()


def test_some_case_finds_nothing_and_says_so() -> None:
    assert any(row["nothing_found"] for case in CASES for row in _expected(case))


@pytest.mark.parametrize("kind", ["occupation", "jurisdiction", "qualification", "scheme", "agreement"])
def test_choices_have_labels_and_are_sorted(kind: str, base: MemoryGraph) -> None:
    texts = [choice.text for choice in choices(base, kind)]
    assert texts
    assert texts == sorted(texts, key=str.casefold)
    assert not [text for text in texts if text.startswith("http")]


def test_rows_carry_iris_and_the_source(base: MemoryGraph) -> None:
    question = find_question("equivalence")
    given = {parameter.name: parameter.example for parameter in question.parameters}
    document = as_json(ask(base, question, given))
    parts = document["parts"]
    assert isinstance(parts, list)
    rows = [row for part in parts for row in part["rows"]]
    assert rows
    assert all("iri" in source for row in rows for source in row["source"])


def test_unknown_question_lists_those_there_are() -> None:
    with pytest.raises(UnknownQuestion) as caught:
        find_question("everything")
    assert "partnership" in caught.value.remedy


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "missing"),
        ({"occupation": "isco:C2221", "origin": "", "destination": "country:DEU"}, "missing"),
        ({"occupation": "isco:C9999", "origin": "country:PHL", "destination": "country:DEU"}, "names no occupation"),
        ({"occupation": "country:DEU", "origin": "country:PHL", "destination": "country:DEU"}, "names no occupation"),
        ({"occupation": "urn:a b", "origin": "country:PHL", "destination": "country:DEU"}, "not an IRI"),
        (
            {"occupation": "xyzzyq", "origin": "country:PHL", "destination": "country:DEU"},
            "is the name of no occupation",
        ),
        ({"occupation": "isco:C2221> } #", "origin": "country:PHL", "destination": "country:DEU"}, "not an IRI"),
    ],
)
def test_bad_parameters_are_named(given: dict[str, str], complaint: str, base: MemoryGraph) -> None:
    with pytest.raises(InvalidParameter, match=complaint) as caught:
        ask(base, find_question("partnership"), given)
    assert caught.value.parameter in ("occupation", "origin")


def test_a_code_from_another_list_is_told_from_what_is_asked(base: MemoryGraph) -> None:
    given = {"occupation": "country:DEU", "origin": "country:PHL", "destination": "country:DEU"}
    with pytest.raises(InvalidParameter, match="it is the country Germany"):
        ask(base, find_question("partnership"), given)


def test_things_are_given_by_name_too(base: MemoryGraph) -> None:
    by_name = {"occupation": "nursing professionals", "origin": "Filipinas", "destination": "ألمانيا"}
    by_iri = {"occupation": "isco:C2221", "origin": "country:PHL", "destination": "country:DEU"}
    question = find_question("partnership")
    assert as_csv(ask(base, question, by_name)) == as_csv(ask(base, question, by_iri))


@pytest.mark.parametrize(
    ("name", "near"),
    [("nurse", "nurse responsible for general care"), ("Nursng professionals", "Nursing professionals")],
)
def test_what_comes_near_a_name_is_suggested(name: str, near: str, base: MemoryGraph) -> None:
    given = {"occupation": name, "origin": "country:PHL", "destination": "country:DEU"}
    with pytest.raises(InvalidParameter) as caught:
        ask(base, find_question("partnership"), given)
    assert near in [each.name for each in caught.value.suggestions or ()]


def test_all_formats_hold_the_same_rows(base: MemoryGraph) -> None:
    question = find_question("partnership")
    answer = ask(base, question, {parameter.name: parameter.example for parameter in question.parameters})
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(answer)))
    graph = Graph().parse(data=as_turtle(answer), format="turtle")
    for each in answer.parts:
        sheet = book[each.part.key]
        assert sheet["A1"].value == each.part.title
        assert sheet.max_row == 2 + len(each.rows)
        solutions = set(graph.objects(graph.value(None, DCTERMS.title, Literal(each.part.title)), RESULTS.solution))
        assert len(solutions) == len(each.rows)
    assert book["about"]["B1"].value == question.title


def _expected(case: Path) -> list[dict[str, str]]:
    return _rows((case / "expected.csv").read_text(encoding="utf-8"))


def _rows(text: str) -> list[dict[str, str]]:
    return sorted(csv.DictReader(io.StringIO(text)), key=lambda row: sorted(row.items()))
