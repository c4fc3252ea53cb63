"""Holds a complete and several faulty records of every class against the shapes."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.rdfio import read_triples
from skillgraph.resources import turtle_files
from skillgraph.validation import validate
from skillgraph.vocabulary import SKOS, TERMS
from tests.names import SHAPE, short

CASES = Path(__file__).parent / "cases" / "shapes"
VALID = sorted(CASES.glob("*/valid*.ttl"))
INVALID = sorted(CASES.glob("*/invalid-*.ttl"))
LANGUAGES = {"en", "fr", "es"}
SCHEMA = Namespace("https://schema.org/")
PROPERTY_SHAPE = re.compile(rf"{re.escape(SHAPE)}([A-Z][A-Za-z]+)-[a-z][A-Za-z0-9]*")

Row = tuple[str, str, str, str]


def case_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def found(path: Path, base: MemoryGraph) -> set[Row]:
    findings = validate(read_triples(path), base)
    return {(short(each.focus), short(each.path), short(each.rule), str(each.severity)) for each in findings}


def expected(path: Path) -> set[Row]:
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {(row["focus"], row["path"], row["shape"], row["severity"]) for row in csv.DictReader(file)}


def asked(path: Path) -> set[tuple[str, str]]:
    """Return which queries in shapes a case says to find something, and about what."""
    asking = {short(str(each)) for each in published("shapes").subjects(SH.sparql, None)}
    return {(focus, rule) for focus, _, rule, _ in expected(path) if rule in asking}


@cache
def published(kind: str) -> Graph:
    graph = Graph()
    for file in turtle_files(kind):
        graph.parse(file.path, format="turtle")
    return graph


def node_shapes() -> dict[Node, Node]:
    return {target: shape for shape, target in published("shapes").subject_objects(SH.targetClass)}


def property_shapes() -> list[URIRef]:
    declared = published("shapes").subjects(RDF.type, SH.PropertyShape)
    return sorted(each for each in declared if isinstance(each, URIRef))


@pytest.mark.parametrize("path", VALID, ids=case_name)
def test_a_complete_record_fires_nothing(path: Path, base: MemoryGraph) -> None:
    assert found(path, base) == set()


@pytest.mark.parametrize("path", INVALID, ids=case_name)
def test_a_faulty_record_fires_exactly_what_is_stated(path: Path, base: MemoryGraph) -> None:
    assert expected(path), f"{path.with_suffix('.csv').name} states nothing"
    assert found(path, base) == expected(path)


def test_every_node_shape_has_cases() -> None:
    complete = {path.parent.name for path in VALID}
    faulty = {path.parent.name for path in INVALID}
    classes = {str(target).removeprefix(TERMS) for target in node_shapes()}
    assert complete == classes
    assert faulty == classes


def test_every_property_shape_fires_somewhere() -> None:
    fired = {row[2] for path in INVALID for row in expected(path)}
    silent = {short(str(shape)) for shape in property_shapes()} - fired
    assert not silent, f"no case in tests/cases/shapes makes these fire: {', '.join(sorted(silent))}"


def test_the_shapes_of_classes_ask_through_named_property_shapes() -> None:
    shapes = published("shapes")
    asked = {each for shape in node_shapes().values() for each in shapes.objects(shape, SH.property)}
    assert asked == set(property_shapes())


def test_every_expectation_has_its_case() -> None:
    assert {path.with_suffix("") for path in CASES.glob("*/*.csv")} == {path.with_suffix("") for path in INVALID}


@pytest.mark.parametrize("shape", property_shapes(), ids=lambda shape: str(shape).removeprefix(SHAPE))
def test_a_property_shape_tells_a_person_what_to_do(shape: URIRef) -> None:
    graph = published("shapes")
    owners = set(graph.subjects(SH.property, shape))
    match = PROPERTY_SHAPE.fullmatch(str(shape))
    assert match, "the IRI is not shape/{Class}-{property}"
    assert owners, "no node shape uses it"
    assert match[1] == "Record" or owners == {URIRef(SHAPE + match[1])}
    messages = _by_language(graph.objects(shape, SH.message))
    assert set(messages) == LANGUAGES
    for message in messages.values():
        assert re.fullmatch(r"[A-ZÀ-Ý].{20,}\.", message), "write sentences"
        assert not re.search(r"\b(sg|sh|dct|skos):", message), "a clerk does not know the names of terms"
        assert _fixed(message) == _fixed(messages["en"]), "what is to be typed is the same in every language"
    assert set(_by_language(graph.objects(shape, SH.name))) == LANGUAGES
    assert len(list(graph.objects(shape, SH.severity))) == 1


def test_a_clerk_reads_findings_in_their_own_language(base: MemoryGraph) -> None:
    triples = read_triples(INVALID[0])
    by_language = {language: [each.message for each in validate(triples, base, language)] for language in LANGUAGES}
    assert all(by_language.values())
    assert not set(by_language["fr"]) & set(by_language["en"])
    assert not set(by_language["es"]) & set(by_language["en"])


def _by_language(texts: Iterable[Node]) -> dict[str, str]:
    literals = [each for each in texts if isinstance(each, Literal)]
    found = {each.language or "": str(each) for each in literals}
    assert len(found) == len(literals), "one text for each language"
    return found


def _fixed(message: str) -> list[str]:
    """Return the places to fill and the codes in a message: what no translation may touch."""
    return sorted(re.findall(r"\{[?$]\w+\}|\b[a-z]+:[A-Z0-9]\w*", message))


def test_every_class_of_ours_has_a_shape() -> None:
    ontology = published("ontology")
    classes = set(ontology.subjects(RDFS.isDefinedBy, None)) & set(ontology.subjects(RDF.type, OWL.Class))
    shaped = set(node_shapes())
    without = [each for each in classes if not shaped & set(ontology.transitive_objects(each, RDFS.subClassOf))]
    assert not without, f"no shape holds records of {', '.join(sorted(map(str, without)))}"


def test_every_property_is_held_on_the_classes_it_is_for() -> None:
    ontology, shapes = published("ontology"), published("shapes")
    held = {
        (target, path)
        for target, shape in node_shapes().items()
        for each in shapes.objects(shape, SH.property)
        for path in shapes.objects(each, SH.path)
    }
    missing = [
        f"{short(str(term))} on {short(str(target))}"
        for term, target in ontology.subject_objects(SCHEMA.domainIncludes)
        if not any((above, term) in held for above in ontology.transitive_objects(target, RDFS.subClassOf))
    ]
    assert not missing, f"no shape holds {', '.join(sorted(missing))}"


def test_the_code_lists_that_shapes_name_exist(base: MemoryGraph) -> None:
    lists = {str(each) for each in published("shapes").objects(None, SH.hasValue)}
    rows = base.select(Query(f"SELECT ?list {{ ?list a <{SKOS}ConceptScheme> }}"))
    assert lists
    assert lists <= {str(row["list"]).strip("<>") for row in rows}


def test_a_malformed_date_prints_no_traceback(base: MemoryGraph, caplog: pytest.LogCaptureFixture) -> None:
    assert ("id:source/guide", "sg:accessedOn", "shape:Source-accessedOn", "violation") in found(
        CASES / "Source" / "invalid-wrong-values.ttl", base
    )
    assert caplog.records == []


ASKING = {shape for shape in property_shapes() if (shape, SH.sparql, None) in published("shapes")}


@pytest.mark.parametrize("path", [each for each in INVALID if asked(each)], ids=case_name)
def test_pyshacl_finds_what_our_own_way_of_asking_finds(path: Path) -> None:
    _, report, _ = pyshacl.validate(
        Graph().parse(path), shacl_graph=published("shapes"), ont_graph=published("ontology")
    )
    found = {
        (short(str(report.value(result, SH.focusNode))), short(str(shape)))
        for result, shape in report.subject_objects(SH.sourceShape)
        if shape in ASKING
    }
    assert found == asked(path)
