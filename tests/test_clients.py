"""Real clients get whole results, and see a failure as a failure."""

from __future__ import annotations

import http.client
import io
import json
import subprocess
import urllib.error
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import pandas
import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, URLENCODED, XML, SPARQLWrapper

from tests.services import running_service

LABELS = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?label WHERE { <http://publications.europa.eu/resource/authority/country/KEN> skos:prefLabel ?label }"""
GRAPH = "CONSTRUCT { <urn:s> <urn:p> 1, 2, 3 } WHERE { }"
ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
TOO_LONG = "SELECT * WHERE { ?a ?b ?c }"
LANGUAGES = {"en", "fr", "es", "ar"}
JENA_ACCEPT = (
    "application/sparql-results+json,application/sparql-results+xml;q=0.9,text/tab-separated-values;q=0.7,"
    "text/csv;q=0.5,application/json;q=0.2,application/xml;q=0.2,*/*;q=0.1"
)
JAVA_HEADERS = {
    "Connection": "Upgrade, HTTP2-Settings",
    "Upgrade": "h2c",
    "HTTP2-Settings": "AAMAAABkAAQBAAAAAAIAAAAA",
    "User-Agent": "Java-http-client/17",
}
"""What Java's client, which Jena sends its requests with, adds where it may speak HTTP/2."""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clients")
    with running_service(folder=folder, query_seconds=1.0, result_rows=1000) as address:
        yield f"{address}/sparql"


def wrapper(endpoint: str, query: str, method: str, style: str, form: str) -> SPARQLWrapper:
    client = SPARQLWrapper(endpoint)
    client.setQuery(query)
    client.setMethod(method)
    client.setRequestMethod(style)
    client.setReturnFormat(form)
    return client


@pytest.mark.parametrize(("method", "style"), [("GET", URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)])
def test_sparqlwrapper(endpoint: str, method: str, style: str) -> None:
    rows: Any = wrapper(endpoint, LABELS, method, style, JSON).queryAndConvert()
    assert {row["label"]["xml:lang"] for row in rows["results"]["bindings"]} >= LANGUAGES
    document: Any = wrapper(endpoint, LABELS, method, style, XML).queryAndConvert()
    assert len(document.getElementsByTagName("result")) == len(rows["results"]["bindings"])
    text: Any = wrapper(endpoint, LABELS, method, style, CSV).queryAndConvert()
    assert b"Kenya" in text
    turtle: Any = wrapper(endpoint, GRAPH, method, style, TURTLE).queryAndConvert()
    assert len(Graph().parse(data=turtle, format="turtle")) == 3


@pytest.mark.parametrize("query", [ENDLESS, TOO_LONG])
def test_sparqlwrapper_sees_a_failure(endpoint: str, query: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        wrapper(endpoint, query, "GET", URLENCODED, JSON).query()
    caught.value.close()
    assert caught.value.code in (413, 503)


def curl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["curl", "--silent", "--fail", *arguments], capture_output=True, text=True, check=False)


def test_curl(endpoint: str) -> None:
    for way in (["--get"], []):
        reply = curl(endpoint, *way, "--data-urlencode", f"query={LABELS}", "--header", "Accept: text/csv")
        assert "Kenya" in reply.stdout
    direct = curl(endpoint, "--data-binary", LABELS, "--header", "Content-Type: application/sparql-query")
    assert "Kenya" in direct.stdout
    failed = curl(endpoint, "--data-urlencode", f"query={ENDLESS}")
    assert (failed.returncode, failed.stdout) == (22, "")


def test_pandas(endpoint: str) -> None:
    table = pandas.read_csv(f"{endpoint}?{urlencode({'query': LABELS, 'format': 'csv'})}")
    assert "Kenya" in set(table["label"])
    with pytest.raises(urllib.error.HTTPError) as caught:
        pandas.read_csv(f"{endpoint}?{urlencode({'query': ENDLESS, 'format': 'csv'})}")
    caught.value.close()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("form", ["json", "xml", "csv"])
def test_rdflib(endpoint: str, method: Literal["GET", "POST", "POST_FORM"], form: str) -> None:
    graph = Graph(SPARQLStore(endpoint, method=method, returnFormat=form))
    kenya = URIRef("http://publications.europa.eu/resource/authority/country/KEN")
    rows = list(graph.query("SELECT ?p ?o WHERE { ?s ?p ?o }", initBindings={"s": kenya}))
    assert len(rows) > 5
    if form != "csv":  # in which there is no form for a truth value
        assert bool(graph.query("ASK { ?s ?p ?o }"))
    assert len(list(graph.objects(kenya, URIRef("http://www.w3.org/2004/02/skos/core#prefLabel")))) >= 4


def test_rdflib_sees_a_failure(endpoint: str) -> None:
    """It raises where it sends GET; where it sends POST it returns the status in place of a result."""
    with pytest.raises(ValueError, match="wrong"):
        SPARQLStore(endpoint, method="GET").query(ENDLESS)
    reply: Any = SPARQLStore(endpoint, method="POST").query(ENDLESS)
    assert reply[0] == 503


@pytest.mark.parametrize("headers", [{}, JAVA_HEADERS], ids=["plain", "as Java sends it"])
def test_jena(endpoint: str, headers: dict[str, str]) -> None:
    parts = urlsplit(endpoint)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    sent = {"Content-Type": "application/sparql-query", "Accept": JENA_ACCEPT, **headers}
    try:
        for query, status in ((LABELS, 200), (ENDLESS, 503), (LABELS, 200)):
            connection.request("POST", "/sparql", query.encode(), sent)
            reply = connection.getresponse()
            body = json.load(io.BytesIO(reply.read()))
            assert reply.status == status
            assert ("results" in body) is (status == 200)
    finally:
        connection.close()
