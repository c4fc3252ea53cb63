"""The modelling traps of the field, each a folder named after it.

``case.ttl`` with ``verdict.yaml`` is for the reasoner; ``valid.ttl`` fires no shape and ``invalid.ttl`` what
``invalid.csv`` states; on the curated data ``never*.rq`` finds nothing and ``found*.rq`` something; ``texts`` in
``trap.yaml`` says what published files have or lack.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.rdfio import read_triples
from skillgraph.reasoning import reason
from skillgraph.resources import root
from tests.test_reasoning import expected as expected_verdict
from tests.test_reasoning import needs_java, triples_of
from tests.test_shapes import expected, found

TRAPS = sorted((Path(__file__).parent / "cases" / "traps").iterdir())
REPOSITORY = Path(__file__).parent.parent


def files(pattern: str) -> list[Path]:
    return [path for trap in TRAPS for path in sorted(trap.glob(pattern))]


def trap_name(path: Path) -> str:
    return f"{path.parent.name}-{path.stem}"


def described(trap: Path) -> dict[str, object]:
    words: dict[str, object] = yaml.safe_load((trap / "trap.yaml").read_text(encoding="utf-8"))
    return words


@pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap.name)
def test_every_trap_is_described_and_tested(trap: Path) -> None:
    words = described(trap)
    assert str(words["trap"]).endswith(".")
    assert "texts" in words or len(list(trap.iterdir())) > 1


def test_all_traps_are_there() -> None:
    assert [int(trap.name[:2]) for trap in TRAPS] == list(range(1, 32))


@pytest.mark.java
@needs_java
@pytest.mark.parametrize("path", files("case.ttl"), ids=trap_name)
def test_the_reasoner_infers_nothing_it_should_not(path: Path) -> None:
    assert reason([*triples_of("ontology/"), *read_triples(path)]) == expected_verdict(path.parent)


@pytest.mark.parametrize("path", files("invalid.ttl"), ids=trap_name)
def test_shapes_catch_who_falls_into_it(path: Path, base: MemoryGraph) -> None:
    assert expected(path)
    assert found(path, base) == expected(path)


@pytest.mark.parametrize("path", files("valid.ttl"), ids=trap_name)
def test_shapes_let_the_right_way_pass(path: Path, base: MemoryGraph) -> None:
    assert found(path, base) == set()


@pytest.mark.parametrize("path", files("never*.rq"), ids=trap_name)
def test_the_curated_data_do_not_fall_into_it(path: Path, base: MemoryGraph) -> None:
    assert base.select(Query(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", files("found*.rq"), ids=trap_name)
def test_the_curated_data_show_the_right_way(path: Path, base: MemoryGraph) -> None:
    assert base.select(Query(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("trap", [trap for trap in TRAPS if "texts" in described(trap)], ids=lambda trap: trap.name)
def test_published_texts_say_so(trap: Path) -> None:
    texts = described(trap)["texts"]
    assert isinstance(texts, list)
    for each in texts:
        place = root() / each["file"]
        paths = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
        assert paths
        for path in paths:
            text = " ".join(path.read_text(encoding="utf-8").split())
            assert each.get("has", "") in text, f"{path.name} does not say: {each['has']}"
            assert "lacks" not in each or not re.search(each["lacks"], text), f"{path.name} has {each['lacks']}"
