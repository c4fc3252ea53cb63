"""A saved query keeps its address and its result, and its lines for programs give that result."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.protocol import ResultKind
from skillgraph.ledger import saved as kept
from skillgraph.settings import Settings
from skillgraph.web import create_app
from skillgraph.web.snippets import snippets
from tests.services import running_service

DATA = b'<urn:s> <urn:p> "1" <urn:g> .\n<urn:s> <urn:p> "2" <urn:h> .\n'
ROWS = "SELECT ?o WHERE { <urn:s> <urn:p> ?o } ORDER BY ?o"
BROWSER = {"Accept": "text/html"}


def client_of(home: Path, version: int = 7, data: bytes = DATA, **choices: object) -> FlaskClient:
    settings = replace(Settings(home=home), **choices)  # type: ignore[arg-type]
    return create_app(settings, MemoryGraph(version, [data])).test_client()


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return client_of(tmp_path)


def save(client: FlaskClient, query: str = ROWS, **fields: str) -> str:
    response = client.post("/queries", data={"query": query, **fields})
    assert response.status_code == 201
    return response.headers["Location"]


def test_a_saved_query_keeps_its_result_when_the_dataset_moves_on(client: FlaskClient, tmp_path: Path) -> None:
    address = save(client)
    later = client_of(tmp_path, version=8, data=DATA.replace(b'"2"', b'"3"'))
    response = later.get(address, headers={"Accept": "text/csv"})
    assert response.text.split() == ["o", "1", "2"]
    assert response.headers["SkillGraph-Version"] == "7"
    assert "immutable" in response.headers["Cache-Control"]
    page = later.get(address, headers=BROWSER).text
    assert "on dataset version 7" in page
    assert "Run it again on version 8" in page
    assert save(later) != address


def test_the_same_query_on_the_same_version_has_one_address(client: FlaskClient) -> None:
    assert save(client) == save(client)
    assert save(client) != save(client, **{"default-graph-uri": "urn:g"})


def test_a_saved_query_keeps_its_dataset(client: FlaskClient) -> None:
    address = save(client, **{"default-graph-uri": "urn:g"})
    assert client.get(f"{address}?format=csv").text.split() == ["o", "1"]
    assert 'name="default-graph-uri" value="urn:g"' in client.get(address, headers=BROWSER).text


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        (ROWS, "json", b'"value":"2"'),
        (ROWS, "xml", b"<literal>2</literal>"),
        ("ASK { ?s ?p ?o }", "json", b"true"),
        ("CONSTRUCT WHERE { ?s <urn:p> ?o }", "nt", b'<urn:s> <urn:p> "1" .'),
        ("CONSTRUCT WHERE { ?s <urn:p> ?o }", "jsonld", b'"@id":"urn:s"'),
    ],
)
def test_its_result_comes_in_every_format(client: FlaskClient, query: str, name: str, expected: bytes) -> None:
    response = client.get(f"{save(client, query)}?format={name}")
    assert response.status_code == 200
    assert expected in response.data.replace(b'": "', b'":"')
    assert client.get(f"{save(client, query)}?format=ttl").status_code == (406 if "CONSTRUCT" not in query else 200)


def test_a_browser_is_led_to_the_page(client: FlaskClient) -> None:
    response = client.post("/queries", data={"query": ROWS}, headers=BROWSER, follow_redirects=True)
    assert response.status_code == 200
    assert "Saved query" in response.text


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        ({"query": "SELECT"}, {}, 400),
        ({"text": ROWS}, {}, 400),
        ({"query": "DROP ALL"}, {}, 403),
        ({"query": ROWS}, {"Sec-Fetch-Site": "cross-site"}, 403),
        ({"query": "ASK {} #" + "x" * 300_000}, {}, 413),
    ],
)
def test_what_cannot_be_saved_is_said(
    client: FlaskClient, data: dict[str, str], headers: dict[str, str], status: int
) -> None:
    response = client.post("/queries", data=data, headers=headers)
    assert response.status_code == status
    assert response.get_json(force=True)["remedy"]


def test_an_unknown_address_is_not_found(client: FlaskClient) -> None:
    assert client.get("/queries/aaaaaaaaaaaa").status_code == 404


def test_there_is_an_end_to_saving(tmp_path: Path) -> None:
    client = client_of(tmp_path, saved_queries=2, saves_per_hour=4)
    for number in range(2):
        save(client, f"ASK {{ <urn:{number}> ?p ?o }}")
    assert client.post("/queries", data={"query": ROWS}).status_code == 507
    save(client, "ASK { <urn:0> ?p ?o }")
    refused = client.post("/queries", data={"query": ROWS})
    assert refused.status_code == 429
    assert "4 requests" in refused.get_json(force=True)["detail"]
    assert client.get("/sparql?query=ASK{}").status_code == 200


def test_a_large_result_leaves_its_digest(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES_KEPT", 10)
    address = save(client)
    assert "too many to be kept" in client.get(address, headers=BROWSER).text
    response = client.get(address, headers={"Accept": "text/csv"})
    assert response.status_code == 413
    assert "SHA-256" in response.get_json(force=True)["detail"]


HARD = 'SELECT ?o # it\'s """ `${x}` \\ )" here\nWHERE { <http://publications.europa.eu/resource/authority/country/KEN> <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }'  # noqa: E501


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_service(folder=tmp_path_factory.mktemp("snippets")) as address:
        yield address


COMMANDS = {
    "curl": ["bash", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": [shutil.which("node") or "node", "--input-type=module", "-e"],
}


@pytest.mark.parametrize("language", list(COMMANDS))
@pytest.mark.parametrize(
    ("query", "kind", "expected"),
    [
        (HARD, ResultKind.SOLUTIONS, "Kenya"),
        ("ASK { ?s ?p ?o }", ResultKind.BOOLEAN, "true"),
        ("CONSTRUCT { <urn:s> <urn:p> 42 } WHERE {}", ResultKind.GRAPH, ""),
    ],
)
def test_the_lines_for_programs_run(language: str, query: str, kind: ResultKind, expected: str, address: str) -> None:
    (text,) = [each.text for each in snippets(f"{address}/sparql", Query(query), kind) if each.language == language]
    result = subprocess.run([*COMMANDS[language], text], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert expected.lower() in result.stdout.lower()


def test_the_lines_for_r_hold_the_query_as_it_is() -> None:
    (text,) = [each.text for each in snippets("x", Query(HARD), ResultKind.SOLUTIONS) if each.language == "R"]
    assert f'r"-({HARD})-"' in text


def test_the_page_shows_the_lines_as_text(client: FlaskClient) -> None:
    page = client.get(save(client, "ASK { ?s ?p '<script>' }"), headers=BROWSER).text
    assert "<script>'" not in page
    lines = unescape(page)
    for language in ("curl", "Python", "R", "JavaScript"):
        assert f"<summary>{language}</summary>" in lines
    assert json.loads(client.get(f"{save(client)}?format=json").data)["head"]["vars"] == ["o"]
    assert list(parse(client.get(f"{save(client, 'CONSTRUCT WHERE { ?s ?p ?o }')}").data, format=RdfFormat.TURTLE))
