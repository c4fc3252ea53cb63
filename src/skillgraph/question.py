"""The catalogue of questions: SPARQL files with declared parameters, answered as rows with labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pyoxigraph import Literal, NamedNode

from skillgraph.errors import InvalidParameter, Suggestion, UnknownQuestion
from skillgraph.graph import Graph, Query
from skillgraph.label import Value, in_words, labels
from skillgraph.part import Part, PartAnswer, answer_parts, read_part
from skillgraph.resources import query_text, root
from skillgraph.search import EQUAL, GraphNames, Names
from skillgraph.vocabulary import TERMS, expand

_SEPARATOR = " | "
_LIKE_AN_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S")
_SUGGESTED = 8
CLASSES = {
    "agreement": ("Agreement",),
    "jurisdiction": ("Jurisdiction",),
    "occupation": ("Occupation", "OccupationGroup"),
    "qualification": ("Qualification",),
    "scheme": ("Scheme",),
}
"""The classes of what a parameter of a kind may name."""
_TERM = re.compile(r"(?<![\w?$])sg:([A-Za-z]\w*)")


@dataclass(frozen=True)
class Parameter:
    """What a question needs to know: a thing of one kind, such as an occupation or a jurisdiction."""

    name: str
    kind: str
    label: str
    example: str


@dataclass(frozen=True)
class Question:
    """A question in words, its theme, its parameters and the queries that together answer it."""

    key: str
    title: str
    theme: str
    description: str
    caution: str
    parameters: tuple[Parameter, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class QuestionAnswer:
    """A question, what it was asked about, and what was found at a dataset version."""

    question: Question
    given: Mapping[str, Value]
    parts: tuple[PartAnswer, ...]
    version: int


@cache
def catalogue() -> Mapping[str, Question]:
    """Return all questions by key, in the order of their files."""
    folder = root() / "queries" / "questions"
    return {path.stem: _question(path) for path in sorted(folder.glob("*.yaml"))}


THEMES = ("partnership", "recognition", "mapping-gaps", "preparation", "student-mobility", "upskilling")
"""Themes of questions in the order in which they are shown; all but the first are codes of the list of themes."""


def find_question(key: str) -> Question:
    """Return a question by its key."""
    try:
        return catalogue()[key]
    except KeyError:
        raise UnknownQuestion(
            f"The catalogue has no question {key!r}.", "It has: " + ", ".join(catalogue()) + "."
        ) from None


def choices(graph: Graph, kind: str, language: str = "en") -> list[Value]:
    """Return what a parameter of a kind may name, sorted by label."""
    rows = graph.select(Query(query_text(f"pages/choices-{kind}")))
    iris = [term.value for row in rows if isinstance(term := row["choice"], NamedNode)]
    named = labels(graph, iris, language)
    notations = {row["choice"]: row["notation"] for row in rows if "notation" in row}
    values = [_choice(iri, named[iri].text, notations.get(NamedNode(iri))) for iri in iris]
    return sorted(values, key=lambda value: value.text.casefold())


def ask(
    graph: Graph, question: Question, given: Mapping[str, str], names: Names | None = None, language: str = "en"
) -> QuestionAnswer:
    """Answer a question about things given by parameter name.

    A thing is given by its IRI, by a compact one such as ``isco:C2221``, or by a name that only one thing bears; names
    are looked up with ``names``, by default in the graph itself.
    """
    names = names or GraphNames(graph)
    bindings = {each.name: _term(graph, names, each, given.get(each.name, "")) for each in question.parameters}
    parts, named = answer_parts(graph, question.parts, bindings, language)
    given_in_words = {name: in_words(term, named) for name, term in bindings.items()}
    return QuestionAnswer(question, given_in_words, parts, graph.version())


def records(answer: QuestionAnswer) -> Iterator[dict[str, str]]:
    """Return the answer as flat rows for a table: the part, then each column's texts and IRIs, several with bars."""
    for each in answer.parts:
        for row in each.rows:
            flat = {"part": each.part.key}
            for column, values in row.items():
                flat[column] = _SEPARATOR.join(value.text for value in values)
                flat[f"{column}_iri"] = _SEPARATOR.join(value.iri for value in values if value.iri)
            yield flat


def record_columns(question: Question) -> list[str]:
    """Return the columns that ``records`` may fill, in order."""
    names = dict.fromkeys(column for part in question.parts for column in part.columns)
    return ["part", *(each for name in names for each in (name, f"{name}_iri"))]


def questions_reading(terms: Iterable[str]) -> list[Question]:
    """Return the questions whose queries name any of some terms of the ontology, given as IRIs."""
    wanted = set(terms)
    return [each for each in catalogue().values() if wanted & _terms_read(each.key)]


@cache
def _terms_read(key: str) -> frozenset[str]:
    text = "\n".join(part.text for part in find_question(key).parts)
    return frozenset(TERMS + name for name in _TERM.findall(re.sub(r"(?m)^#.*$", "", text)))


def _question(path: Path) -> Question:
    described: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    parameters = tuple(Parameter(**each) for each in described["parameters"])
    parts = tuple(_part(path, key) for key in described["parts"])
    title, theme, description, caution = (described[each] for each in ("question", "theme", "description", "caution"))
    return Question(path.stem, title, theme, description, caution, parameters, parts)


def _part(question: Path, key: str) -> Part:
    """Return a part of a question; a key with a slash names one that another question has."""
    path = question.parent / f"{key if '/' in key else f'{question.stem}/{key}'}.rq"
    return read_part(path)


def _term(graph: Graph, names: Names, parameter: Parameter, value: str) -> NamedNode:
    if not value.strip():
        raise InvalidParameter(
            f"{parameter.label} is missing.", f"Give {parameter.name}, for example {parameter.example}.", parameter.name
        )
    if not _LIKE_AN_IRI.match(value):
        return _called(names, parameter, value.strip())
    term = _node(parameter, value)
    if not graph.ask(Query(query_text(f"pages/known-{parameter.kind}"), {"choice": term})):
        raise InvalidParameter(
            f"{parameter.label}: {value} names no {parameter.kind} in the graph{_what_it_is(graph, term)}.",
            f"Choose one from the list, for example {parameter.example}.",
            parameter.name,
        )
    return term


def _called(names: Names, parameter: Parameter, name: str) -> NamedNode:
    """Return the one thing that bears a name."""
    found = names.find(name, [TERMS + each for each in CLASSES[parameter.kind]], _SUGGESTED)
    equal = [each for each in found if each.score >= EQUAL]
    if len(equal) == 1:
        return NamedNode(equal[0].iri)
    several = "names more than one" if equal else "is the name of no"
    raise InvalidParameter(
        f"{parameter.label}: “{name}” {several} {parameter.kind} in the graph.",
        "Choose one of those that come near." if found else f"Give an IRI such as {parameter.example}.",
        parameter.name,
        tuple(Suggestion(each.matched, each.iri) for each in equal or found),
    )


def _what_it_is(graph: Graph, term: NamedNode) -> str:
    """Return what a thing of another kind is, such as ``; it is the country Germany``."""
    rows = graph.select(Query(query_text("pages/kind-of"), {"thing": term}))
    kinds = [kind for row in rows if isinstance(kind := row["kind"], NamedNode) and kind.value.startswith(TERMS)]
    if not kinds:
        return ""
    named = labels(graph, [term.value, kinds[0].value])
    return f"; it is the {named[kinds[0].value].text} {named[term.value].text}"


def _node(parameter: Parameter, value: str) -> NamedNode:
    try:
        node = NamedNode(expand(value))
    except ValueError:
        node = None
    if node is None or any(character in node.value for character in ' <>"{}|\\^`'):
        raise InvalidParameter(
            f"{parameter.label}: {value!r} is not an IRI.", f"Give an IRI such as {parameter.example}.", parameter.name
        )
    return node


def _choice(iri: str, text: str, notation: object) -> Value:
    return Value(f"{text} ({notation.value})" if isinstance(notation, Literal) else text, iri)
