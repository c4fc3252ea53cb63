"""A result is computed once for a dataset version, and not sent to a client that has it."""

from __future__ import annotations

from socket import socket

import pytest
from flask.testing import FlaskClient

from skillgraph.graph import Answer, Query, ResultFormats
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.protocol import ResultKind
from skillgraph.settings import Settings
from skillgraph.web import create_app
from skillgraph.web.memo import Memo

ONE = b'<urn:s> <urn:p> "1" <urn:g> .\n'
TWO = b'<urn:s> <urn:p> "2" <urn:g> .\n'


class Counted(MemoryGraph):
    """A graph that counts how often it is asked and can be published anew."""

    def __init__(self, *contents: bytes) -> None:
        super().__init__(1, contents)
        self.asked = 0

    def answer(self, query: Query, formats: ResultFormats, client: socket | None = None) -> Answer:
        """Count and answer."""
        self.asked += 1
        return super().answer(query, formats, client)

    def publish(self, version: int, *contents: bytes) -> None:
        """Serve something else from now on."""
        super().__init__(version, contents)


@pytest.fixture
def graph() -> Counted:
    return Counted(ONE)


@pytest.fixture
def client(graph: Counted) -> FlaskClient:
    return create_app(Settings(), graph).test_client()


ALL = "/sparql?query=SELECT*%7B%3Fs%3Fp%3Fo%7D"


def test_the_same_request_is_computed_once(client: FlaskClient, graph: Counted) -> None:
    first, second = client.get(ALL), client.get(ALL)
    assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])
    assert first.headers["Cache-Control"] == "public, no-cache"
    assert graph.asked == 1


def test_a_client_may_have_it_computed_anew(client: FlaskClient, graph: Counted) -> None:
    for _ in range(2):
        assert client.get(ALL, headers={"Cache-Control": "no-cache"}).status_code == 200
    assert graph.asked == 2


def test_a_client_that_has_it_gets_304(client: FlaskClient) -> None:
    tag = client.get(ALL).headers["ETag"]
    assert not tag.startswith("W/")
    for sent in (tag, f'"other", {tag}', f"W/{tag}"):
        response = client.get(ALL, headers={"If-None-Match": sent})
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
        assert response.headers["SkillGraph-Version"] == "1"
        assert "Accept" in response.headers["Vary"]
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    for other in ('"other"', "*", "nonsense"):
        assert client.get(ALL, headers={"If-None-Match": other}).status_code == 200


def test_a_publication_counts_at_once(client: FlaskClient, graph: Counted) -> None:
    tag = client.get(ALL).headers["ETag"]
    graph.publish(2, TWO)
    response = client.get(ALL, headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert '"2"' in response.text
    assert response.headers["SkillGraph-Version"] == "2"
    assert response.headers["ETag"] != tag


@pytest.mark.parametrize(
    "other",
    [
        ALL.replace("*", "%3Fs"),
        f"{ALL}&format=csv",
        f"{ALL}&default-graph-uri=urn:g",
        f"{ALL}&named-graph-uri=urn:g",
        f"{ALL}&default-graph-uri=urn:named&named-graph-uri=urn:g",
    ],
)
def test_another_request_has_another_tag(client: FlaskClient, other: str) -> None:
    assert client.get(ALL).headers["ETag"] != client.get(other).headers["ETag"]


def test_the_order_of_graphs_does_not_matter(client: FlaskClient) -> None:
    tags = {
        client.get(f"{ALL}&default-graph-uri={first}&default-graph-uri={second}").headers["ETag"]
        for first, second in (("urn:a", "urn:b"), ("urn:b", "urn:a"))
    }
    assert len(tags) == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?x) {}",
        "SELECT (rand () AS ?x) {}",
        "SELECT (UUID() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
        "SELECT (BNODE() AS ?x) {}",
        r"SELECT ('\u004E' AS ?x) {}",
        "CONSTRUCT { ?s ?p [] } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p _:x } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p (1) } WHERE { ?s ?p ?o }",
    ],
)
def test_what_changes_each_time_is_neither_kept_nor_tagged(client: FlaskClient, graph: Counted, query: str) -> None:
    for _ in range(2):
        response = client.get("/sparql", query_string={"query": query})
        assert response.status_code == 200, response.text
        assert "ETag" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
    assert graph.asked == 2


def test_an_error_is_neither_kept_nor_tagged(client: FlaskClient) -> None:
    response = client.get("/sparql?query=SELECT")
    assert response.status_code == 400
    assert "ETag" not in response.headers
    assert client.get("/sparql?query=SELECT", headers={"If-None-Match": "*"}).status_code == 400


def answer(size: int) -> Answer:
    return Answer(ResultKind.SOLUTIONS, b"x" * size, "text/csv", 1)


def test_the_longest_unused_is_forgotten_first() -> None:
    memo = Memo(1000)
    for key in "abcdefgh":
        memo.put(key, answer(125))
    assert memo.get("a")
    memo.put("i", answer(125))
    assert memo.get("b") is None
    assert all(memo.get(key) for key in "acdefghi")


def test_a_large_result_drives_out_nothing() -> None:
    memo = Memo(1000)
    memo.put("small", answer(1))
    memo.put("large", answer(126))
    assert memo.get("large") is None
    assert memo.get("small")


def test_a_result_put_twice_counts_once() -> None:
    memo = Memo(1000)
    for _ in range(20):
        memo.put("a", answer(100))
    memo.put("b", answer(100))
    assert memo.get("a")
    assert memo.get("b")


def test_whoever_was_told_304_is_told_again_without_being_counted(graph: Counted) -> None:
    client = create_app(Settings(requests_per_minute=3), graph).test_client()
    headers = {"If-None-Match": client.get(ALL).headers["ETag"]}
    first = client.get(ALL, headers=headers)
    for _ in range(10):
        again = client.get(ALL, headers=headers)
        assert (again.status_code, again.data, again.headers) == (304, b"", first.headers)
    graph.publish(2, TWO)
    assert client.get(ALL, headers=headers).status_code == 200


def test_as_many_are_remembered_as_may_be(graph: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("skillgraph.web.shortcut._MOST_KEPT", 2)
    client = create_app(Settings(requests_per_minute=7), graph).test_client()
    addresses = [f"{ALL}&timeout={number}" for number in (1, 2, 3)]
    tags = [client.get(address).headers["ETag"] for address in addresses]

    def again(number: int) -> int:
        return client.get(addresses[number], headers={"If-None-Match": tags[number]}).status_code

    assert [again(number) for number in (0, 1, 2)] == [304, 304, 304]  # six requests are counted by now
    assert [again(number) for number in (1, 2, 1, 2)] == [304] * 4
    assert [again(0), again(2), again(0)] == [304, 304, 304]  # the first one was forgotten and is counted once more
    assert again(1) == 429
