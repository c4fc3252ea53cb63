"""The command line: what it prints, in which form, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the program in a folder as a person would."""
    command = [sys.executable, "-m", "skillgraph", *arguments]
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    "command", ["serve", "query", "ask", "validate", "load", "top", "explain", "coverage", "check", "mcp", "search"]
)
def test_every_command_explains_itself_with_an_example(command: str, tmp_path: Path) -> None:
    result = run(command, "--help", folder=tmp_path)
    assert result.returncode == 0
    assert f"Example: skillgraph {command}" in " ".join(result.stdout.split())
    assert command in run("--help", folder=tmp_path).stdout


def test_help_loads_no_heavy_library() -> None:
    code = "import sys, skillgraph.cli.group; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"pyoxigraph", "rdflib", "flask", "sqlalchemy"} & set(loaded) == set()


def test_query_prints_csv(tmp_path: Path) -> None:
    text = "SELECT (COUNT(*) AS ?n) WHERE { ?s a sg:Country }"
    result = run("query", text, "--format", "csv", folder=tmp_path)
    assert result.returncode == 0
    assert next(csv.DictReader(io.StringIO(result.stdout)))["n"] == "252"


def test_query_reads_files_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "ask.rq").write_text("ASK { country:KEN a sg:Country }", encoding="utf-8")
    assert run("query", "ask.rq", folder=tmp_path).stdout == "yes\n"
    assert run("query", "-", folder=tmp_path, stdin="ASK { country:KEN a sg:Scheme }").stdout == "no\n"


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("SELECT * WHERE { ?s ?p }", "Line 1, column 18"),
        ("ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("missing.rq", "neither a query nor a file"),
    ],
)
def test_a_bad_query_is_explained(query: str, complaint: str, tmp_path: Path) -> None:
    result = run("query", query, folder=tmp_path)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_ask_prints_json(tmp_path: Path) -> None:
    given = ("occupation=isco:C2221", "origin=country:PHL", "destination=country:DEU")
    result = run("ask", "partnership", *given, "--format", "json", folder=tmp_path)
    assert result.returncode == 0
    document = json.loads(result.stdout)
    assert document["given"]["origin"]["text"] == "Philippines"
    assert document["parts"][0]["part"] == "safeguards"


def test_ask_without_arguments_lists_the_questions(tmp_path: Path) -> None:
    result = run("ask", folder=tmp_path)
    assert "partnership" in result.stdout
    assert "equivalence" in result.stdout


def test_ask_names_what_is_missing(tmp_path: Path) -> None:
    result = run("ask", "partnership", "occupation=isco:C2221", folder=tmp_path)
    assert result.returncode == 2
    assert "origin" in result.stderr


GOOD = """@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix sg: <https://w3id.org/skillgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<https://w3id.org/skillgraph/id/corridor/test> a sg:Corridor ; skos:prefLabel "Kenya to Fiji"@en ;
    sg:hasOrigin country:KEN ; sg:hasDestination country:FJI .
"""


def test_validate_accepts_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text(GOOD, encoding="utf-8")
    result = run("validate", "good.ttl", folder=tmp_path)
    assert (result.returncode, result.stdout) == (0, "good.ttl: nothing to mend.\n")


def test_validate_says_what_to_mend(tmp_path: Path) -> None:
    (tmp_path / "bad.ttl").write_text(
        GOOD.replace("sg:hasDestination country:FJI", "sg:hasGoal country:FJI"), encoding="utf-8"
    )
    result = run("validate", "bad.ttl", "--format", "json", folder=tmp_path)
    assert result.returncode == 1
    rules = {finding["rule"].rsplit("/", 1)[-1] for finding in json.loads(result.stdout)["findings"]}
    assert rules == {"undeclared-term", "Corridor-hasDestination"}


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("broken.ttl", b"<a:b> <a:c> .\n", "line 1, column"),
        ("latin.ttl", b'<a:b> <a:c> "\xe9" .\n', "UTF-8"),
        ("empty.ttl", b"", "no statements"),
        ("sheet.docx", b"", "names no RDF format"),
    ],
)
def test_validate_explains_a_file_it_cannot_read(name: str, content: bytes, complaint: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    result = run("validate", name, folder=tmp_path)
    assert result.returncode == 2
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr


def test_validate_explains_a_missing_file(tmp_path: Path) -> None:
    result = run("validate", "nowhere.ttl", folder=tmp_path)
    assert result.returncode == 2
    assert "cannot be read" in result.stderr


def test_check_finds_nothing_to_mend_in_what_is_published(tmp_path: Path) -> None:
    result = run("check", "--no-reasoner", "--format", "json", folder=tmp_path)
    findings = json.loads(result.stdout)["findings"]
    assert [finding for finding in findings if finding["severity"] == "violation"] == []
    assert result.returncode == 0


def test_explain_shows_the_rule_and_what_it_rests_on(tmp_path: Path) -> None:
    result = run("explain", "isco:C2221", "sg:fallsUnder", "isco:C2", "--format", "json", folder=tmp_path)
    reason = json.loads(result.stdout)
    assert result.returncode == 0
    assert (reason["rule"], reason["graphs"]) == ("upwards", [])
    broader, above = reason["premises"]
    assert broader["predicate"] == "http://www.w3.org/2004/02/skos/core#broader"
    assert broader["graphs"] == ["https://w3id.org/skillgraph/graph/data/codes/isco08"]
    assert above["rule"] == "upwards"
    text = run("explain", "isco:C2221", "sg:fallsUnder", "isco:C2", folder=tmp_path).stdout
    assert "  isco:C2221 skos:broader isco:C222\n    stated in graph:data/codes/isco08\n" in text


def test_explain_names_graph_and_source_of_what_is_stated(tmp_path: Path) -> None:
    result = run("explain", "id:actor/giz", "skos:altLabel", '"GIZ"', folder=tmp_path)
    assert result.returncode == 0
    assert "stated in graph:data/actors" in result.stdout
    assert "source id:source/" in result.stdout


def test_explain_says_when_there_is_nothing_to_explain(tmp_path: Path) -> None:
    result = run("explain", "isco:C2221", "sg:fallsUnder", "isco:C3221", folder=tmp_path)
    assert result.returncode == 1
    assert "does not follow that it is false" in result.stdout
    for wrong in ('"open', "a b"):
        result = run("explain", "isco:C2221", "sg:fallsUnder", wrong, folder=tmp_path)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


def test_an_account_acts_for_an_actor_of_the_graph(tmp_path: Path) -> None:
    given = ["account", "add", "ana", "--generate", "--organisation"]
    refused = run(*given, "id:actor/nobody", folder=tmp_path)
    assert refused.returncode != 0
    assert "has no actor id:actor/nobody" in refused.stderr
    assert run(*given, "id:actor/nobody", "--unlisted", folder=tmp_path).returncode == 0
    assert run("account", "change", "ana", "--organisation", "id:actor/giz", folder=tmp_path).returncode == 0
    assert run("account", "change", "ana", "--organisation", "id:scheme/eps", folder=tmp_path).returncode != 0


def test_search_finds_things_by_name(tmp_path: Path) -> None:
    found = run("search", "tripple", "win", folder=tmp_path)
    assert found.stdout.splitlines()[0].startswith(
        "Triple Win: sustainable recruitment of nurses  (scheme)  id:scheme/"
    )
    as_json = json.loads(run("search", "Filipinas", "--kind", "Country", "--format", "json", folder=tmp_path).stdout)
    assert as_json["results"][0]["name"] == "Philippines"
    nothing = run("search", "xyzzyq", folder=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "No name comes near" in nothing.stderr
