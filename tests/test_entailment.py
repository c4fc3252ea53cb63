"""The rules derive what answers rely on, in a graph of their own, and nothing about qualifications."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, RdfFormat, parse

from skillgraph.baseline import base_files, publish_base
from skillgraph.entailment import GRAPH, Derivation, entailed, entailment_rules, explain
from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.ledger import Change, Revision, digest_of, open_ledger
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.resources import TurtleFile
from skillgraph.settings import Settings
from skillgraph.vocabulary import RDF_TYPE, RDFS_SUBCLASS_OF, TERMS, graph_iri, term

FILE = """
@prefix sg: <https://w3id.org/skillgraph/ns#> .
@prefix x: <https://example.org/> .
x:city a sg:SubnationalUnit ; sg:partOf x:land .
x:land a sg:SubnationalUnit ; sg:partOf x:country .
"""


def contents(folder: Path, text: str) -> list[bytes]:
    path = folder / "case.ttl"
    path.write_text(text, encoding="utf-8")
    ontology = Path(__file__).parent.parent / "ontology" / "jurisdiction.ttl"
    return [canonical_nquads(read_triples(each), graph_iri(each.stem)) for each in (path, ontology)]


def derived(nquads: bytes) -> set[tuple[str, str]]:
    quads = list(parse(nquads, format=RdfFormat.N_QUADS))
    assert {quad.graph_name for quad in quads} <= {GRAPH}
    assert {quad.predicate for quad in quads} <= {term("fallsUnder")}
    return {tuple(str(each).rpartition("/")[2].strip(">") for each in (q.subject, q.object)) for q in quads}  # type: ignore[misc]


def test_a_place_falls_under_itself_and_all_above(tmp_path: Path) -> None:
    pairs = {("city", "city"), ("city", "land"), ("land", "land")}
    assert derived(entailed(contents(tmp_path, FILE))) == pairs
    upwards = {("country", "country"), ("city", "country"), ("land", "country")}
    assert derived(entailed(contents(tmp_path, FILE + "x:country a sg:Country ."))) == pairs | upwards


def test_a_circle_of_places_ends_and_is_explained(tmp_path: Path) -> None:
    text = FILE + "x:country a sg:Country ; sg:partOf x:city ."
    stated = contents(tmp_path, text)
    found = entailed(stated)
    assert len(derived(found)) == 9
    reason = explain(
        MemoryGraph(0, [*stated, found]),
        (NamedNode("https://example.org/city"), term("fallsUnder"), NamedNode("https://example.org/country")),
    )
    assert reason is not None
    assert [each.name for each in entailment_rules()] == ["itself", "upwards"]
    assert reason.rule is entailment_rules()[1]
    assert reason.premises[0].graphs == ("https://w3id.org/skillgraph/graph/case",)


def test_everything_derived_on_the_base_is_explained(base: MemoryGraph) -> None:
    rows = base.select(Query("SELECT ?graph ?s ?p ?o { GRAPH ?graph { ?s ?p ?o } }", {"graph": GRAPH}))
    assert len(rows) > 2000
    for row in rows[:: len(rows) // 50]:
        subject, predicate, value = row["s"], row["p"], row["o"]
        assert isinstance(subject, NamedNode)
        assert isinstance(predicate, NamedNode)
        assert isinstance(value, NamedNode)
        reason = explain(base, (subject, predicate, value))
        assert reason is not None
        assert reason.rule is not None


def test_the_ledger_keeps_what_is_derived_up_to_date(tmp_path: Path) -> None:
    ledger = open_ledger(Settings(home=tmp_path).ledger_url)
    ontology = TurtleFile("ontology/jurisdiction", Path(__file__).parent.parent / "ontology" / "jurisdiction.ttl")
    path = tmp_path / "case.ttl"
    for text, count in ((FILE, 3), (FILE + "x:country a sg:Country .", 6), ("", 0)):
        path.write_text(text, encoding="utf-8")
        publish_base(ledger, [ontology, TurtleFile("data/case", path)])
        assert len(derived(ledger.content(ledger.heads()[GRAPH.value].digest))) == count
        before = ledger.version()
        publish_base(ledger, [ontology, TurtleFile("data/case", path)])
        assert ledger.version() == before


def test_the_rules_read_no_more_than_they_say() -> None:
    """A premise that a rule reads but does not name would go missing; over the whole base none does."""
    files = base_files()
    contents = [canonical_nquads(read_triples(file.path), graph_iri(file.key)) for file in files]
    graph = MemoryGraph(0, [*contents, entailed(contents)])
    for rule in entailment_rules():
        concluded = {(row["subject"], row["predicate"], row["object"]) for row in graph.select(Query(rule.text))}
        assert len(concluded) > 100
        rows = graph.select(Query("SELECT ?s ?o WHERE { ?s <https://w3id.org/skillgraph/ns#fallsUnder> ?o }"))
        assert concluded <= {(row["s"], term("fallsUnder"), row["o"]) for row in rows}


PLACES = [f"<https://example.org/{name}>" for name in "abcdef"]
PREMISES = [
    *(f"{place} <{RDF_TYPE.value}> <{TERMS}{kind}>" for place in PLACES for kind in ("Country", "Scheme")),
    *(f"{one} <{TERMS}partOf> {other}" for one in PLACES for other in PLACES if one != other),
    *(f"{one} <{TERMS}fallsUnder> {other}" for one in PLACES[:2] for other in PLACES[2:4]),
    f"<{TERMS}Scheme> <{RDFS_SUBCLASS_OF.value}> <{TERMS}Jurisdiction>",
]


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sets(st.sampled_from(PREMISES), max_size=8)), max_size=8))
def test_what_is_derived_step_by_step_is_what_is_derived_at_once(steps: list[tuple[str, set[str]]]) -> None:
    jurisdiction = Path(__file__).parent.parent / "ontology" / "jurisdiction.ttl"
    published = Heads()
    graphs = {"ontology": canonical_nquads(read_triples(jurisdiction), graph_iri("ontology"))}
    published.take("ontology", graphs["ontology"])
    derivation = Derivation(lambda digests: [(each, published.kept[each]) for each in digests])
    for number, (name, premises) in enumerate(steps):
        nquads = "".join(f"{each} {graph_iri(name)} .\n" for each in sorted(premises)).encode()
        (change,) = derivation.change(published, [Change(name, nquads, "")])
        assert change.nquads == entailed([*(kept for graph, kept in graphs.items() if graph != name), nquads])
        if number % 3 != 2:  # others are given up after this
            graphs[name] = nquads
            published.take(name, nquads)


class Heads(dict[str, Revision]):
    """A ledger for tests."""

    def __init__(self) -> None:
        super().__init__()
        self.version = 0
        self.kept: dict[str, bytes] = {}

    def take(self, graph: str, nquads: bytes) -> None:
        self.version += 1
        self.kept[digest_of(nquads)] = nquads
        self[graph] = Revision(1, self.version, graph, digest_of(nquads), None, "", None, "", None, None, "")

    def since(self, version: int) -> list[Revision]:
        return [each for each in self.values() if each.version > version]
