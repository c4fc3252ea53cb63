"""Shapes find on an excerpt what they find on the whole graph, and after a change what they find anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Triple
from rdflib import RDF, SH, BNode, Graph, Namespace
from rdflib.term import Node

from skillgraph.finding import Finding
from skillgraph.graph.memory import MemoryGraph
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.resources import turtle_files
from skillgraph.validation import Difference, load_shapes
from skillgraph.validation.excerpt import Excerpt, Term
from skillgraph.validation.run import change_of, findings_at, findings_of, nodes_affected, report_at, report_of
from skillgraph.validation.shapes import read_shapes
from skillgraph.validation.spanning import Constraint, spanning_findings
from skillgraph.validation.terms import to_oxigraph, to_rdflib
from skillgraph.vocabulary import RDFS_SUBCLASS_OF, graph_iri

W3C = Path(__file__).parents[2] / "shared" / "w3c" / "shacl"
CASES = Path(__file__).parent / "cases" / "shapes"
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
GAPS = {
    "prefixes-001": "pySHACL does not follow owl:imports to prefixes; alone the data's own prefixes help it",
    "shapesGraph-001": "pySHACL does not bind $shapesGraph",
}
NOTHING = Difference(frozenset())
OWN, OTHERS = graph_iri("contribution/own/data"), graph_iri("data/others")

Result = tuple[Node | None, Node | None, str, Node | None, Node | None]


def w3c_tests() -> Iterator[object]:
    """Yield each test of the W3C with its file, its data graph and its shapes graph."""
    found = [path for path in sorted(W3C.rglob("*.ttl")) if path.name != "manifest.ttl"]
    if not found:
        yield pytest.param(None, marks=pytest.mark.skip(reason="the W3C's tests are not at ../shared/w3c"))
    for path in found:
        if b"sht:Validate" in path.read_bytes():
            yield pytest.param(path, id=str(path.relative_to(W3C).with_suffix("")))


def read(path: Path) -> Graph:
    return Graph().parse(path, format="turtle", publicID=path.as_uri())


def results(report: Graph) -> Counter[Result]:
    """Return the results of a report, but not those that only explain others."""
    found = (each for each in report.subjects(RDF.type, SH.ValidationResult) if (None, SH.detail, each) not in report)
    return Counter(
        (
            report.value(each, SH.focusNode),
            report.value(each, SH.value),
            _path(report.value(each, SH.resultPath)),
            report.value(each, SH.sourceConstraintComponent),
            report.value(each, SH.resultSeverity),
        )
        for each in found
    )


def _path(path: Node | None) -> str:
    return "a path" if isinstance(path, BNode) else str(path)


@pytest.fixture(params=["pyshacl", "pyshacl_turbo"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validate with each engine that is installed."""
    module = pytest.importorskip(request.param)
    monkeypatch.setattr("skillgraph.validation.run.shacl_engine", lambda: module.validate)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("path", list(w3c_tests()))
def test_the_w3cs_shapes_find_on_an_excerpt_what_they_find_on_the_whole(path: Path) -> None:
    manifest = read(path)
    action = manifest.value(manifest.value(None, RDF.type, SHT.Validate), MF.action)
    data_file, shapes_file = (str(manifest.value(action, each)) for each in (SHT.dataGraph, SHT.shapesGraph))
    data = read(Path(data_file.removeprefix("file://")))
    shapes_graph = data if shapes_file == data_file else read(Path(shapes_file.removeprefix("file://")))
    if path.stem in GAPS:
        pytest.xfail(GAPS[path.stem])
    _, plain, _ = pyshacl.validate(data, shacl_graph=shapes_graph)
    if isinstance(plain, Graph):
        assert results(on_excerpt(data, shapes_graph)) == results(plain)
    else:
        with pytest.raises(Exception, match=r"SPARQL|SELECT|bind") as refused:
            on_excerpt(data, shapes_graph)
        assert type(refused.value).__name__ == "ValidationFailure"


def on_excerpt(data: Graph, shapes_graph: Graph) -> Graph:
    triples = frozenset(
        Triple(to_oxigraph(subject), NamedNode(str(predicate)), to_oxigraph(value))  # type: ignore[arg-type]
        for subject, predicate, value in data
    )
    shapes = read_shapes(shapes_graph)
    named = {node for each in shapes.targeted for node in each.nodes}
    nodes: set[Term] = {node for each in triples for node in (each.subject, each.object)} | named
    return report_at(shapes, nodes, Excerpt(None, Difference(triples)))


KINDS = ("Agreement", "Event", "Qualification", "RecognitionAssertion", "Safeguard", "Scheme")
"""Classes whose shapes look at one another's records."""


@cache
def records() -> tuple[Triple, ...]:
    """Return complete records."""
    return tuple(triple for kind in KINDS for triple in read_triples(CASES / kind / "valid.ttl"))


@cache
def material() -> tuple[Triple, ...]:
    """Return statements to make changes from: of complete and of faulty records."""
    paths = [path for kind in KINDS for path in sorted((CASES / kind).glob("invalid-*.ttl"))]
    faulty = [triple for path in paths for triple in read_triples(path)]
    return (*records(), *(each for each in faulty if isinstance(each.subject, NamedNode)))


@cache
def classes() -> tuple[Triple, ...]:
    ontology = [triple for file in turtle_files("ontology") for triple in read_triples(file.path)]
    return tuple(each for each in ontology if each.predicate == RDFS_SUBCLASS_OF)


def records_of_others() -> list[Triple]:
    return [each for number, each in enumerate(records()) if number % 7 or not number % 14]


@cache
def base_of_cases() -> MemoryGraph:
    """Return a small published graph, a part of whose statements are of the graph that changes, some in both."""
    contents = [(graph_iri("ontology"), classes()), (OTHERS, records_of_others()), (OWN, records()[::7])]
    return MemoryGraph(1, [canonical_nquads(triples, graph) for graph, triples in contents])


@st.composite
def changed_contents(draw: st.DrawFn) -> frozenset[Triple]:
    """Draw a new content of the graph: less of what it had, more from elsewhere, some of it put together anew."""
    pick = st.integers(0, len(material()) - 1)
    kept = set(records()[::7]) - {
        records()[::7][each % len(records()[::7])] for each in draw(st.lists(pick, max_size=12))
    }
    added = {material()[each] for each in draw(st.lists(pick, max_size=12))}
    for one, two, three in draw(st.lists(st.tuples(pick, pick, pick), max_size=8)):
        kept.add(Triple(material()[one].subject, material()[two].predicate, material()[three].object))
    return frozenset(kept | added)


def on_the_whole(triples: frozenset[Triple]) -> set[Finding]:
    """Return what the shapes find without leaving anything out."""
    whole = Excerpt(None, Difference(triples))
    aimed = load_shapes().aim({node for each in triples for node in (each.subject, each.object)}, whole)
    asked: dict[Constraint, set[str]] = {}
    for shape, nodes in aimed.items():
        for constraint in shape.constraints:
            asked.setdefault(constraint, set()).update(str(to_rdflib(each)) for each in nodes)
    return {*findings_of(report_of(aimed, triples), "en"), *spanning_findings(asked, triples, "en")}


@cache
def before() -> set[Finding]:
    return on_the_whole(frozenset({*classes(), *records()}))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changed_contents())
def test_what_is_found_after_a_change_is_what_is_found_on_the_whole(content: frozenset[Triple]) -> None:
    base, shapes = base_of_cases(), load_shapes()
    change = change_of(content, OWN, base)
    nodes = nodes_affected(shapes, change, base)
    names = {str(to_rdflib(each)) for each in nodes}
    unchanged = {each for each in before() if each.focus not in names}
    found = findings_at(shapes, nodes, Excerpt(base, change))
    assert unchanged | found == on_the_whole(content.union(classes(), records_of_others()))
