"""Forms made from the shapes: what is filled in becomes statements, and comes back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from skillgraph.contribution.columns import Holds, class_names, find_class, template
from skillgraph.contribution.forms import Entry, Form, exchanged, filled, found_records, of_record, records_in, stated
from skillgraph.contribution.house import house_rules
from skillgraph.graph.memory import MemoryGraph
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.vocabulary import RDF_TYPE, SKOS, TERMS, graph_iri, term
from tests.test_shapes import VALID

GRAPH = graph_iri("contribution/dmw/by-hand")
KENYA, FIJI = (f"http://publications.europa.eu/resource/authority/country/{code}" for code in ("KEN", "FJI"))


def column_of(form: Form, name: str) -> int:
    return next(number for number, each in enumerate(form.template.columns) if each.path.endswith(name))


def corridor(base: MemoryGraph, label: str = "Kenya to Fiji", origin: str = "Kenya", destination: str = FIJI) -> Form:
    form = Form(template(base, f"{TERMS}Corridor")).with_blanks()
    given = {"prefLabel": label, "hasOrigin": origin, "hasDestination": destination}
    return filled(form.template, "", {(column_of(form, name), 0): (text, "en") for name, text in given.items()})


def test_what_is_filled_in_is_stated_of_a_record_with_an_iri_that_stays(base: MemoryGraph) -> None:
    form, triples = stated(corridor(base), GRAPH, b"", base)
    assert form.is_right
    subject = NamedNode(form.iri)
    assert triples == {
        Triple(subject, RDF_TYPE, term("Corridor")),
        Triple(subject, NamedNode(SKOS + "prefLabel"), Literal("Kenya to Fiji", language="en")),
        Triple(subject, term("hasOrigin"), NamedNode(KENYA)),
        Triple(subject, term("hasDestination"), NamedNode(FIJI)),
    }
    assert stated(corridor(base), GRAPH, b"", base)[0].iri == form.iri


def test_a_record_comes_back_as_it_was_filled_in(base: MemoryGraph) -> None:
    form, triples = stated(corridor(base), GRAPH, b"", base)
    again = of_record(form.template, form.iri, canonical_nquads(triples, GRAPH), base)
    assert again.entries[column_of(again, "prefLabel")] == (Entry("Kenya to Fiji", "en"),)
    (origin,) = again.entries[column_of(again, "hasOrigin")]
    assert (origin.text, origin.choices[0].name) == (KENYA, "Kenya")
    assert stated(again, GRAPH, b"", base)[1] == triples


def test_a_name_that_fits_nothing_stands_by_its_field_with_what_comes_near(base: MemoryGraph) -> None:
    form, triples = stated(corridor(base, origin="Niger"), GRAPH, b"", base)
    assert form.is_right  # one country bears the name
    form, _ = stated(corridor(base, origin="guinea-"), GRAPH, b"", base)
    (entry,) = form.entries[column_of(form, "hasOrigin")]
    assert entry.fault == house_rules()["record-to-find"].messages["en"].format(value="“guinea-”")
    assert [each.name for each in entry.choices] == ["Guinea-Bissau"]
    assert triples


def test_a_record_without_a_name_is_not_kept(base: MemoryGraph) -> None:
    form, triples = stated(corridor(base, label=""), GRAPH, b"", base, "fr")
    assert triples == set()
    assert form.entries[column_of(form, "prefLabel")][0].fault == house_rules()["nameless-record"].messages["fr"]


def test_records_of_the_draft_can_be_named_by_others(base: MemoryGraph) -> None:
    form, triples = stated(corridor(base, label="Kenya to the Moon"), GRAPH, b"", base)
    content = canonical_nquads(triples, GRAPH)
    assert [each.iri for each in found_records("the moon", f"{TERMS}Corridor", content, base)] == [form.iri]
    assert records_in(content) == {form.iri: f"{TERMS}Corridor"}


def test_editing_a_record_leaves_the_others_alone(base: MemoryGraph) -> None:
    one, first = stated(corridor(base, label="One"), GRAPH, b"", base)
    _, second = stated(corridor(base, label="Two"), GRAPH, b"", base)
    content = canonical_nquads([*first, *second], GRAPH)
    changed, triples = stated(of_record(one.template, one.iri, content, base).with_entry(
        column_of(one, "prefLabel"), 0, Entry("One indeed", "en")), GRAPH, content, base)  # fmt: skip
    assert changed.iri == one.iri
    kept = set(exchanged(content, one.iri, triples))
    assert second <= kept
    assert {str(each.object) for each in kept if each.subject == NamedNode(one.iri) and "prefLabel" in str(each)} == {
        '"One indeed"@en'
    }


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.parent.name)
def test_every_class_has_a_form_that_keeps_its_records(path: Path, base: MemoryGraph) -> None:
    kind = find_class(base, path.parent.name)
    found = template(base, kind)
    triples = list(read_triples(path))
    content = canonical_nquads(triples, GRAPH)
    for iri in (iri for iri, each in records_in(content).items() if each == kind):
        paths = {column.path for column in found.columns}
        form, again = stated(of_record(found, iri, content, base), GRAPH, content, base)
        assert form.is_right, [entry for given in form.entries for entry in given if entry.fault]
        own = {each for each in triples if each.subject == NamedNode(iri) and each.predicate.value in paths}
        assert own <= again


def test_there_is_a_form_for_every_class(base: MemoryGraph) -> None:
    for kind in class_names(base):
        columns = template(base, kind).columns
        assert columns
        assert all(column.kind or column.holds is not Holds.RECORD or column.help for column in columns)
