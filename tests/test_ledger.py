"""The ledger: what is published enters once, is never changed, and survives whatever happens to a process or a file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from skillgraph import ledger as package
from skillgraph.baseline import publish_base
from skillgraph.errors import LedgerFault, UnreadableData
from skillgraph.ledger import Change, Ledger, open_database, open_ledger
from skillgraph.ledger.schema import MIGRATION, metadata
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.resources import TurtleFile
from skillgraph.settings import Settings
from skillgraph.vocabulary import graph_iri

GRAPH = "https://example.org/graph"


def nquads(value: int, graph: str = GRAPH) -> bytes:
    return f'<urn:s> <urn:p> "{value}" <{graph}> .\n'.encode()


def write(ledger: Ledger, *contents: bytes, graph: str = GRAPH) -> None:
    for content in contents:
        ledger.publish("tester", lambda _, content=content: [Change(graph, content, "message")])  # type: ignore[misc]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def ledger(database: str) -> Ledger:
    """Return an empty ledger, in a database of each kind in turn."""
    return open_ledger(database)


@pytest.fixture
def file(home: Path) -> Ledger:
    """Return an empty ledger in a file that the test looks into."""
    return open_ledger(Settings(home=home).ledger_url)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Return a folder with two Turtle files."""
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "one.ttl").write_text("<urn:one> <urn:is> 1 .\n", encoding="utf-8")
    (folder / "two.ttl").write_text("<urn:two> <urn:is> 2 .\n", encoding="utf-8")
    return folder


def files(folder: Path) -> list[TurtleFile]:
    return [TurtleFile(f"data/{path.stem}", path) for path in sorted(folder.glob("*.ttl"))]


def test_the_newest_migration_is_the_one_the_code_knows() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [MIGRATION]


def test_the_migrations_make_the_tables_the_code_declares(database: str) -> None:
    engine = open_database(database)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    remarks = {"modify_comment"}  # on columns, which only PostgreSQL would keep
    assert [each for each in differences if not (isinstance(each, list) and each[0][0] in remarks)] == []


def test_a_new_ledger_is_empty(ledger: Ledger) -> None:
    assert (ledger.version(), ledger.heads(), ledger.since(0)) == (0, {}, [])


def test_a_revision_says_who_what_when_and_what_it_replaces(ledger: Ledger) -> None:
    write(ledger, nquads(1), nquads(2))
    first, second = ledger.since(0)
    assert (first.version, first.replaces, second.version, second.replaces) == (1, None, 2, 1)
    assert (second.graph, second.author, second.message, second.reviewer) == (GRAPH, "tester", "message", None)
    assert second.made_at.endswith("+00:00")
    assert ledger.content(first.digest) == nquads(1)
    assert ledger.content(second.digest) == nquads(2)
    assert ledger.heads() == {GRAPH: second}
    assert ledger.since(1) == [second]


def test_equal_content_is_no_revision(ledger: Ledger) -> None:
    write(ledger, nquads(1), nquads(1))
    assert ledger.version() == 1


def test_content_that_comes_back_is_a_revision_and_is_kept_once(file: Ledger, home: Path) -> None:
    write(file, nquads(1), nquads(2), nquads(1))
    revisions = file.since(0)
    assert [revision.version for revision in revisions] == [1, 2, 3]
    assert revisions[0].digest == revisions[2].digest
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        assert connection.execute("SELECT COUNT(*) FROM content").fetchone() == (2,)
    connection.close()


def test_withdrawing_is_a_revision_and_withdrawing_nothing_is_none(ledger: Ledger) -> None:
    write(ledger, b"")
    assert ledger.version() == 0
    write(ledger, nquads(1), b"", b"")
    assert ledger.version() == 2
    assert ledger.content(ledger.heads()[GRAPH].digest) == b""


def test_a_decision_that_fails_leaves_nothing(ledger: Ledger) -> None:
    def decide(_: object) -> list[Change]:
        raise UnreadableData("No.", "None.")

    with pytest.raises(UnreadableData):
        ledger.publish("tester", decide)
    assert ledger.version() == 0
    write(ledger, nquads(1))
    assert ledger.version() == 1


def test_the_base_enters_once(ledger: Ledger, database: str, base: Path) -> None:
    revisions = publish_base(ledger, files(base))
    assert [revision.graph for revision in revisions] == [graph_iri("data/one").value, graph_iri("data/two").value]
    assert ledger.content(revisions[0].digest) == canonical_nquads(
        read_triples(base / "one.ttl"), graph_iri("data/one")
    )
    assert publish_base(ledger, files(base)) == []
    assert publish_base(open_ledger(database), files(base)) == []
    assert ledger.version() == 1


def test_a_changed_file_is_one_revision(ledger: Ledger, base: Path) -> None:
    publish_base(ledger, files(base))
    (base / "one.ttl").write_text("<urn:one> <urn:is> 11 .\n", encoding="utf-8")
    (revision,) = publish_base(ledger, files(base))
    assert (revision.graph, revision.replaces) == (graph_iri("data/one").value, 1)
    assert b'"11"' in ledger.content(revision.digest)


def test_a_file_that_only_reads_differently_changes_no_content(ledger: Ledger, base: Path) -> None:
    publish_base(ledger, files(base))
    (base / "one.ttl").write_text("# A comment.\n<urn:one>\n  <urn:is> 1 .\n", encoding="utf-8")
    (revision,) = publish_base(ledger, files(base))
    assert revision.digest == ledger.since(0)[0].digest
    assert publish_base(ledger, files(base)) == []


def test_a_removed_file_is_withdrawn_and_comes_back(ledger: Ledger, base: Path) -> None:
    publish_base(ledger, files(base))
    (base / "two.ttl").rename(base / "two.aside")
    (withdrawn,) = publish_base(ledger, files(base))
    assert ledger.content(withdrawn.digest) == b""
    assert publish_base(ledger, files(base)) == []
    (base / "two.aside").rename(base / "two.ttl")
    (restored,) = publish_base(ledger, files(base))
    assert (restored.replaces, restored.digest) == (withdrawn.id, ledger.since(0)[1].digest)


def test_the_base_leaves_graphs_of_others_alone(ledger: Ledger, base: Path) -> None:
    write(ledger, nquads(1))
    publish_base(ledger, files(base))
    assert ledger.content(ledger.heads()[GRAPH].digest) == nquads(1)


def test_a_broken_file_of_the_base_publishes_nothing_of_it(ledger: Ledger, base: Path) -> None:
    (base / "two.ttl").write_text("<urn:two> <urn:is> .\n", encoding="utf-8")
    with pytest.raises(UnreadableData, match=r"two\.ttl cannot be parsed at line 1"):
        publish_base(ledger, files(base))
    assert ledger.version() == 0


def test_content_is_held_against_its_digest(file: Ledger, home: Path) -> None:
    write(file, nquads(1))
    digest = file.heads()[GRAPH].digest
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        connection.execute("UPDATE content SET nquads = ?", (nquads(2),))
    connection.close()
    with pytest.raises(LedgerFault, match="damaged"):
        file.content(digest)
    with pytest.raises(LedgerFault, match="missing"):
        file.content("0" * 64)


def damage(ledger: Path) -> None:
    ledger.write_bytes(b"This is not a database. " * 100)


def truncate(ledger: Path) -> None:
    ledger.write_bytes(ledger.read_bytes()[:5000])


def make_newer(ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def lose_a_table(ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute("DROP TABLE revision")
    connection.close()


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (damage, "damaged"),
        (truncate, "damaged"),
        (make_newer, "written by a newer SkillGraph"),
        (lose_a_table, "no such table"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_left_as_it_is(home: Path, harm: object, complaint: str) -> None:
    assert callable(harm)
    write(open_ledger(Settings(home=home).ledger_url), *(nquads(value) for value in range(9)))
    harm(home / "ledger.sqlite")
    before = (home / "ledger.sqlite").read_bytes()
    with pytest.raises(LedgerFault, match=complaint) as caught:
        open_ledger(Settings(home=home).ledger_url).heads()
    assert "SKILLGRAPH_HOME" in caught.value.remedy
    assert (home / "ledger.sqlite").read_bytes() == before


def test_a_folder_in_the_place_of_the_ledger_is_named(home: Path) -> None:
    (home / "ledger.sqlite").mkdir(parents=True)
    with pytest.raises(LedgerFault, match="cannot be opened") as caught:
        open_ledger(Settings(home=home).ledger_url)
    assert "SKILLGRAPH_HOME" in caught.value.remedy
    assert list(home.iterdir()) == [home / "ledger.sqlite"]


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(LedgerFault, match="cannot be created") as caught:
            open_ledger(Settings(home=home).ledger_url)
        assert "SKILLGRAPH_HOME" in caught.value.remedy


@pytest.fixture
def guest() -> Iterator[Path]:
    """Return a folder that others may read; the test runs as somebody who may not write there."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_ledger(Settings(home=folder).ledger_url)
        (folder / "ledger.sqlite").chmod(0o444)
        folder.chmod(0o555)
        superuser = os.geteuid() == 0
        if superuser:
            os.seteuid(65534)
        yield folder
        if superuser:
            os.seteuid(0)
        folder.chmod(0o700)


def test_a_folder_that_may_not_be_written_is_named(guest: Path) -> None:
    with pytest.raises(LedgerFault, match="cannot be opened for writing") as caught:
        write(open_ledger(Settings(home=guest).ledger_url), nquads(1))
    assert "SKILLGRAPH_HOME" in caught.value.remedy
    with pytest.raises(LedgerFault, match="cannot be created"):
        open_ledger(Settings(home=guest / "home").ledger_url)


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%b", "a%20b", "été", "a'b", "a&mode=ro"])
def test_the_ledger_lies_in_its_home_whatever_its_name(tmp_path: Path, name: str) -> None:
    write(open_ledger(Settings(home=tmp_path / name).ledger_url), nquads(1))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "ledger.sqlite").stat().st_size > 0
    assert open_ledger(Settings(home=tmp_path / name).ledger_url).version() == 1


PUBLISH = """
import sys
from pathlib import Path
from skillgraph.baseline import publish_base
from skillgraph.ledger import open_ledger
from skillgraph.resources import TurtleFile
print("ready", flush=True)
sys.stdin.readline()
files = [TurtleFile(f"data/{path.stem}", path) for path in sorted(Path(sys.argv[2]).glob("*.ttl"))]
publish_base(open_ledger(sys.argv[1]), files)
"""


def test_processes_that_start_at_once_make_no_revision_twice(database: str, base: Path) -> None:
    url = database
    command = [sys.executable, "-c", PUBLISH, url, str(base)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
    assert [revision.graph for revision in open_ledger(url).since(0)] == [
        graph_iri("data/one").value,
        graph_iri("data/two").value,
    ]


DIE = """
import os, signal, sys
from skillgraph.ledger import Change, open_ledger

class Changes(list):
    def __iter__(self):
        yield Change("urn:one", b'<urn:s> <urn:p> "new" <urn:one> .\\n', "half of it")
        os.kill(os.getpid(), signal.SIGKILL)

open_ledger(sys.argv[1]).publish("tester", lambda _: Changes())
"""


def test_a_process_that_dies_while_it_publishes_leaves_nothing_half_done(file: Ledger, home: Path) -> None:
    write(file, nquads(1))
    url = Settings(home=home).ledger_url
    result = subprocess.run([sys.executable, "-c", DIE, url], check=False, timeout=60)
    assert result.returncode == -signal.SIGKILL
    assert open_ledger(url).version() == 1
    with sqlite3.connect(home / "ledger.sqlite") as connection:
        assert connection.execute("SELECT COUNT(*) FROM content").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    write(file, nquads(2))
    assert file.version() == 2


IRIS = st.sampled_from(["urn:a", "urn:b", "https://example.org/é", "https://example.org/x#y"]).map(NamedNode)
BLANKS = st.integers(0, 3).map(lambda number: BlankNode(f"b{number}"))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
LITERALS = (
    TEXTS.map(Literal)
    | st.tuples(TEXTS, st.sampled_from(["en", "de", "ar"])).map(lambda pair: Literal(pair[0], language=pair[1]))
    | st.integers().map(Literal)
    | TEXTS.map(lambda text: Literal(text, datatype=NamedNode("urn:type")))
)
STATEMENTS = st.builds(Triple, IRIS | BLANKS, IRIS, IRIS | BLANKS | LITERALS)
QUOTING = st.builds(Triple, IRIS | BLANKS, IRIS, STATEMENTS)
TRIPLES = st.lists(STATEMENTS | QUOTING, max_size=8)


@given(TRIPLES, st.randoms(use_true_random=False), st.permutations(range(4)))
@settings(max_examples=300, deadline=None)
def test_order_and_names_of_blank_nodes_do_not_matter(triples: list[Triple], random: Random, names: list[int]) -> None:
    shuffled = [renamed(triple, names) for triple in triples] + [renamed(triple, names) for triple in triples[:2]]
    random.shuffle(shuffled)
    assert canonical_nquads(triples, NamedNode(GRAPH)) == canonical_nquads(shuffled, NamedNode(GRAPH))


def renamed(triple: Triple, names: list[int]) -> Triple:
    value = triple.object
    if isinstance(value, Triple):
        value = renamed(value, names)
    elif isinstance(value, BlankNode):
        value = other_name(value, names)
    subject = other_name(triple.subject, names) if isinstance(triple.subject, BlankNode) else triple.subject
    return Triple(subject, triple.predicate, value)


def other_name(node: BlankNode, names: list[int]) -> BlankNode:
    return BlankNode(f"n{names[int(node.value[1:])]}")


@given(TRIPLES)
@settings(max_examples=300, deadline=None)
def test_what_is_written_reads_the_same(triples: list[Triple]) -> None:
    written = canonical_nquads(triples, NamedNode(GRAPH))
    read = list(parse(written, format=RdfFormat.N_QUADS))
    assert all(quad.graph_name == NamedNode(GRAPH) for quad in read)
    assert {type(node) for quad in read for node in (quad.subject, quad.object)} <= {NamedNode, Literal, Triple}
    assert canonical_nquads((quad.triple for quad in read), NamedNode(GRAPH)) == written
    assert written == b"".join(sorted(set(written.splitlines(keepends=True))))


def test_names_given_to_blank_nodes_before_stay_apart_from_new_ones() -> None:
    """A contributor downloads a graph, adds a blank node and sends it again."""
    statement = Triple(BlankNode("x"), NamedNode("urn:p"), Literal("old"))
    first = canonical_nquads([statement], NamedNode(GRAPH))
    (named,) = [quad.triple for quad in parse(first, format=RdfFormat.N_QUADS)]
    added = Triple(BlankNode("x"), NamedNode("urn:p"), Literal("new"))
    second = canonical_nquads([named, added], NamedNode(GRAPH))
    subjects = {quad.subject for quad in parse(second, format=RdfFormat.N_QUADS)}
    assert len(subjects) == 2
    assert named.subject in subjects
