"""The catalogue of questions: SPARQL files with declared parameters, answered as rows with labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pyoxigraph import Literal, NamedNode

from skillgraph.errors import InvalidParameter, UnknownQuestion
from skillgraph.graph import Binding, Graph, Query
from skillgraph.label import Value, in_words, labels
from skillgraph.resources import query_text, root
from skillgraph.vocabulary import PREFIXES

_HEADER = re.compile(r"^#\+ ?(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """What a question needs to know: a thing of one kind, such as an occupation or a jurisdiction."""

    name: str
    kind: str
    label: str
    example: str


@dataclass(frozen=True)
class Part:
    """One query of a question: its key, title, what to say when nothing is found, and its columns in words."""

    key: str
    title: str
    nothing: str
    columns: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Question:
    """A question in words, its parameters and the queries that together answer it."""

    key: str
    title: str
    description: str
    caution: str
    parameters: tuple[Parameter, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class PartAnswer:
    """The rows found for one part, each with a value per column that is bound."""

    part: Part
    rows: tuple[Mapping[str, Value], ...]

    @property
    def used(self) -> list[str]:
        """Return the columns that some row fills, in order."""
        return [column for column in self.part.columns if any(column in row for row in self.rows)]


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


def ask(graph: Graph, question: Question, given: Mapping[str, str], language: str = "en") -> QuestionAnswer:
    """Answer a question about the IRIs given by parameter name; compact IRIs such as ``isco:C2221`` are expanded."""
    bindings = {each.name: _term(graph, each, given.get(each.name, "")) for each in question.parameters}
    found = [(part, graph.select(Query(part.text, _used(part, bindings)))) for part in question.parts]
    iris = {term.value for term in bindings.values()}
    iris |= {term.value for _, rows in found for row in rows for term in row.values() if isinstance(term, NamedNode)}
    named = labels(graph, iris, language)

    def values(part: Part, row: Binding) -> Mapping[str, Value]:
        return {column: in_words(row[column], named) for column in part.columns if column in row}

    return QuestionAnswer(
        question,
        {name: in_words(term, named) for name, term in bindings.items()},
        tuple(PartAnswer(part, tuple(values(part, row) for row in rows)) for part, rows in found),
        graph.version(),
    )


def records(answer: QuestionAnswer) -> Iterator[dict[str, str]]:
    """Return the answer as flat rows for a table: the part, then each column's text and IRI."""
    for each in answer.parts:
        for row in each.rows:
            flat = {"part": each.part.key}
            for column, value in row.items():
                flat[column] = value.text
                if value.iri:
                    flat[f"{column}_iri"] = value.iri
            yield flat


def record_columns(question: Question) -> list[str]:
    """Return the columns that ``records`` may fill, in order."""
    names = dict.fromkeys(column for part in question.parts for column in part.columns)
    return ["part", *(each for name in names for each in (name, f"{name}_iri"))]


def _question(path: Path) -> Question:
    described: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    parameters = tuple(Parameter(**each) for each in described["parameters"])
    parts = tuple(_part(path.with_suffix("") / f"{key}.rq") for key in described["parts"])
    return Question(path.stem, described["question"], described["description"], described["caution"], parameters, parts)


def _part(path: Path) -> Part:
    text = path.read_text(encoding="utf-8")
    header: dict[str, Any] = yaml.safe_load("\n".join(_HEADER.findall(text)))
    return Part(path.stem, header["title"], header["nothing"], header["columns"], text)


def _used(part: Part, bindings: Mapping[str, NamedNode]) -> dict[str, NamedNode]:
    return {name: term for name, term in bindings.items() if re.search(rf"[?$]{name}\b", part.text)}


def _term(graph: Graph, parameter: Parameter, value: str) -> NamedNode:
    if not value:
        raise InvalidParameter(
            f"{parameter.label} is missing.", f"Give {parameter.name}, for example {parameter.example}.", parameter.name
        )
    term = _node(parameter, value)
    known = Query(query_text(f"pages/known-{parameter.kind}"), {"choice": term})
    if not graph.ask(known):
        raise InvalidParameter(
            f"{parameter.label}: {value} names no {parameter.kind} in the graph.",
            f"Choose one from the list, for example {parameter.example}.",
            parameter.name,
        )
    return term


def _node(parameter: Parameter, value: str) -> NamedNode:
    prefix, colon, rest = value.partition(":")
    try:
        node = NamedNode(PREFIXES[prefix] + rest if colon and prefix in PREFIXES else value)
    except ValueError:
        node = None
    if node is None or any(character in node.value for character in ' <>"{}|\\^`'):
        raise InvalidParameter(
            f"{parameter.label}: {value!r} is not an IRI.", f"Give an IRI such as {parameter.example}.", parameter.name
        )
    return node


def _choice(iri: str, text: str, notation: object) -> Value:
    return Value(f"{text} ({notation.value})" if isinstance(notation, Literal) else text, iri)
