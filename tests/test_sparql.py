"""The SPARQL endpoint: the protocol, the formats, and an honest problem document for every request it cannot answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse
from rdflib import RDF, Graph, Namespace
from rdflib import Literal as Text
from rdflib.collection import Collection
from rdflib.term import Node
from werkzeug.test import TestResponse

from skillgraph.graph.memory import MemoryGraph
from skillgraph.rdfio import canonical_nquads
from skillgraph.settings import Settings
from skillgraph.web import create_app

CASES = Path(__file__).parent / "cases" / "sparql"
PROTOCOL = Path(__file__).parents[2] / "shared" / "w3c" / "sparql11-protocol"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def client_of(*nquads: bytes, version: int = 7) -> FlaskClient:
    return create_app(Settings(), MemoryGraph(version, nquads)).test_client()


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_of(b'<urn:s> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> <urn:g> .\n')


def is_for_people(case: dict[str, Any]) -> bool:
    """Tell whether a browser could send a case and would not be shown the editor."""
    query = case.get("query", "")
    chooses = "format=" in query or "Accept" in case.get("headers", {})
    return not chooses and (case["send"] != "GET /sparql" or "query=" in query or "update=" in query)


def cases(name: str, chosen: Callable[[dict[str, Any]], bool] = lambda _: True) -> list[object]:
    found = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    return [pytest.param(case, id=title) for title, case in found.items() if chosen(case)]


def send(client: FlaskClient, case: dict[str, Any], **headers: str) -> TestResponse:
    method, path = case["send"].split(" ")
    body = case.get("body")
    return client.open(
        path,
        method=method,
        query_string=case.get("query", ""),
        headers={**case.get("headers", {}), **headers},
        data=None if body is None else body.encode("latin-1") * case.get("repeat", 1),
    )


def assert_headers(response: TestResponse) -> None:
    """Assert what every response carries."""
    assert {name: response.headers.get(name) for name in SECURITY} == SECURITY
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.vary.as_set() >= {"accept"}


def assert_shared(response: TestResponse) -> None:
    """Assert that programs on other sites may read the response, but without the reader's credentials."""
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "SkillGraph-Version" in response.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("case", cases("answered"))
def test_a_request_is_answered(client: FlaskClient, case: dict[str, Any]) -> None:
    response = send(client, case)
    assert response.status_code == 200, response.text
    assert response.data.startswith(case["answer"].encode("latin-1"))
    assert bool(response.data) is bool(case["answer"])
    assert response.mimetype == case.get("type", response.mimetype)
    assert ("charset=utf-8" in response.headers["Content-Type"]) is (response.mimetype or "").startswith("text/")
    assert response.headers["SkillGraph-Version"] == "7"
    assert_headers(response)
    assert_shared(response)


@pytest.mark.parametrize("case", cases("refused"))
def test_a_request_is_refused_with_a_reason(client: FlaskClient, case: dict[str, Any]) -> None:
    response = send(client, case)
    assert response.status_code == case["status"], response.text
    assert response.mimetype == "application/problem+json"
    problem = response.get_json(force=True)
    assert problem["status"] == case["status"]
    assert problem["type"] == (f"/problems#{case['kind']}" if "kind" in case else "about:blank")
    assert problem["title"]
    assert case["says"] in problem["detail"]
    if "kind" in case:
        assert problem["remedy"]
    for name in ("line", "available"):
        assert problem.get(name) == case.get(name, problem.get(name))
    if case.get("kind") == "invalid-query" and "Line" in case["says"]:
        assert f"Line {problem['line']}, column {problem['column']}:" in problem["detail"]
    assert_headers(response)
    if case["status"] == 405:
        assert {"GET", "HEAD", "POST", "OPTIONS"} <= {each.strip() for each in response.headers["Allow"].split(",")}
    elif case["status"] != 404:
        assert_shared(response)


@pytest.mark.parametrize("case", cases("refused", is_for_people))
def test_a_person_gets_a_page_with_the_same_status(client: FlaskClient, case: dict[str, Any]) -> None:
    response = send(client, case, Accept=BROWSER)
    assert response.status_code == case["status"]
    assert response.mimetype == "text/html"
    assert "<script>alert" not in response.text
    assert "<h1>" in response.text
    assert_headers(response)


def test_the_page_shows_the_fault_and_keeps_the_query(client: FlaskClient) -> None:
    query = '</textarea><script>alert("1")</script>'
    response = client.get("/sparql", query_string={"query": query}, headers={"Accept": BROWSER})
    assert response.status_code == 400
    assert "&lt;/textarea&gt;&lt;script&gt;" in response.text
    assert "<script>alert" not in response.text
    assert "Line 1, column 1" in response.text
    assert 'role="alert"' in response.text


def test_the_page_shows_a_result(client: FlaskClient) -> None:
    response = client.get("/sparql", query_string={"query": "SELECT * { ?s ?p ?o }"}, headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert "urn:s" in response.text
    assert "dataset version 7" in response.text
    ask = client.get("/sparql", query_string={"query": "ASK {}"}, headers={"Accept": BROWSER})
    assert "<strong>Yes</strong>" in ask.text
    construct = client.get("/sparql", query_string={"query": "DESCRIBE <urn:s>"}, headers={"Accept": BROWSER})
    assert "&lt;urn:s&gt;" in construct.text


def test_values_with_markup_are_shown_as_text() -> None:
    client = client_of(b'<urn:s> <urn:p> "<img src=x onerror=alert(1)>" <urn:g> .\n')
    for query in ("SELECT * { ?s ?p ?o }", "SELECT ?o (?o AS ?script) { ?s ?p ?o }", "DESCRIBE <urn:s>"):
        response = client.get("/sparql", query_string={"query": query}, headers={"Accept": BROWSER})
        assert response.status_code == 200
        assert "<img src=x" not in response.text
        assert "&lt;img src=x" in response.text


def test_an_editor_is_shown_to_people(client: FlaskClient) -> None:
    response = client.get("/sparql", headers={"Accept": BROWSER})
    assert response.status_code == 200
    assert "<textarea" in response.text
    assert_headers(response)


def test_a_browser_on_another_site_may_send_a_query(client: FlaskClient) -> None:
    response = client.options(
        "/sparql",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert response.status_code == 200
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "content-type" in response.headers["Access-Control-Allow-Headers"].lower()
    assert_shared(response)


def test_no_page_is_shared_with_other_sites(client: FlaskClient) -> None:
    for path in ("/", "/search?q=x", "/ns", "/contributions", "/sign-in", "/account"):
        assert "Access-Control-Allow-Origin" not in client.get(path, headers={"Accept": BROWSER}).headers


def test_head_says_what_get_says(client: FlaskClient) -> None:
    for query in ("query=ASK%7B%7D", "query=ASK%7B", "query=ASK%7B%7D&format=x"):
        head, get = client.head("/sparql", query_string=query), client.get("/sparql", query_string=query)
        assert (head.status_code, dict(head.headers)) == (get.status_code, dict(get.headers))
        assert (head.data, bool(get.data)) == (b"", True)


@pytest.mark.parametrize("length", [256 * 1024, 256 * 1024 + 1])
def test_the_limit_of_a_query_is_exact(client: FlaskClient, length: int) -> None:
    response = client.post("/sparql", data="ASK {}".ljust(length).encode(), content_type="application/sparql-query")
    assert response.status_code == (200 if length == 256 * 1024 else 413)


MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
KASEI = "http://kasei.us/2009/09/sparql/data/"
FORMATS = {
    "boolean": {"application/sparql-results+json", "application/sparql-results+xml"},
    "tabular": {"application/sparql-results+json", "application/sparql-results+xml", "text/csv"},
    "RDF": {"text/turtle", "application/rdf+xml", "application/n-triples"},
}


def protocol_tests() -> Iterator[object]:
    """Return the W3C's cases of the query protocol; those of the update protocol that must succeed are not for us."""
    if not PROTOCOL.is_dir():
        reason = "the W3C's manifests are not at ../shared/w3c"
        yield pytest.param(None, None, id="w3c", marks=pytest.mark.skip(reason=reason))
        return
    manifest = Graph().parse(PROTOCOL / "manifest.ttl")
    for test in sorted(manifest.subjects(RDF.type, MF.ProtocolTest), key=str):
        name = str(test).rsplit("#", 1)[-1]
        if not name.startswith("update_"):
            yield pytest.param(manifest, test, id=name)


@pytest.fixture(scope="module")
def protocol_client() -> FlaskClient:
    """Return a client of the dataset that the W3C's cases ask."""
    return client_of(
        *(
            canonical_nquads(
                [quad.triple for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES)],
                NamedNode(f"{KASEI}{path.stem}.rdf"),
            )
            for path in PROTOCOL.glob("*.nt")
        )
    )


@pytest.mark.parametrize(("manifest", "test"), list(protocol_tests()))
def test_the_protocol_is_the_w3cs(protocol_client: FlaskClient, manifest: Graph, test: Node) -> None:
    action = manifest.value(test, MF.action)
    requests = listed(manifest, manifest.value(action, HT.requests))
    assert requests
    for request in requests:
        response = send_of_w3c(protocol_client, manifest, request)
        expected = manifest.value(request, HT.resp)
        statuses = {str(each)[-3] for each in manifest.objects(expected, MF.expectedStatus)}
        assert str(response.status_code)[0] in statuses, response.text
        kind = manifest.value(expected, MF.expectedFormat)
        if kind is not None:
            assert response.mimetype in FORMATS[str(kind)]
        boolean = manifest.value(expected, MF.expectedBoolean)
        if boolean is not None:
            assert response.get_json(force=True)["boolean"] is (boolean == Text(True))


def listed(manifest: Graph, head: Node | None) -> list[Node]:
    return [] if head is None else list(Collection(manifest, head))


def send_of_w3c(client: FlaskClient, manifest: Graph, request: Node) -> TestResponse:
    headers = {
        str(manifest.value(header, HT.fieldName)): str(manifest.value(header, HT.fieldValue))
        for header in listed(manifest, manifest.value(request, HT.headers))
    }
    body, data = manifest.value(request, HT.body), None
    if body is not None:
        encoding = manifest.value(body, CNT.characterEncoding, default=Text("UTF-8"))
        data = str(manifest.value(body, CNT.chars)).encode(str(encoding))
    address = urlsplit(str(manifest.value(request, HT.absolutePath)))
    method = str(manifest.value(request, HT.methodName))
    return client.open("/sparql", method=method, query_string=address.query, headers=headers, data=data)
