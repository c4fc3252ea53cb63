"""The terms of the ontology as a reader needs them: in words, with example, use and alignment, module by module."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from skillgraph.errors import UnknownEntity
from skillgraph.graph import Graph, Query
from skillgraph.graph.protocol import Binding
from skillgraph.label import Label, Value, in_words, labels
from skillgraph.resources import query_text
from skillgraph.vocabulary import RDF_TYPE, RDFS, SKOS, TERMS, compact, term

LANGUAGES = {"en": "English", "fr": "Français", "es": "Español"}
"""Languages in which every term is explained, by their tags."""
_KINDS = {
    "Class": "class",
    "ObjectProperty": "property that links records",
    "DatatypeProperty": "property with text, date or number",
}
_SCHEMA = "https://schema.org/"


@dataclass(frozen=True)
class Term:
    """A class or property in one language.

    ``used_on`` and ``takes`` say what a property is for; ``has`` the properties that are meant for a class.
    """

    name: str
    iri: str
    kind: str
    label: str
    definition: str
    example: str
    used_on: tuple[Value, ...]
    takes: tuple[Value, ...]
    above: tuple[Value, ...]
    below: tuple[Value, ...]
    has: tuple[Value, ...]


@dataclass(frozen=True)
class Module:
    """A part of the ontology and its terms: classes first, then properties, by name."""

    key: str
    title: str
    terms: tuple[Term, ...]


def modules(graph: Graph, language: str = "en") -> list[Module]:
    """Return the modules of the ontology with their terms in a language, by title."""
    rows = graph.select(Query(query_text("pages/terms")))
    named = labels(graph, _iris(rows), language)
    by_module: dict[str, dict[str, list[Binding]]] = {}
    for row in rows:
        by_module.setdefault(_text(row["module"]), {}).setdefault(_text(row["term"]), []).append(row)
    found = [
        Module(
            key=module.rpartition("/")[2],
            title=_subject(named[module].text),
            terms=tuple(sorted((_term(*each, language, named) for each in terms.items()), key=_order)),
        )
        for module, terms in by_module.items()
    ]
    return sorted(found, key=lambda module: _without_accents(module.title))


def find_term(graph: Graph, name: str, language: str = "en") -> Term:
    """Return one term by its name; raise ``UnknownEntity`` where the ontology has none of that name."""
    for module in modules(graph, language):
        for each in module.terms:
            if each.name == name:
                return each
    raise UnknownEntity(f"The ontology has no term {name!r}.", "Look it up among the terms; names are case-sensitive.")


def users(graph: Graph, name: str, language: str = "en") -> list[Value]:
    """Return a few things that are of a class or have a property."""
    rows = graph.select(Query(query_text("pages/term-use"), {"term": term(name)}))
    nodes = [row["user"] for row in rows if isinstance(row.get("user"), NamedNode)]
    named = labels(graph, (_text(node) for node in nodes), language)
    return [in_words(node, named) for node in nodes]


def _term(iri: str, rows: list[Binding], language: str, named: dict[str, Label]) -> Term:
    def text(predicate: str) -> str:
        found = {
            row["value"].language: row["value"].value
            for row in rows
            if _text(row.get("property")) == predicate and isinstance(row["value"], Literal)
        }
        return found.get(language) or found.get("en", "")

    def things(column: str, *predicates: str) -> tuple[Value, ...]:
        nodes = {row.get(column) for row in rows if not predicates or _text(row.get("property")) in predicates}
        values = [_value(node, named) for node in nodes if isinstance(node, NamedNode)]
        return tuple(sorted(values, key=lambda value: value.text.casefold()))

    kinds = [_KINDS[name] for row in rows if row.get("property") == RDF_TYPE and (name := _last(row)) in _KINDS]
    return Term(
        name=iri.removeprefix(TERMS),
        iri=iri,
        kind=kinds[0],
        label=text(RDFS + "label"),
        definition=text(SKOS + "definition"),
        example=text(SKOS + "example"),
        used_on=things("value", _SCHEMA + "domainIncludes"),
        takes=things("value", _SCHEMA + "rangeIncludes"),
        above=things("value", RDFS + "subClassOf", RDFS + "subPropertyOf"),
        below=things("below"),
        has=things("has"),
    )


def _value(node: NamedNode, named: dict[str, Label]) -> Value:
    """Return a term of ours by its label, one of another vocabulary by its compact IRI."""
    return in_words(node, named) if node.value.startswith(TERMS) else Value(compact(node.value), node.value)


def _iris(rows: Iterable[Binding]) -> set[str]:
    return {term.value for row in rows for term in row.values() if isinstance(term, NamedNode)}


def _subject(title: str) -> str:
    """Return what a module is about: its title without the name of the ontology, ``SkillGraph: ``."""
    subject = title.partition(":")[2].strip() or title
    return subject[:1].upper() + subject[1:]


def _without_accents(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(each))


def _order(each: Term) -> tuple[bool, str]:
    return (each.kind != "class", each.name.casefold())


def _last(row: Binding) -> str:
    return _text(row["value"]).rpartition("#")[2]


def _text(node: object) -> str:
    return node.value if isinstance(node, NamedNode | Literal) else ""
