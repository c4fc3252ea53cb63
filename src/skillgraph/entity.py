"""One IRI as a page's worth of statements: what is said of it, what refers to it, and on whose authority."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pyoxigraph import Literal, NamedNode

from skillgraph.batch import batches
from skillgraph.errors import UnknownEntity
from skillgraph.graph import Binding, Graph, Query
from skillgraph.graph.protocol import Term
from skillgraph.label import Label, Value, in_words, labels
from skillgraph.resources import query_text
from skillgraph.vocabulary import BASE, DCT, RDF_TYPE, SKOS, graph_iri

MOST_INCOMING = 2000
"""The LIMIT of queries/pages/incoming.rq."""
_CONTRIBUTED = graph_iri("contribution/").value
_SOURCE = DCT + "source"
_FIRST = (RDF_TYPE.value, SKOS + "prefLabel", SKOS + "altLabel", SKOS + "definition", DCT + "description")


@dataclass(frozen=True)
class Statement:
    """A value, its date where it has one, the graphs in which the statement stands and the sources it rests on."""

    value: Value
    date: str
    graphs: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Property:
    """All statements with one predicate: outgoing (from the entity), or incoming from records of one class."""

    iri: str
    name: str
    kind: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Contributed:
    """By which contribution a graph came to be: who reviewed it, for which organisation, when, and from which file."""

    graph: str
    contribution: str
    title: str
    organisation: Value
    published: str
    reviewer: str
    file: str


@dataclass(frozen=True)
class Entity:
    """What the graph says about an IRI."""

    iri: str
    label: Label
    kinds: tuple[Value, ...]
    outgoing: tuple[Property, ...]
    incoming: tuple[Property, ...]
    incoming_count: int
    sources: tuple[Value, ...]
    version: int
    contributed: tuple[Contributed, ...]


def describe(graph: Graph, iri: str, language: str = "en") -> Entity:
    """Return everything the graph says about an IRI; raise ``UnknownEntity`` where it says nothing."""
    try:
        node = NamedNode(iri)
    except ValueError:
        raise _unknown(iri) from None
    outgoing = graph.select(Query(query_text("pages/outgoing"), {"this": node}))
    incoming = graph.select(Query(query_text("pages/incoming"), {"this": node}))
    if not outgoing and not incoming:
        raise _unknown(iri)
    named = labels(graph, {iri, *_iris(outgoing), *_iris(incoming)}, language)
    sources = tuple(dict.fromkeys(_iri(row["value"]) for row in outgoing if _cites(row)))
    kinds = [row["value"] for row in outgoing if row["property"] == RDF_TYPE and isinstance(row["value"], NamedNode)]
    return Entity(
        iri,
        named[iri],
        tuple(dict.fromkeys(in_words(kind, named) for kind in kinds)),
        _properties((row for row in outgoing if not _cites(row)), named, language, sources),
        _properties(incoming, named, language, ()),
        _count(graph, node) if len(incoming) >= MOST_INCOMING else len(incoming),
        tuple(in_words(NamedNode(each), named) for each in sorted(sources, key=lambda each: named[each].text)),
        graph.version(),
        _contributed(graph, outgoing, language),
    )


@dataclass
class _Gathered:
    """What several rows say of one statement."""

    date: str = ""
    graphs: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)


def _contributed(graph: Graph, rows: Iterable[Binding], language: str) -> tuple[Contributed, ...]:
    graphs = {iri for row in rows if (iri := _iri(row["graph"])).startswith(_CONTRIBUTED)}
    found = [row for query in batches("pages/contributed", "graph", graphs) for row in graph.select(query)]
    named = labels(graph, {_iri(row["organisation"]) for row in found}, language)
    return tuple(
        Contributed(
            _iri(row["graph"]),
            _iri(row["contribution"]).removeprefix(f"{BASE}id/contribution/"),
            _text(row.get("title")),
            in_words(row["organisation"], named),
            _text(row.get("published"))[:10],
            _text(row.get("reviewer")),
            _text(row.get("file")),
        )
        for row in sorted(found, key=lambda row: _text(row.get("published")))
    )


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, Literal) else ""


def _properties(
    rows: Iterable[Binding], named: Mapping[str, Label], language: str, sources: tuple[str, ...]
) -> tuple[Property, ...]:
    found: dict[tuple[str, str], dict[Term, _Gathered]] = {}
    for row in rows:
        group = _iri(row["property"]), in_words(row["kind"], named).text if "kind" in row else ""
        gathered = found.setdefault(group, {}).setdefault(row["value"], _Gathered())
        gathered.graphs.add(_iri(row["graph"]))
        gathered.sources.update([_iri(row["source"])] if "source" in row else sources)
        if "date" in row:
            gathered.date = in_words(row["date"], named).text
    properties = [
        Property(iri, named[iri].text, kind, _statements(values, named, language))
        for (iri, kind), values in found.items()
    ]
    return tuple(sorted(properties, key=_property_order))


def _statements(values: Mapping[Term, _Gathered], named: Mapping[str, Label], language: str) -> tuple[Statement, ...]:
    statements = [
        Statement(in_words(term, named), each.date, tuple(sorted(each.graphs)), tuple(sorted(each.sources)))
        for term, each in values.items()
    ]
    return tuple(sorted(statements, key=lambda statement: _statement_order(statement, language)))


def _cites(row: Binding) -> bool:
    """Tell whether a statement names a source that has a page; a source in plain words is a statement like others."""
    return _iri(row["property"]) == _SOURCE and isinstance(row["value"], NamedNode)


def _property_order(item: Property) -> tuple[int, str, str]:
    place = _FIRST.index(item.iri) if item.iri in _FIRST else len(_FIRST)
    return place, item.kind.casefold(), item.name.casefold()


def _statement_order(statement: Statement, language: str) -> tuple[str, bool, bool, str]:
    value = statement.value
    return statement.date, value.language != language, value.language != "en", value.text.casefold()


def _count(graph: Graph, node: NamedNode) -> int:
    counted = graph.select(Query(query_text("pages/incoming-count"), {"this": node}))[0]["count"]
    return int(counted.value) if isinstance(counted, Literal) else 0


def _iri(term: Term) -> str:
    return term.value if isinstance(term, NamedNode) else str(term)


def _iris(rows: Iterable[Binding]) -> set[str]:
    return {term.value for row in rows for term in row.values() if isinstance(term, NamedNode)}


def _unknown(iri: str) -> UnknownEntity:
    return UnknownEntity(f"The graph says nothing about {iri}.", "Search for it by name, or browse the lists.")
