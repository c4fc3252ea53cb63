"""What the shapes let be said of a class, as the columns of a sheet and the fields of a form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pyoxigraph import Literal, NamedNode

from skillgraph.batch import batches
from skillgraph.errors import UnknownClass
from skillgraph.graph import Binding, Graph, Query
from skillgraph.resources import query_text
from skillgraph.vocabulary import BASE, DCT, PREFIXES, RDF, SKOS, TERMS, compact

TEXT_LANGUAGES: Final = ("en", "fr", "es", "ar")
"""Languages for which a template has a column; others can be added as further columns."""
_DATE: Final = BASE + "shape/date"
_LANGUAGE: Final = BASE + "shape/language"
_FIRST: Final = (SKOS + "prefLabel", SKOS + "altLabel", DCT + "description", DCT + "source")


class Holds(StrEnum):
    """What a cell or field holds."""

    TEXT = "text"
    WORDS = "words"  # a text in a language
    DATE = "date"
    LANGUAGE = "language"
    CODE = "code"
    RECORD = "record"


@dataclass(frozen=True)
class Choice:
    """A code with its name and all that it may be called."""

    iri: str
    name: str
    called: frozenset[str]


@dataclass(frozen=True)
class Column:
    """One property: what it is called, what it holds, whether it must be there and how often, and how it is explained.

    ``names`` are its names in all languages; ``kind`` is the class of the records that it leads to, where it is one.
    """

    path: str
    name: str
    names: frozenset[str]
    help: str
    holds: Holds
    datatype: str = ""
    kind: str = ""
    needed: bool = False
    single: bool = False
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Template:
    """A class with its name in a language, its names in all, and its columns."""

    kind: str
    name: str
    names: frozenset[str]
    columns: tuple[Column, ...]


def class_names(graph: Graph, language: str = "en") -> dict[str, str]:
    """Return the classes that contributions can hold records of, by IRI, with their names."""
    rows = graph.select(Query(query_text("contributions/classes")))
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        kind, label = row["class"], row["label"]
        assert isinstance(kind, NamedNode)
        assert isinstance(label, Literal)
        found.setdefault(kind.value, {})[label.language or ""] = label.value
    names = {kind: labels.get(language) or labels["en"] for kind, labels in found.items()}
    return dict(sorted(names.items(), key=lambda item: item[1].casefold()))


def find_class(graph: Graph, name: str) -> str:
    """Return the IRI of a class from its name in any language, its short name or its IRI."""
    for language in ("en", "fr", "es"):
        for iri, label in class_names(graph, language).items():
            short = iri.removeprefix(TERMS)
            if name.casefold() in (each.casefold() for each in (label, iri, short, compact(iri))):
                return iri
    known = ", ".join(iri.removeprefix(TERMS) for iri in class_names(graph))
    raise UnknownClass(f"There is no class {name!r} of which records can be contributed.", f"Take one of: {known}.")


def template(graph: Graph, kind: str, language: str = "en") -> Template:
    """Return the columns for a class, what is needed first."""
    rows = graph.select(Query(query_text("contributions/columns"), {"class": NamedNode(kind)}))
    by_path: dict[str, list[Binding]] = {}
    for row in rows:
        by_path.setdefault(_iri(row["path"]), []).append(row)
    lists = _choices(graph, {_iri(row["list"]) for row in rows if "list" in row}, language)
    columns = (_column(path, found, lists, language) for path, found in by_path.items())
    names = {lang: class_names(graph, lang)[kind] for lang in ("en", "fr", "es")}
    return Template(
        kind,
        names.get(language) or names["en"],
        frozenset(name.casefold() for name in [*names.values(), kind, kind.removeprefix(TERMS)]),
        tuple(sorted(columns, key=_order)),
    )


def _column(path: str, rows: list[Binding], lists: dict[str, tuple[Choice, ...]], language: str) -> Column:
    said = {lang: row for row in rows if (lang := _language(row["name"]))}
    row = said.get(language) or said["en"]
    datatype = _iri(row["datatype"]) if "datatype" in row else ""
    node = _iri(row["node"]) if "node" in row else ""
    holds = (
        Holds.CODE if "list" in row
        else Holds.DATE if node == _DATE
        else Holds.LANGUAGE if node == _LANGUAGE
        else Holds.WORDS if datatype == RDF + "langString"
        else Holds.TEXT if datatype
        else Holds.RECORD
    )  # fmt: skip
    return Column(
        path,
        _text(row["name"]),
        frozenset([*(_text(each["name"]).casefold() for each in rows), path.casefold(), compact(path).casefold()]),
        _text(row["message"]),
        holds,
        datatype,
        _iri(row["kind"]) if "kind" in row else "",
        any(_text(each["least"]) != "0" for each in rows if "least" in each),
        any(_text(each["most"]) == "1" for each in rows if "most" in each),
        lists[_iri(row["list"])] if "list" in row else (),
    )


def _choices(graph: Graph, lists: Iterable[str], language: str) -> dict[str, tuple[Choice, ...]]:
    names: dict[str, dict[str, dict[str, str]]] = {each: {} for each in lists}
    for query in batches("contributions/choices", "list", names):
        for row in graph.select(query):
            label = row["label"]
            assert isinstance(label, Literal)
            code = names[_iri(row["list"])].setdefault(_iri(row["code"]), {})
            code.setdefault(label.language or "", label.value)
            code[f"{label.language} {label.value}"] = label.value
    return {
        each: tuple(
            sorted(
                (
                    Choice(code, called.get(language) or called.get("en") or code, _called(code, called.values()))
                    for code, called in codes.items()
                ),
                key=lambda choice: choice.name.casefold(),
            )
        )
        for each, codes in names.items()
    }


def _called(iri: str, names: Iterable[str]) -> frozenset[str]:
    short = (
        iri.replace(namespace, f"{prefix}:", 1) for prefix, namespace in PREFIXES.items() if iri.startswith(namespace)
    )
    return frozenset(name.casefold() for name in [*names, iri, iri.rsplit("/", 1)[-1], *short])


def _order(column: Column) -> tuple[int, bool, str]:
    place = _FIRST.index(column.path) if column.path in _FIRST else len(_FIRST)
    return place, not column.needed, column.name.casefold()


def _iri(term: object) -> str:
    assert isinstance(term, NamedNode)
    return term.value


def _text(term: object) -> str:
    assert isinstance(term, Literal)
    return term.value


def _language(term: object) -> str:
    assert isinstance(term, Literal)
    return term.language or ""
