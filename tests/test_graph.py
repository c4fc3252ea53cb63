"""The protocol ``Graph``: in process and through workers, the same questions get the same answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import (
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from skillgraph import errors
from skillgraph.errors import InvalidQuery, NotAcceptable, ResultTooLarge
from skillgraph.graph import Graph, Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS, SOLUTION_FORMATS
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.protocol import ResultKind
from skillgraph.rdfio import canonical_nquads, read_triples
from tests.replicas import running_replica

CASES = Path(__file__).parent / "cases" / "graph"
EX = "https://example.org/"
SOLUTIONS = {
    ".json": QueryResultsFormat.JSON,
    ".xml": QueryResultsFormat.XML,
    ".csv": QueryResultsFormat.CSV,
    ".tsv": QueryResultsFormat.TSV,
}
GRAPHS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
}


def expectations() -> list[object]:
    """Return the expected answers, each beside its query: ``<name>.rq`` and ``<name>.<format>``."""
    found = sorted(path for path in (CASES / "answers").iterdir() if path.suffix != ".rq")
    return [pytest.param(path, id=path.name) for path in found]


def contents() -> dict[str, Path]:
    """Return the files of the tiny dataset by the graph that each is published in."""
    return {f"{EX}graph/{path.stem}": path for path in sorted((CASES / "data").glob("*.ttl"))}


@pytest.fixture(scope="module", params=["in process", "workers"])
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """Return the tiny dataset behind either implementation."""
    if request.param == "in process":
        nquads = [canonical_nquads(read_triples(path), NamedNode(iri)) for iri, path in contents().items()]
        yield MemoryGraph(len(nquads), nquads)
        return
    turtle = {iri: path.read_text(encoding="utf-8") for iri, path in contents().items()}
    with running_replica(tmp_path_factory.mktemp("graph"), turtle, query_workers=2) as replica:
        yield replica.graph


@pytest.mark.parametrize("expected", expectations())
def test_an_answer_is_as_expected_in_each_format(graph: Graph, expected: Path) -> None:
    query = Query(expected.with_suffix(".rq").read_text(encoding="utf-8"))
    solutions, triples = SOLUTIONS.get(expected.suffix), GRAPHS.get(expected.suffix)
    answer = graph.answer(query, ResultFormats(solutions, triples))
    assert answer.version == len(contents())
    if triples:
        assert answer.kind is ResultKind.GRAPH
        assert GRAPH_FORMATS[answer.media_type] is triples
        assert canonical(answer.body, triples) == canonical(expected.read_bytes(), triples)
    elif expected.suffix in (".csv", ".tsv"):
        assert SOLUTION_FORMATS[answer.media_type] is solutions
        assert answer.body == expected.read_bytes()
    else:
        assert solutions
        assert SOLUTION_FORMATS[answer.media_type] is solutions
        assert rows(answer.body, solutions) == rows(expected.read_bytes(), solutions)


def canonical(body: bytes, rdf_format: RdfFormat) -> set[str]:
    """Return the statements of a serialised graph with canonical names for blank nodes."""
    dataset = Dataset(parse(body, format=rdf_format))
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def rows(body: bytes, results_format: QueryResultsFormat) -> object:
    """Return what a serialised result says: a truth value, or its variables and rows."""
    results = parse_query_results(body, format=results_format)
    if isinstance(results, QueryBoolean):
        return bool(results)
    names = [variable.value for variable in results.variables]
    return names, [[None if term is None else str(term) for term in row] for row in results]


@pytest.mark.parametrize("path", sorted((CASES / "faults").glob("*.rq")), ids=lambda path: path.stem)
def test_a_fault_is_named_with_its_place(graph: Graph, path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    with pytest.raises(getattr(errors, expected.pop("error"))) as caught:
        graph.answer(Query(path.read_bytes().decode()), ResultFormats())
    place = {name: value for name in ("line", "column") if (value := getattr(caught.value, name, None)) is not None}
    assert place == expected
    assert caught.value.message.endswith(".")
    assert caught.value.remedy
    if place:
        assert caught.value.message.startswith(f"Line {place['line']}, column {place['column']}: ")


@pytest.mark.parametrize("text", ["ASK { \x00 }", "ASK { ?s ?p '\ud800' }"])
def test_text_that_is_no_text_is_refused(graph: Graph, text: str) -> None:
    with pytest.raises(InvalidQuery):
        graph.ask(Query(text))


def test_select_returns_terms_and_leaves_out_what_is_unbound(graph: Graph) -> None:
    pattern = "?what ex:code ?code OPTIONAL { ?what ex:trainedAt ?place }"
    found = graph.select(Query(f"PREFIX ex: <{EX}> SELECT ?code ?place WHERE {{ {pattern} }} ORDER BY ?code"))
    assert [dict(row) for row in found] == [
        {"code": Literal(2221), "place": NamedNode(f"{EX}école")},
        {"code": Literal(7212)},
    ]


def test_select_without_rows_is_empty(graph: Graph) -> None:
    assert graph.select(Query("SELECT ?what WHERE { ?what <urn:absent> 1 }")) == []


def test_construct_returns_triples(graph: Graph) -> None:
    found = graph.construct(Query(f"DESCRIBE <{EX}école>"))
    assert found == [Triple(NamedNode(f"{EX}école"), NamedNode(f"{EX}label"), Literal("L’école 🏥", language="fr"))]
    assert graph.construct(Query("CONSTRUCT WHERE { ?what <urn:absent> ?value }")) == []


def test_ask_returns_a_truth_value(graph: Graph) -> None:
    assert graph.ask(Query(f"ASK {{ <{EX}nurse> <{EX}code> 2221 }}")) is True
    assert graph.ask(Query(f"ASK {{ <{EX}nurse> <{EX}code> 7212 }}")) is False


@pytest.mark.parametrize("method", ["select", "construct", "ask"])
def test_a_method_refuses_queries_of_another_form(graph: Graph, method: str) -> None:
    queries = {"select": "SELECT * WHERE {}", "construct": "CONSTRUCT {} WHERE {}", "ask": "ASK {}"}
    for form, text in queries.items():
        if form != method:
            with pytest.raises(InvalidQuery, match=f"not a {method.upper()}"):
                getattr(graph, method)(Query(text))


@pytest.mark.parametrize("method", ["select", "construct", "ask"])
def test_what_fails_while_it_runs_is_explained(graph: Graph, method: str) -> None:
    condition = "{ ?s ?p ?o FILTER(<https://example.org/function>(?o)) }"
    forms = {"select": "SELECT * WHERE", "construct": "CONSTRUCT { ?s ?p ?o } WHERE", "ask": "ASK"}
    with pytest.raises(InvalidQuery, match="function"):
        getattr(graph, method)(Query(f"{forms[method]} {condition}"))


@pytest.mark.parametrize(
    "term",
    [
        NamedNode(f"{EX}école"),
        Literal("plain"),
        Literal('quote " backslash \\ } SERVICE <x> { newline \n'),
        Literal("看護師", language="ja"),
        Literal("nurse", language="en"),
        Literal(2221),
        Literal("2020-02-29", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
        Literal("x", datatype=NamedNode(f"{EX}type")),
        Literal(""),
    ],
    ids=str,
)
def test_a_parameter_arrives_as_the_term_it_is(graph: Graph, term: NamedNode | Literal) -> None:
    (row,) = graph.select(Query("SELECT ?given ?text WHERE { BIND(STR(?given) AS ?text) }", {"given": term}))
    assert dict(row) == {"given": term, "text": Literal(term.value)}


def test_a_parameter_narrows_the_answer(graph: Graph) -> None:
    query = "SELECT ?what ?code WHERE { ?what <https://example.org/code> ?code }"
    assert len(graph.select(Query(query))) == 2
    (row,) = graph.select(Query(query, {"code": Literal(7212)}))
    assert row["what"] == NamedNode(f"{EX}welder")
    assert graph.select(Query(query, {"code": Literal("7212")})) == []


def test_a_parameter_the_query_does_not_have_is_a_fault(graph: Graph) -> None:
    with pytest.raises(InvalidQuery, match="absent"):
        graph.select(Query("SELECT ?what WHERE {}", {"absent": Literal(1)}))


DATASETS = "SELECT DISTINCT ?default ?named WHERE { { ?default a ?class } UNION { GRAPH ?named { ?thing a ?class } } }"


@pytest.mark.parametrize(
    ("default", "named", "found"),
    [
        ((), (), {"nurse", "graph/alpha", "graph/beta"}),
        (("graph/beta",), (), {"nurse"}),
        (("graph/alpha", "graph/beta"), (), {"nurse"}),
        ((), ("graph/beta",), {"graph/beta"}),
        (("graph/alpha",), ("graph/beta",), {"nurse", "graph/beta"}),
        (("graph/absent",), ("graph/absent",), set()),
    ],
)
@pytest.mark.parametrize("clause", ["", f"FROM <{EX}graph/alpha> FROM NAMED <{EX}graph/alpha>"])
def test_a_dataset_of_the_request_replaces_that_of_the_text(
    graph: Graph, default: tuple[str, ...], named: tuple[str, ...], found: set[str], clause: str
) -> None:
    text = DATASETS.replace("WHERE", f"{clause} WHERE", 1)
    rows = graph.select(Query(text, {}, tuple(EX + each for each in default), tuple(EX + each for each in named)))
    terms = {str(term) for row in rows for term in row.values()}
    if clause and not (default or named):
        found = {"nurse", "graph/alpha"}
    assert terms == {f"<{EX}{each}>" for each in found}


@pytest.mark.parametrize(
    "iri", ["", "relative", "https://example.org/a b", "https://example.org/>", "a:\x00", "a:\ud800"]
)
def test_a_graph_that_is_no_iri_is_a_fault(graph: Graph, iri: str) -> None:
    for query in (Query("ASK {}", {}, (iri,)), Query("ASK {}", {}, (), (iri,))):
        with pytest.raises(InvalidQuery, match="IRI"):
            graph.ask(query)


@pytest.mark.parametrize(
    ("text", "formats", "available"),
    [
        ("SELECT * WHERE {}", ResultFormats(None, RdfFormat.TURTLE), SOLUTION_FORMATS),
        ("ASK {}", ResultFormats(None, RdfFormat.TURTLE), SOLUTION_FORMATS),
        ("CONSTRUCT {} WHERE {}", ResultFormats(QueryResultsFormat.JSON, None), GRAPH_FORMATS),
        ("DESCRIBE <urn:x>", ResultFormats(QueryResultsFormat.JSON, None), GRAPH_FORMATS),
    ],
)
def test_a_format_of_the_wrong_kind_is_not_acceptable(
    graph: Graph, text: str, formats: ResultFormats, available: dict[str, object]
) -> None:
    with pytest.raises(NotAcceptable) as caught:
        graph.answer(Query(text), formats)
    assert list(caught.value.available) == list(available)
    assert all(each in caught.value.remedy for each in available)


def test_a_term_that_a_format_cannot_hold_is_a_fault(graph: Graph) -> None:
    text = "CONSTRUCT { <urn:a> <urn:b> <<( <urn:c> <urn:d> 1 )>> } WHERE {}"
    assert graph.answer(Query(text), ResultFormats(None, RdfFormat.TURTLE)).body
    with pytest.raises(InvalidQuery, match="JSON-LD"):
        graph.answer(Query(text), ResultFormats(None, RdfFormat.JSON_LD))


def test_the_version_is_the_ledgers(graph: Graph) -> None:
    assert graph.version() == len(contents())


def test_a_result_over_the_limit_is_not_cut_short_but_refused(tmp_path: Path) -> None:
    with running_replica(tmp_path, {}, result_mb=1, query_workers=1) as replica:
        values = "VALUES ?value { " + "1 " * 5000 + "} VALUES ?other { " + "2 " * 10 + "}"
        query = Query(f"SELECT ?value WHERE {{ {values} }}")
        assert len(replica.graph.answer(query, ResultFormats(QueryResultsFormat.CSV)).body) < 2**20
        for formats in (ResultFormats(QueryResultsFormat.JSON), ResultFormats(QueryResultsFormat.XML)):
            with pytest.raises(ResultTooLarge, match="1 MiB"):
                replica.graph.answer(query, formats)
        construct = Query(f"CONSTRUCT {{ [] <urn:p> ?value }} WHERE {{ {values} }}")
        with pytest.raises(ResultTooLarge):
            replica.graph.answer(construct, ResultFormats())
        assert replica.graph.ask(Query("ASK {}"))
