"""An operator's import: every format, what is refused and why, and a running service that takes it in."""

from __future__ import annotations

import gzip
import json
import time
import urllib.request
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize
from zstandard import ZstdCompressor

from skillgraph.entailment import GRAPH
from skillgraph.errors import RefusedGraph, UnreadableData
from skillgraph.ledger import Ledger, open_ledger
from skillgraph.loading import load, preview, read_graphs
from tests.services import PATIENCE, running_service
from tests.test_cli import run

OURS = "https://example.org/graph/ours"
QUAD = Quad(NamedNode("urn:a"), NamedNode("urn:p"), NamedNode("urn:b"), NamedNode(OURS))
LINE = f"<urn:a> <urn:p> <urn:b> <{OURS}> .\n".encode()
PLAIN = {
    ".nq": serialize([QUAD], format=RdfFormat.N_QUADS),
    ".trig": serialize([QUAD], format=RdfFormat.TRIG),
    ".jsonld": serialize([QUAD], format=RdfFormat.JSON_LD),
    ".ttl": serialize([QUAD.triple], format=RdfFormat.TURTLE),
    ".nt": serialize([QUAD.triple], format=RdfFormat.N_TRIPLES),
    ".rdf": serialize([QUAD.triple], format=RdfFormat.RDF_XML),
}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}")


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("ending", list(PLAIN))
def test_every_format_plain_and_compressed(ending: str, tmp_path: Path) -> None:
    plain = PLAIN[ending] or b""
    packed = {"": plain, ".gz": gzip.compress(plain), ".zst": ZstdCompressor().compress(plain)}
    for packing, content in packed.items():
        assert read_graphs([written(tmp_path, f"data{ending}{packing}", content)], OURS) == {OURS: LINE}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.nq", "<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p", "line 2"),
        ("a.txt", "", "names no RDF format"),
        ("a.nq.gz", "no gzip", "cannot be decompressed"),
        ("a.nq.gz", gzip.compress(LINE * 9)[:-9], "cannot be decompressed"),
        ("a.nq.zst", "no zstd", "cannot be decompressed"),
        ("a.nq", b'<urn:a> <urn:p> "\xff" .\n', "UTF-8"),
        ("a.nq", "", "no statements"),
        ("a.jsonld", '{"@context": "https://schema.org/", "@id": "urn:a", "name": "x"}', "nothing is fetched"),
    ],
)
def test_what_cannot_be_read_is_explained(name: str, content: bytes | str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableData, match=complaint):
        read_graphs([written(tmp_path, name, content)], OURS)


@pytest.mark.parametrize(
    ("content", "graph", "complaint"),
    [
        ("<urn:a> <urn:p> <urn:b> .", None, "no named graph"),
        ("<urn:a> <urn:p> <urn:b> <https://w3id.org/skillgraph/graph/data/actors> .", None, "curated base"),
        ("<urn:a> <urn:p> <urn:b> .", GRAPH.value, "curated base"),
        ("<urn:a> <urn:p> <urn:b> _:g .", OURS, "blank node for its name"),
        ("_:n <urn:p> <urn:b> <urn:g> .\n_:n <urn:p> <urn:c> <urn:h> .", None, "more than one named graph"),
    ],
)
def test_statements_go_only_where_they_can_stay(
    content: str, graph: str | None, complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(RefusedGraph, match=complaint):
        read_graphs([written(tmp_path, "a.nq", content)], graph)


def test_files_that_share_a_graph_are_joined_and_their_blank_nodes_are_not(tmp_path: Path) -> None:
    one = written(tmp_path, "one.nq", f"_:n <urn:p> <urn:b> <{OURS}> .")
    two = written(tmp_path, "two.ttl", "_:n <urn:q> <urn:b> .")
    lines = read_graphs([one, two], OURS)[OURS].splitlines()
    assert len({line.split(b" ")[0] for line in lines}) == len(lines) == 2
    assert all(b"/.well-known/genid/" in line for line in lines)


def test_loading_again_replaces_the_graph_and_writes_nothing_where_it_is_equal(ledger: Ledger) -> None:
    assert [each.state for each in preview(ledger, {OURS: LINE})] == ["new"]
    assert load(ledger, {OURS: LINE}, "first")
    assert load(ledger, {OURS: LINE}, "again") == []
    changed = LINE.replace(b"urn:b", b"urn:c")
    (outcome,) = preview(ledger, {OURS: LINE + changed})
    assert (outcome.state, outcome.statements, outcome.added, outcome.removed) == ("changed", 2, 1, 0)
    (outcome,) = preview(ledger, {OURS: changed})
    assert (outcome.state, outcome.added, outcome.removed) == ("changed", 1, 1)


def test_a_place_that_is_loaded_falls_under_its_country(ledger: Ledger) -> None:
    """What is loaded counts for the rules like all else."""
    part = f"<urn:town> <https://w3id.org/skillgraph/ns#partOf> <urn:land> <{OURS}> .\n"
    land = f"<urn:land> <https://w3id.org/skillgraph/ns#fallsUnder> <urn:land> <{OURS}> .\n"
    load(ledger, {OURS: (land + part).encode()}, "places")
    derived = ledger.content(ledger.heads()[GRAPH.value].digest)
    assert b"<urn:town> <https://w3id.org/skillgraph/ns#fallsUnder> <urn:land>" in derived


def test_a_dry_run_writes_nothing_and_json_is_json(tmp_path: Path) -> None:
    written(tmp_path, "a.nq", LINE)
    reply = json.loads(run("load", "a.nq", "--dry-run", "--format", "json", folder=tmp_path).stdout)
    assert reply["graphs"] == [{"graph": OURS, "statements": 1, "added": 1, "removed": 0, "state": "new"}]
    assert (reply["version"], reply["dryRun"]) == (0, True)
    failed = run("load", "a.nq", "--graph", "no iri", folder=tmp_path)
    assert failed.returncode == 2
    assert "absolute IRI" in failed.stderr


def test_a_running_service_takes_it_in_and_keeps_it_when_it_starts_again(tmp_path: Path) -> None:
    written(tmp_path, "a.ttl", "<urn:a> <urn:p> <urn:b> .")
    with running_service(folder=tmp_path) as address:
        assert not knows(address)
        assert run("load", "a.ttl", "--graph", OURS, folder=tmp_path).returncode == 0
        deadline = time.monotonic() + PATIENCE
        while not knows(address):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    with running_service(folder=tmp_path) as address:
        assert knows(address)


def knows(address: str) -> bool:
    query = "ASK%20%7B%3Curn:a%3E%20%3Curn:p%3E%20%3Curn:b%3E%7D"
    with urllib.request.urlopen(f"{address}/sparql?query={query}&format=json", timeout=PATIENCE) as reply:
        return bool(json.load(reply)["boolean"])
