"""HermiT proves that ontology and data hold together, and that it would say so if they did not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pyoxigraph import Triple

from skillgraph.baseline import base_files
from skillgraph.errors import ReasonerFault, ToolMissing
from skillgraph.rdfio import read_triples
from skillgraph.reasoning import Verdict, java, reason
from skillgraph.vocabulary import BASE

CASES = Path(__file__).parent / "cases" / "reasoning"
EXAMPLE = BASE + "id/example/"

needs_java = pytest.mark.skipif(java() is None, reason="no Java: apt-get install default-jre-headless")


def triples_of(*beginnings: str) -> list[Triple]:
    return [triple for file in base_files() if file.key.startswith(beginnings) for triple in read_triples(file.path)]


def expected(folder: Path) -> Verdict:
    stated = yaml.safe_load((folder / "verdict.yaml").read_text(encoding="utf-8"))
    unsatisfiable, inferred = (
        tuple(EXAMPLE + name for name in stated[key]) for key in ("unsatisfiable", "inferred_recognitions")
    )
    return Verdict(stated["consistent"], unsatisfiable, inferred)


@pytest.mark.java
@needs_java
def test_the_whole_base_is_consistent_and_infers_no_recognition() -> None:
    triples = triples_of("ontology/", "shapes/", "data/")
    assert len(triples) > 1000
    assert reason(triples) == Verdict(consistent=True)


@pytest.mark.java
@needs_java
@pytest.mark.parametrize("folder", sorted(CASES.iterdir()), ids=lambda folder: folder.name)
def test_the_reasoner_finds_what_is_stated(folder: Path) -> None:
    assert reason([*triples_of("ontology/"), *read_triples(folder / "case.ttl")]) == expected(folder)


@pytest.mark.java
@needs_java
def test_one_contradiction_makes_the_whole_base_inconsistent() -> None:
    contradiction = read_triples(CASES / "scheme-and-instrument" / "case.ttl")
    assert not reason([*triples_of("ontology/", "data/"), *contradiction]).consistent


@pytest.mark.java
@needs_java
def test_an_axiom_that_hermit_cannot_take_is_reported_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "axiom.ttl"
    path.write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix sg: <https://w3id.org/skillgraph/ns#> ."
        "sg:comparedWith a owl:TransitiveProperty , owl:AsymmetricProperty .",
        encoding="utf-8",
    )
    with pytest.raises(ReasonerFault, match=r"^HermiT stopped: Non-simple property .*[^.]\.$") as caught:
        reason([*triples_of("ontology/"), *read_triples(path)])
    assert caught.value.remedy


def test_without_java_the_remedy_is_a_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java() is None
    with pytest.raises(ToolMissing) as caught:
        reason([])
    assert "apt-get install default-jre-headless" in caught.value.remedy
