"""Holds the ontology to its own rules: terms explained, light OWL, modules imported, alignments apart."""

from __future__ import annotations

import re
from pathlib import Path

import owlready2
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from skillgraph.rdfio import read_triples
from skillgraph.resources import TurtleFile, turtle_files
from skillgraph.terminology import LANGUAGES
from skillgraph.vocabulary import BASE, PREFIXES, RDF, RDFS, SKOS, TERMS

OWL = PREFIXES["owl"]
SCHEMA = "https://schema.org/"
MAPPINGS = {OWL + "sameAs"} | {f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")}
LIGHT_OWL = {
    OWL + name
    for name in (
        "Ontology", "imports", "versionIRI", "versionInfo", "priorVersion", "deprecated",
        "Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "AllDisjointClasses", "members",
    )
}  # fmt: skip

FILES = turtle_files("ontology")
MODULES = [file for file in FILES if not file.key.startswith("ontology/alignments/")]
ALIGNMENTS = [file for file in FILES if file.key.startswith("ontology/alignments/")]
TRIPLES = [triple for file in MODULES for triple in read_triples(file.path)]


def iri(term: object) -> str:
    return term.value if isinstance(term, NamedNode) else ""


def values(subject: str, predicate: str) -> list[object]:
    return [each.object for each in TRIPLES if iri(each.subject) == subject and each.predicate.value == predicate]


def texts(subject: str, predicate: str, language: str) -> list[str]:
    found = [each for each in values(subject, predicate) if isinstance(each, Literal)]
    return [each.value for each in found if each.language == language]


def english(subject: str, predicate: str) -> list[str]:
    return texts(subject, predicate, "en")


def words(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z0-9]+", text.lower())}


KINDS = {OWL + name for name in ("Class", "ObjectProperty", "DatatypeProperty")}
DECLARED = {iri(each.subject) for each in TRIPLES if each.predicate.value == RDF + "type" and iri(each.object) in KINDS}
OURS = sorted(each for each in DECLARED if each.startswith(TERMS))
FILLERS = words("a an the of in on to for by is are has have says names gives which what that it or and who whom")


def test_there_are_terms() -> None:
    assert len(OURS) > 100


@pytest.mark.parametrize("term", OURS, ids=lambda term: str(term).removeprefix(TERMS))
def test_a_term_is_explained(term: str) -> None:
    [label] = english(term, RDFS + "label")
    [definition] = english(term, SKOS + "definition")
    name = term.removeprefix(TERMS)
    assert definition.endswith(".")
    assert definition[0].isupper()
    assert len(re.findall(r"[.!?](\s|$)", definition)) == 1, "one sentence"
    assert words(definition) - words(label) - FILLERS, "the definition says no more than the label"
    assert len(values(term, RDFS + "isDefinedBy")) == 1
    if OWL + "Class" in map(iri, values(term, RDF + "type")):
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), "a class is a singular noun in CamelCase"
        assert definition.startswith(("A ", "An ", "The ", "One ", "Something ")), "a class is defined as a thing"
    else:
        assert re.fullmatch(r"[a-z][A-Za-z0-9]+", name), "a property is a verb in camelCase"
        assert re.match(r"[A-Z][a-z]+s ", definition), "a property is defined by what it does, such as 'Names …'"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("term", OURS, ids=lambda term: str(term).removeprefix(TERMS))
def test_a_term_is_explained_with_an_example_in_every_language(term: str, language: str) -> None:
    [label] = texts(term, RDFS + "label", language)
    [definition] = texts(term, SKOS + "definition", language)
    [example] = texts(term, SKOS + "example", language)
    assert label == label.strip()
    assert all(text.endswith(".") and not text[0].islower() for text in (definition, example))
    assert language == "en" or definition not in english(term, SKOS + "definition")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_is_given_twice(language: str) -> None:
    labels = [label for term in OURS for label in texts(term, RDFS + "label", language)]
    assert [each for each in set(labels) if labels.count(each) > 1] == []


@pytest.mark.parametrize("predicate", ["domainIncludes", "rangeIncludes"])
def test_what_a_property_is_used_on_and_takes_is_declared(predicate: str) -> None:
    named = {iri(each.object) for each in TRIPLES if each.predicate.value == SCHEMA + predicate}
    assert named
    assert not {each for each in named if each.startswith(TERMS)} - DECLARED


def test_every_property_says_what_it_takes() -> None:
    properties = [term for term in OURS if OWL + "Class" not in map(iri, values(term, RDF + "type"))]
    assert [term for term in properties if not values(term, SCHEMA + "rangeIncludes")] == []


def test_a_property_for_records_and_one_for_literals_are_told_apart() -> None:
    xsd, text = PREFIXES["xsd"], RDF + "langString"
    for term in OURS:
        literal = OWL + "DatatypeProperty" in map(iri, values(term, RDF + "type"))
        for each in map(iri, values(term, SCHEMA + "rangeIncludes")):
            assert literal == (each.startswith(xsd) or each == text), f"{term} takes {each}"


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.path.stem)
def test_a_module_declares_itself_and_its_own_terms_only(file: TurtleFile) -> None:
    own = BASE + "ontology" if file.path.stem == "skillgraph" else BASE + file.key
    triples = read_triples(file.path)
    assert Triple(NamedNode(own), NamedNode(RDF + "type"), NamedNode(OWL + "Ontology")) in triples
    assert {iri(each.object) for each in triples if each.predicate.value == RDFS + "isDefinedBy"} <= {own}


def test_the_header_imports_every_module_and_nothing_else() -> None:
    imported = sorted(map(iri, values(BASE + "ontology", OWL + "imports")))
    assert imported == sorted(BASE + file.key for file in MODULES if file.path.stem != "skillgraph")
    importing = {iri(each.subject) for each in TRIPLES if each.predicate.value == OWL + "imports"}
    assert importing == {BASE + "ontology"}


def test_the_header_names_its_version() -> None:
    [version] = values(BASE + "ontology", OWL + "versionInfo")
    assert isinstance(version, Literal)
    assert re.fullmatch(r"\d+\.\d+\.\d+", version.value)
    assert list(map(iri, values(BASE + "ontology", OWL + "versionIRI"))) == [f"{BASE}ontology/{version.value}"]


def test_owl_stays_light() -> None:
    """Nothing here lets a recognition be inferred: no characteristic, restriction, chain, key or sameness."""
    used = {iri(term) for each in TRIPLES for term in (each.subject, each.predicate, each.object)}
    assert {each for each in used if each.startswith(OWL)} <= LIGHT_OWL
    assert not used & MAPPINGS
    assert not used & {RDFS + "domain", RDFS + "range"}


@pytest.mark.parametrize("file", ALIGNMENTS, ids=lambda file: file.path.stem)
def test_an_alignment_only_places_terms_of_ours_beside_those_of_others(file: TurtleFile) -> None:
    triples = read_triples(file.path)
    used = {iri(term) for each in triples for term in (each.subject, each.predicate, each.object)}
    assert {each for each in used if each.startswith(OWL)} <= LIGHT_OWL
    assert not used & MAPPINGS
    assert {each for each in used if each.startswith(TERMS)} <= set(OURS)
    placed = [each for each in triples if each.predicate.value in (RDFS + "subClassOf", RDFS + "subPropertyOf")]
    assert placed
    for each in placed:
        assert iri(each.subject).startswith(TERMS) != iri(each.object).startswith(TERMS), str(each)


def test_the_modules_place_nothing_beside_terms_of_others() -> None:
    placed = [each for each in TRIPLES if each.predicate.value in (RDFS + "subClassOf", RDFS + "subPropertyOf")]
    assert placed
    assert [each for each in placed if not iri(each.object).startswith(TERMS)] == []


def test_every_class_is_disjoint_from_the_others_or_is_a_kind_of_one() -> None:
    listed = {iri(each.object) for each in TRIPLES if each.predicate.value == RDF + "first"}
    above = {term: set(map(iri, values(term, RDFS + "subClassOf"))) for term in OURS}
    classes = [term for term in OURS if OWL + "Class" in map(iri, values(term, RDF + "type"))]
    assert [term for term in classes if term not in listed and not above[term] & listed] == []


def test_owlready_loads_it(tmp_path: Path) -> None:
    path = tmp_path / "ontology.nt"
    imports = OWL + "imports"
    path.write_bytes(
        serialize((each for each in TRIPLES if each.predicate.value != imports), format=RdfFormat.N_TRIPLES) or b""
    )
    ontology = owlready2.World().get_ontology(path.as_uri()).load()
    loaded = {each.iri for each in (*ontology.classes(), *ontology.properties()) if each.iri.startswith(TERMS)}
    assert loaded == set(OURS)
