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
from skillgraph.graph import Binding, Graph, Query
from skillgraph.label import Label, Value, in_words, labels
from skillgraph.resources import query_header, query_text, root
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
class Part:
    """One query of a question: its key, title, what to say when nothing is found, and its columns in words.

    Rows that differ only in the columns ``collected``, such as the source, are shown as one.
    """

    key: str
    title: str
    nothing: str
    columns: Mapping[str, str]
    collected: frozenset[str]
    text: str


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


Row = Mapping[str, tuple[Value, ...]]


@dataclass(frozen=True)
class PartAnswer:
    """The rows found for one part, each with the values of every column that is bound: one, or several collected."""

    part: Part
    rows: tuple[Row, ...]

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
    found = [(part, graph.select(Query(part.text, _used(part, bindings)))) for part in question.parts]
    iris = {term.value for term in bindings.values()}
    iris |= {term.value for _, rows in found for row in rows for term in row.values() if isinstance(term, NamedNode)}
    named = labels(graph, iris, language)

    return QuestionAnswer(
        question,
        {name: in_words(term, named) for name, term in bindings.items()},
        tuple(PartAnswer(part, _collected(part, rows, named)) for part, rows in found),
        graph.version(),
    )


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
    text = path.read_text(encoding="utf-8")
    header = query_header(text)
    collected = frozenset(header.get("collect", [])) | {"source"}
    return Part(path.stem, header["title"], header["nothing"], header["columns"], collected, text)


def _collected(part: Part, rows: Iterable[Binding], named: Mapping[str, Label]) -> tuple[Row, ...]:
    """Merge the rows that agree in all columns but the collected ones."""
    merged: dict[tuple[object, ...], dict[str, dict[Value, None]]] = {}
    for row in rows:
        key = tuple(row.get(column) for column in part.columns if column not in part.collected)
        values = merged.setdefault(key, {})
        for column in part.columns:
            if column in row:
                values.setdefault(column, {})[in_words(row[column], named)] = None
    return tuple({column: _sorted(found) for column, found in values.items()} for values in merged.values())


def _sorted(values: Iterable[Value]) -> tuple[Value, ...]:
    return tuple(sorted(values, key=lambda value: (value.text, value.iri or "")))


def _used(part: Part, bindings: Mapping[str, NamedNode]) -> dict[str, NamedNode]:
    return {name: term for name, term in bindings.items() if re.search(rf"[?$]{name}\b", part.text)}


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
