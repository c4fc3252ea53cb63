"""Researchers get data frames and records, language models get tools, and both are told what is wrong in words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client
from pyoxigraph import NamedNode

from skillgraph.client import Client
from skillgraph.errors import RemoteFault, UnknownEntity
from skillgraph.graph import Query, ResultFormats
from skillgraph.graph.memory import MemoryGraph
from skillgraph.resources import query_text
from skillgraph.vocabulary import expand
from tests.services import running_service

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebooks" / "who-pays-for-nurses.ipynb"
RUN = """import json, sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
print(json.dumps([[kind for each in cell.outputs for kind in each.get("data", ())] for cell in cells]))
"""
"""A process of its own: the libraries that run notebooks warn of things that are errors here."""
NURSES = {"occupation": "isco:C2221", "origin": "Philippines", "destination": "country:DEU"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_service(folder=tmp_path_factory.mktemp("client")) as address:
        yield address


@pytest.fixture
def client(address: str) -> Client:
    return Client(address)


def test_rows_come_as_a_frame_with_numbers(client: Client) -> None:
    table = client.query("SELECT ?kind (COUNT(*) AS ?n) WHERE { ?s a ?kind } GROUP BY ?kind ORDER BY DESC(?n)")
    assert list(table.columns) == ["kind", "n"]
    assert table["n"].dtype == "int64"
    assert table["n"].is_monotonic_decreasing


def test_an_answer_comes_by_parts_with_its_sources(client: Client) -> None:
    answer = client.ask("partnership", **NURSES)
    assert answer.version == 1
    assert "Triple Win: sustainable recruitment of nurses" in set(answer["arrangements"]["item"])
    assert answer["actors"]["actor_iri"].str.startswith("http").all()
    assert answer.parts["schemes"].nothing_found
    assert len(answer.sources) > 20
    assert all(each.title for each in answer.sources)


def test_a_thing_is_described_with_the_sources_of_each_statement(client: Client) -> None:
    entity = client.describe("id:scheme/triple-win")
    assert entity.label.text.startswith("Triple Win")
    assert entity.sources
    with pytest.raises(UnknownEntity):
        client.describe("id:scheme/nowhere")


def test_things_and_questions_are_found(client: Client) -> None:
    found = client.search("philipines", "Country", limit=3)
    assert found["iri"].iloc[0] == expand("country:PHL")
    assert {"partnership", "equivalence"} <= set(client.questions()["question"])


def test_what_is_wrong_is_said_with_what_comes_near(client: Client) -> None:
    with pytest.raises(RemoteFault, match="nurse") as caught:
        client.ask("partnership", **{**NURSES, "occupation": "nurse"})
    assert "nurse responsible for general care (occupation:" in caught.value.remedy
    with pytest.raises(RemoteFault, match="Line 1"):
        client.query("PREFIX x: <urn:x> SELECT * WHERE {")
    with pytest.raises(RemoteFault, match="SERVICE"):
        client.query("PREFIX x: <urn:x> SELECT * WHERE { SERVICE <urn:x> { ?s ?p ?o } }")
    with pytest.raises(RemoteFault, match="cannot be reached"):
        Client("http://127.0.0.1:9").query("SELECT * { ?s ?p ?o }")


def test_a_remote_graph_says_what_one_in_process_says(client: Client, base: MemoryGraph) -> None:
    here = expand("id:scheme/triple-win")
    for name, bound in (("pages/outgoing", {"this": here}), ("pages/classes", {})):
        query = Query(query_text(name), {key: _node(value) for key, value in bound.items()})
        remote = {frozenset((key, str(term)) for key, term in row.items()) for row in client.graph.select(query)}
        assert remote == {frozenset((key, str(term)) for key, term in row.items()) for row in base.select(query)}
    described = Query(query_text("pages/describe"), {"this": _node(here)})
    assert set(client.graph.construct(described)) == set(base.construct(described))
    assert client.graph.ask(Query("ASK { ?s ?p ?o }"))
    assert client.graph.version() == client.graph.answer(Query("ASK {}"), ResultFormats()).version == 1


def test_language_models_are_given_sources_with_every_answer(address: str) -> None:
    async def used() -> dict[str, Any]:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "skillgraph", "mcp", "--address", address]
        )
        async with stdio_client(parameters) as (reader, writer), ClientSession(reader, writer) as session:
            await session.initialize()
            calls: dict[str, dict[str, Any]] = {
                "search": {"text": "triple win"},
                "describe": {"iri": "id:scheme/triple-win"},
                "questions": {},
                "ask": {"question": "partnership", "parameters": NURSES},
                "query": {"sparql": "SELECT ?s ?source { ?s a sg:Scheme ; dct:source ?source } LIMIT 3"},
            }
            names = {tool.name for tool in (await session.list_tools()).tools}
            assert names == set(calls)
            calls["query"]["sparql"] = _prefixed(calls["query"]["sparql"])
            found = {name: await session.call_tool(name, given) for name, given in calls.items()}
            found["fault"] = await session.call_tool("ask", {"question": "nothing", "parameters": {}})
            return {name: json.loads(result.content[0].text) for name, result in found.items()}  # type: ignore[union-attr]

    with ThreadPoolExecutor(1) as beside:  # in this thread a browser may run a loop already
        found = beside.submit(anyio.run, used).result()
    assert found["search"]["results"][0]["iri"] == expand("id:scheme/triple-win")
    assert "equivalence" in {each["question"] for each in found["questions"]["questions"]}
    for name in ("describe", "ask", "query"):
        assert found[name]["sources"], name
        assert found[name]["version"] == 1
        assert all("title" in each for each in found[name]["sources"])
    assert found["fault"]["remedy"]


def _prefixed(text: str) -> str:
    return "PREFIX sg: <https://w3id.org/skillgraph/ns#> PREFIX dct: <http://purl.org/dc/terms/> " + text


def _node(iri: str) -> NamedNode:
    return NamedNode(iri)


def test_the_notebook_answers_its_question_with_a_plot(address: str) -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    environment = {**os.environ, "SKILLGRAPH_ADDRESS": address, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    command = [sys.executable, "-c", RUN, str(NOTEBOOK)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=180)
    outputs = json.loads(result.stdout)
    assert len(outputs) == sum(cell["cell_type"] == "code" for cell in notebook["cells"])
    assert "image/png" in [kind for each in outputs for kind in each]
    assert not any(cell.get("outputs") for cell in notebook["cells"]), "commit it without outputs"
