"""Turtle files stand in their one form, and queries parse and name only what exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Store

from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.resources import query_files, root
from skillgraph.vocabulary import BASE, TERMS, prefix_lines

KINDS = ("ontology", "shapes", "data")
QUERIES = query_files("")
NOT_NAMES = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|(?<![\w<>/#:.])#[^\n]*")
PREFIX = re.compile(r"PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
SHORT = re.compile(r"(?<![\w?$:<-])([A-Za-z][\w-]*|):([A-Za-z_][\w-]*(?:[.][\w-]+)*)")


def query_name(path: Path) -> str:
    return path.relative_to(root() / "queries").with_suffix("").as_posix()


def full_text(path: Path) -> str:
    """Return a query as it is run; the editor puts the prefixes before an example."""
    text = path.read_text(encoding="utf-8")
    return prefix_lines() + text if path.parent.name == "examples" else text


def iris_of_ours(text: str) -> set[str]:
    bare = NOT_NAMES.sub("", text)
    prefixes = dict(PREFIX.findall(bare))
    body = PREFIX.sub("", bare)
    full = {match for match in re.findall(r"<([^<>\s]*)>", body) if match.startswith(BASE)}
    short = {prefixes[prefix] + name for prefix, name in SHORT.findall(re.sub(r"<[^<>\s]*>", "", body))}
    return full | {iri for iri in short if iri.startswith(BASE)}


def test_every_turtle_file_is_in_its_one_form() -> None:
    program = shutil.which("turtlefmt", path=str(Path(sys.executable).parent)) or shutil.which("turtlefmt")
    assert program, "turtlefmt is not installed: pip install --group dev"
    result = subprocess.run(
        [program, "--check", *KINDS], cwd=root(), capture_output=True, text=True, timeout=120, check=False
    )
    wrong = re.findall(r"The format of (\S+) is not correct", result.stdout + result.stderr)
    assert not wrong, f"not in their one form (run: make format): {', '.join(sorted(wrong))}"
    assert result.returncode == 0, result.stderr


def test_there_are_queries() -> None:
    assert {path.parent.name for path in QUERIES} >= {"checks", "examples", "pages", "partnership", "equivalence"}


@pytest.mark.parametrize("path", QUERIES, ids=query_name)
def test_a_query_parses_and_begins_with_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.match(r"#\+? \S", text), "begin with a comment that says what the query is for"
    Store().query(full_text(path))


@pytest.mark.parametrize("path", QUERIES, ids=query_name)
def test_a_query_names_only_terms_and_codes_that_exist(path: Path, base: MemoryGraph) -> None:
    described = {
        each for each in iris_of_ours(full_text(path)) if each.startswith(f"{BASE}.well-known/") or each == TERMS
    }
    for iri in sorted(iris_of_ours(full_text(path)) - described):
        said = "rdfs:isDefinedBy" if iri.startswith(TERMS) else "?said"
        named = NamedNode(iri)
        known = Query(f"{prefix_lines()} ASK {{ {{ {named} {said} ?anything }} UNION {{ GRAPH {named} {{}} }} }}")
        assert base.ask(known), f"{iri} is not in the graph"


def test_names_in_a_query_are_found_wherever_they_stand() -> None:
    text = """# sg:InComment
    PREFIX sg: <https://w3id.org/skillgraph/ns#>
    PREFIX kind: <https://w3id.org/skillgraph/code/event-kind/>
    SELECT ?sg WHERE { ?x a sg:One;sg:two/sg:three* "sg:InText" ; a|^sg:four kind:entered-into-force.
      FILTER(?x != <https://w3id.org/skillgraph/code/theme> && STRSTARTS(STR(?x), STR(sg:))) # sg:InComment
    }"""
    terms = {TERMS + name for name in ("One", "two", "three", "four")}
    codes = {BASE + "code/event-kind/entered-into-force", BASE + "code/theme"}
    assert iris_of_ours(text) == terms | codes
