"""Whatever is sent is read exactly, knows its place and has stable names; what cannot be read is refused in words."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from skillgraph.contribution.checked import TRIAL_GRAPH, check_upload, validate_file
from skillgraph.contribution.house import house_rules
from skillgraph.contribution.intake import read_rdf, safe_name
from skillgraph.contribution.minting import ENTITIES, mint, segment
from skillgraph.contribution.turtle_places import turtle_lines
from skillgraph.errors import SkillGraphError
from skillgraph.finding import Severity
from skillgraph.graph.memory import MemoryGraph
from skillgraph.ledger import Upload
from skillgraph.rdfio import read_triples
from skillgraph.resources import TurtleFile, turtle_files
from skillgraph.vocabulary import RDF_TYPE, SKOS, term

CASES = Path(__file__).parent / "cases"
UPLOADS = sorted((CASES / "uploads").glob("*.yaml"))
HOUSE = sorted((CASES / "house").iterdir())
FILES = turtle_files("ontology") + turtle_files("shapes") + turtle_files("data")
LABEL = NamedNode(SKOS + "prefLabel")

MAKERS: dict[str, Callable[[Any], bytes]] = {
    "gzip": lambda size: gzip.compress(b"\n" * size, 9),
    "cut": lambda size: gzip.compress(b"<urn:a:a> <urn:a:b> <urn:a:c> .\n" * size)[:-20],
    "latin": lambda text: text.encode("latin-1"),
    "nested": lambda depth: b"<urn:a:a> <urn:a:b> " + b"( " * depth + b") " * depth + b".",
    "statements": lambda count: b"".join(b'<urn:a:%d> <urn:a:b> "x" .\n' % number for number in range(count)),
    "faults": lambda count: b"".join(b'<urn:a:%d> <urn:a:b> "x" .\n' % number for number in range(count)),
}


def stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("path", UPLOADS, ids=stem)
def test_a_file_is_read_or_refused_in_words(path: Path, base: MemoryGraph) -> None:
    case = yaml.safe_load(path.read_text(encoding="utf-8"))
    body = (
        case["body"].encode() if "body" in case else next(MAKERS[name](given) for name, given in case["make"].items())
    )
    upload = Upload(case["name"], body)
    if "error" in case:
        with pytest.raises(SkillGraphError) as caught:
            check_upload(upload, TRIAL_GRAPH, base)
        assert caught.value.kind() == case["error"]
        assert caught.value.remedy.endswith(".")
    else:
        report = check_upload(upload, TRIAL_GRAPH, base)
        assert {each.rule.rsplit("/", 1)[-1] for each in report.findings} == set(case["rules"])
        for severity, count in case.get("counts", {}).items():
            assert report.counts[Severity(severity)] == count
            assert report.left_out == sum(report.counts.values()) - len(report.findings)


def test_every_house_rule_has_its_case() -> None:
    in_workbooks, in_forms = {"formula"}, {"record-to-find", "nameless-record"}  # tests/test_sheets.py, test_forms.py
    assert {path.name for path in HOUSE} == set(house_rules()) - in_workbooks - in_forms


@pytest.mark.parametrize("path", HOUSE, ids=stem)
def test_a_house_rule_fires_where_it_should_and_only_there(path: Path, base: MemoryGraph) -> None:
    rule = house_rules()[path.name]
    (fires,), (still,) = path.glob("fires.*"), path.glob("silent.*")
    fired = [each for each in validate_file(fires, base).findings if each.rule == path.name]
    if fires.suffix == ".ttl":
        lines = fires.read_text(encoding="utf-8").splitlines()
        stated = {number for number, line in enumerate(lines, 1) if not line.startswith("@prefix")}
        assert {each.place.line for each in fired} == stated
    else:
        assert [bool(each.place.cell) for each in fired] == [True]
    assert {each.severity for each in fired} == {rule.severity}
    silent = validate_file(still, base).findings
    assert [each for each in silent if each.rule == path.name] == []


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_house_rules_speak_three_languages(language: str) -> None:
    for rule in house_rules().values():
        assert rule.messages[language].endswith(".")
        assert ("{value}" in rule.messages[language]) == ("{value}" in rule.messages["en"])
    assert len({rule.messages[language] for rule in house_rules().values()}) == len(house_rules())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.key)
def test_each_statement_of_a_file_has_its_line(file: TurtleFile) -> None:
    lines = turtle_lines(file.path.read_text(encoding="utf-8"), ENTITIES)
    written = [each for each in read_triples(file.path) if isinstance(each.subject, NamedNode)]
    pairs = {(str(each.subject).strip("<>"), each.predicate.value) for each in written}
    assert {pair for pair in lines if pair[1]} == pairs


TRICKY = '''# A comment; with . signs
@prefix : <https://example.org/> .
PREFIX ex: <https://example.org/>
@base <https://example.org/base/> .
:a ex:b "one ; two . three",
        """long
"text" . """ ;
   ex:c [ ex:d :e ; ex:f ( :g [ ex:h 1.5 ] ) ] .
<rel> a ex:Thing.
ex:x.y ex:p\\,q true ; .
[] ex:b 1 .
'''


def test_lines_are_found_in_a_tricky_text() -> None:
    example = "https://example.org/"
    lines = turtle_lines(TRICKY, "https://unused.example/")
    short = {tuple(iri.removeprefix(example) for iri in pair): line for pair, line in lines.items()}
    assert short == {
        ("a", ""): 5,
        ("a", "b"): 5,
        ("a", "c"): 8,
        ("base/rel", ""): 9,
        ("base/rel", RDF_TYPE.value): 9,
        ("x.y", ""): 10,
        ("x.y", "p,q"): 10,
    }  # fmt: skip


GOOD = [
    Triple(NamedNode(ENTITIES + "actor/x"), RDF_TYPE, term("Actor")),
    Triple(NamedNode(ENTITIES + "actor/x"), LABEL, Literal("Ministry", language="en")),
    Triple(BlankNode("b"), RDF_TYPE, term("Scheme")),
    Triple(BlankNode("b"), LABEL, Literal("Nurses for everybody", language="en")),
]
ENDINGS = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".jsonld": RdfFormat.JSON_LD,
    ".rdf": RdfFormat.RDF_XML,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_says_the_same(ending: str, packed: bool) -> None:
    body = serialize(GOOD, format=ENDINGS[ending]) or b""
    name = f"data{ending}.gz" if packed else f"data{ending}"
    intake = read_rdf(Upload(name, gzip.compress(body) if packed else body), TRIAL_GRAPH)
    assert set(intake.triples) == set(mint(GOOD, TRIAL_GRAPH))


def test_a_record_without_an_iri_has_a_name_that_stays() -> None:
    named = {each.subject for each in mint(GOOD, TRIAL_GRAPH)}
    more = [*reversed(GOOD), Triple(BlankNode("other"), RDF_TYPE, term("Actor"))]
    assert named < {each.subject for each in mint(more, TRIAL_GRAPH)}
    (scheme,) = (str(each) for each in named if "scheme" in str(each))
    assert scheme.startswith(f"<{ENTITIES}scheme/nurses-for-everybody-")
    assert named != {each.subject for each in mint(GOOD, NamedNode(TRIAL_GRAPH.value + "2"))}


BLANKS = st.integers(0, 3).map(lambda number: BlankNode(f"b{number}"))
VALUES = st.sampled_from(["a", "b"]).map(lambda text: Literal(text, language="en"))
STATEMENTS = st.builds(Triple, BLANKS, st.just(LABEL), VALUES) | st.builds(
    Triple, BLANKS, st.just(NamedNode("urn:p")), BLANKS
)


@given(st.lists(STATEMENTS, max_size=6), st.permutations(range(4)))
@settings(max_examples=300, deadline=None)
def test_names_do_not_depend_on_order_or_on_how_blank_nodes_are_called(triples: list[Triple], names: list[int]) -> None:
    def renamed(term: object) -> object:
        return BlankNode(f"n{names[int(term.value[1:])]}") if isinstance(term, BlankNode) else term

    others = [Triple(renamed(each.subject), each.predicate, renamed(each.object)) for each in reversed(triples)]  # type: ignore[arg-type]
    minted = set(mint(triples, TRIAL_GRAPH))
    assert minted == set(mint(others, TRIAL_GRAPH))
    assert not any(isinstance(node, BlankNode) for each in minted for node in (each.subject, each.object))
    blank = {each.subject for each in triples} | {each.object for each in triples if isinstance(each.object, BlankNode)}
    made = {each.subject for each in minted} | {each.object for each in minted if isinstance(each.object, NamedNode)}
    assert len(made) == len(blank)


def test_the_segments_of_names_are_those_of_the_base(base: MemoryGraph) -> None:
    from skillgraph.graph import Query

    rows = base.select(Query("SELECT DISTINCT ?record ?class { ?record a ?class }"))
    told = {
        (row["class"], str(row["record"]).strip("<>").removeprefix(ENTITIES).split("/")[0])
        for row in rows
        if str(row["record"]).startswith(f"<{ENTITIES}")
    }
    assert told
    assert all(segment(kind) == used for kind, used in told)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("data.ttl", "data.ttl"),
        ("../../etc/passwd", "passwd"),
        ("C:\\\\Users\\\\x\\\\data.ttl", "data.ttl"),
        (".hidden", "hidden"),
        ("a\\nb\\u202e<img>.ttl", "a_b_img_.ttl"),
        ("", "file"),
    ],
)
def test_the_name_of_a_file_is_only_a_name(name: str, safe: str) -> None:
    assert safe_name(name.encode().decode("unicode_escape")) == safe
