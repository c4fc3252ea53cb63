"""Things are found by any of their names, in any script, while they are typed and though they are misspelt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from skillgraph.errors import SearchNotReady
from skillgraph.graph.memory import MemoryGraph
from skillgraph.search import GraphNames, Named, NameIndex, records_of
from skillgraph.search.words import words
from skillgraph.vocabulary import TERMS, expand
from tests.replicas import eventually, running_replica

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "cases" / "search" / "names.yaml").read_text(encoding="utf-8")
)
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
KIND = f"{TERMS}Actor"


@pytest.fixture(scope="module")
def names(base: MemoryGraph) -> GraphNames:
    return GraphNames(base)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["typed"])
def test_the_best_comes_first(case: dict[str, Any], names: GraphNames) -> None:
    classes = [TERMS + each for each in case.get("among", ())]
    found = names.find(case["typed"], classes)
    assert found
    if "first" in case:
        assert found[0].iri == expand(case["first"])


def test_everything_is_found_by_each_of_its_names(base: MemoryGraph, names: GraphNames) -> None:
    records = [each for each in records_of(base.rows) if words(each.name)]
    shared: dict[tuple[str, ...], set[str]] = {}
    for each in records:
        shared.setdefault(tuple(words(each.name)[:12]), set()).add(each.iri)
    few = [each for each in records if len(shared[tuple(words(each.name)[:12])]) <= 5]
    lost = [each.name for each in few[::25] if each.iri not in {found.iri for found in names.find(each.name)}]
    assert lost == []


def test_a_search_for_nothing_finds_nothing(names: GraphNames) -> None:
    assert [names.find(text) for text in ("", "  ", "!?", "\u202e", "\0")] == [[]] * 5


@given(text=st.text(max_size=40))
def test_no_text_breaks_the_search(text: str, names: GraphNames) -> None:
    for each in names.find(text):
        assert each.score <= 100


@given(text=st.text())
def test_folding_a_second_time_changes_nothing(text: str) -> None:
    folded = " ".join(words(text))
    assert " ".join(words(folded)) == folded or any("\u0627\u0644" in word for word in words(text))


def named(iri: str, name: str) -> Named:
    return Named(iri, name, "en", 3, frozenset([KIND]), frozenset([KIND]))


def test_what_is_exchanged_is_found_by_its_new_name_alone(tmp_path: Path) -> None:
    index, reader = NameIndex(tmp_path / "names"), NameIndex(tmp_path / "names")
    with pytest.raises(SearchNotReady):
        reader.find("one")
    index.fill([named("urn:one", "Number one"), named("urn:two", "Number two")])
    assert {each.iri for each in reader.find("number")} == {"urn:one", "urn:two"}
    index.exchange({"urn:one"}, [named("urn:one", "Another")])
    assert [each.iri for each in reader.find("number")] == ["urn:two"]
    assert [each.iri for each in reader.find("another", [KIND])] == ["urn:one"]
    assert reader.find("another", [f"{TERMS}Scheme"]) == []


def test_the_index_follows_what_is_published(tmp_path: Path) -> None:
    graph = "https://example.org/graph/names"
    with running_replica(tmp_path / "home", {graph: f'<urn:one> {LABEL} "Lighthouse keeper"@en .'}) as replica:
        index = NameIndex(replica.graph.place.names)

        def found(text: str) -> list[str]:
            try:
                return [each.iri for each in index.find(text)]
            except SearchNotReady:
                return []

        assert eventually(lambda: found("lighthous") == ["urn:one"])
        replica.publish(graph, f'<urn:two> {LABEL} "Ferry master"@en .')
        assert eventually(lambda: (found("lighthous"), found("ferri master")) == ([], ["urn:two"]))
        replica.publish(graph, f"<urn:two> a <{KIND}> ; {LABEL} 'Ferry master'@en .")
        assert eventually(lambda: bool(index.find("ferry", [KIND])))
