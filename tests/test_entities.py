"""Every IRI has a page for people and data for programs, however hostile the IRI or what is said of it."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from skillgraph.settings import Settings
from skillgraph.web.links import Links
from tests.test_sparql import BROWSER, assert_headers, client_of

BASE = Settings().base
THING = f"{BASE}id/thing/one"
GRAPH = f"{BASE}graph/test"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
SOURCE = "<http://purl.org/dc/terms/source>"
ANY_URI = "^^<http://www.w3.org/2001/XMLSchema#anyURI>"
PROGRAMS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
}


def client_saying(*statements: str) -> FlaskClient:
    return client_of("".join(f"{statement} <{GRAPH}> .\n" for statement in statements).encode())


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return client_saying(
        f'<{THING}> {LABEL} "One"@en',
        f'<{THING}> {LABEL} "Eins"@de',
        f"<{THING}> <urn:knows> <https://elsewhere.example/two>",
        f"<urn:three> <urn:knows> <{THING}>",
    )


@pytest.mark.parametrize("kind", ["id", "code", "graph", "shape"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_iri_leads_people_to_a_page_and_programs_to_data(client: FlaskClient, kind: str, method: str) -> None:
    for accept, place in ((BROWSER, "page"), ("text/turtle", "data"), ("*/*", "data"), ("", "data")):
        response = client.open(f"/{kind}/thing/one", method=method, headers={"Accept": accept})
        assert (response.status_code, response.headers["Location"]) == (303, f"/{place}/{kind}/thing/one")
        assert_headers(response)


@pytest.mark.parametrize(
    "accept",
    ["text/html;q=0.5, text/turtle;q=0.4", "text/html, application/ld+json;q=0.9", "application/xhtml+xml, text/html"],
)
def test_who_likes_pages_best_gets_a_page(client: FlaskClient, accept: str) -> None:
    assert client.get("/id/thing/one", headers={"Accept": accept}).headers["Location"] == "/page/id/thing/one"


@pytest.mark.parametrize(
    "accept", ["text/html;q=0.4, text/turtle;q=0.5", "text/turtle, */*;q=0.1", "text/html;q=0, */*"]
)
def test_who_likes_data_best_gets_data(client: FlaskClient, accept: str) -> None:
    assert client.get("/id/thing/one", headers={"Accept": accept}).headers["Location"] == "/data/id/thing/one"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/id/a%3Fb", "/data/id/a%3Fb"),
        ("/id/a%23b", "/data/id/a%23b"),
        ("/id/a%2520b", "/data/id/a%2520b"),
        ("/id/a%22b%3C", "/data/id/a%22b%3C"),
        ("/id/%C3%A9", "/data/id/%C3%A9"),
        ("/id/x?format=ttl&y=%26", "/data/id/x?format=ttl&y=%26"),
        ("/id/x?format=html", "/page/id/x?format=html"),
        ("/id/%5C%5Cevil.example", "/data/id/%5C%5Cevil.example"),
        ("/id/https:%2F%2Fevil.example", "/data/id/https%3A//evil.example"),
    ],
)
def test_an_iri_keeps_its_signs_on_the_way(client: FlaskClient, path: str, location: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.headers["Location"]) == (303, location)


@pytest.mark.parametrize("path", ["/id/a%0D%0ASet-Cookie:%20x", "/id/%00", "/id/a%0Ab"])
def test_line_breaks_never_reach_a_header(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (303, 404)
    assert "Set-Cookie" not in response.headers
    assert not set(response.headers.get("Location", "")) & set("\r\n\0")


def test_a_page_shows_what_is_said(client: FlaskClient) -> None:
    response = client.get("/page/id/thing/one")
    assert response.status_code == 200
    for text in ("One", "Eins", "two", "three", "test", THING, "dataset version 7"):
        assert text in response.text
    assert_headers(response)


@pytest.mark.parametrize("media_type", PROGRAMS)
def test_data_says_the_same(client: FlaskClient, media_type: str) -> None:
    response = client.get("/data/id/thing/one", headers={"Accept": media_type})
    assert (response.status_code, response.mimetype) == (200, media_type)
    found = {str(quad.triple) for quad in parse(response.data, format=PROGRAMS[media_type])}
    assert f'<{THING}> {LABEL} "Eins"@de' in found
    assert f"<{THING}> <urn:knows> <https://elsewhere.example/two>" in found
    assert response.headers["SkillGraph-Version"] == "7"
    assert_headers(response)


@pytest.mark.parametrize("name", ["ttl", "nt", "jsonld", "rdf"])
def test_the_page_leads_to_each_format(client: FlaskClient, name: str) -> None:
    for page in ("/page/id/thing/one", f"/resource?format=html&iri={quote(THING, safe='')}"):
        text = client.get(page, headers={"Accept": BROWSER}).text.replace("&amp;", "&")
        (address,) = {
            part.split('"', 1)[0] for part in text.split('href="') if part.split('"', 1)[0].endswith(f"format={name}")
        }
        response = client.get(address, headers={"Accept": BROWSER})
        assert response.status_code == 200
        assert response.mimetype in PROGRAMS


@pytest.mark.parametrize("address", ["/page/id/absent", "/data/id/absent", "/resource?iri=urn:absent"])
def test_what_is_unknown_is_said_to_be(client: FlaskClient, address: str) -> None:
    page = client.get(address, headers={"Accept": BROWSER})
    assert page.status_code == 404
    assert 'action="/search"' in page.text
    problem = client.get(address)
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
    assert "absent" in problem.get_json(force=True)["detail"]
    for near in ("/page/id/thing/ones", "/id/thing/Onee"):
        assert (
            '<a href="/page/id/thing/one">' in client.get(near, headers={"Accept": BROWSER}, follow_redirects=True).text
        )
    assert_headers(problem)


@pytest.mark.parametrize("address", ["/id/thing/one", "/data/id/thing/one", f"/resource?iri={quote(THING, safe='')}"])
def test_a_format_there_is_not_is_refused_with_those_there_are(client: FlaskClient, address: str) -> None:
    for headers, addition in (({"Accept": "image/png"}, ""), ({}, "&format=csv" if "?" in address else "?format=csv")):
        response = client.get(address + addition, headers=headers)
        assert response.status_code == 406
        assert set(response.get_json(force=True)["available"]) >= set(PROGRAMS)


@pytest.mark.parametrize("address", ["/resource", "/resource?iri=", "/resource?iri=&format=ttl", "/resource?x=y"])
def test_a_resource_needs_an_iri(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert "iri" in response.get_json(force=True)["detail"]


HOSTILE = {
    "script": "javascript:alert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "spaces": "https://example.org/a b",
    "quotes": "\"'><script>alert(1)</script>",
    "turned around": "https://example.org/\u202ecod.exe",
    "isolated": "https://example.org/\u2066x\u2069",
    "long": "https://example.org/" + "x" * 10_000,
    "query": "https://example.org/> } SELECT * { ?s ?p ?o",
    "template": "https://example.org/{{7*7}}",
    "bytes": "https://example.org/%FF%00",
    "null": "https://example.org/\0",
    "relative": "../../etc/passwd",
    "protocol-relative": "//evil.example/",
    "blank": "_:b0",
    "wide": "https://example.org/🏥",
    "lines": "https://example.org/\r\nSet-Cookie: x=y",
}


@pytest.mark.parametrize("iri", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("accept", [BROWSER, "text/turtle", "*/*"])
def test_a_hostile_iri_is_unknown_and_harmless(client: FlaskClient, iri: str, accept: str) -> None:
    response = client.get(f"/resource?iri={quote(iri, safe='')}", headers={"Accept": accept})
    assert response.status_code == 404
    assert "<script>alert" not in response.text or response.mimetype == "application/problem+json"
    assert "Set-Cookie" not in response.headers
    assert_headers(response)


IRIS = {
    "script": "javascript:alert(1)",
    "data": "data:text/html,%3Cscript%3Ealert(1)%3C/script%3E",
    "apostrophes": "https://example.org/'onmouseover='alert(1)",
    "parameters": "https://example.org/?a=b&iri=urn:other&format=ttl#c",
    "escapes": "https://example.org/%20%22%3E",
    "turned around": "https://example.org/\u202ecod.exe",
    "long": "https://example.org/" + "x" * 5_000,
    "own with question": f"{BASE}id/a?b=c",
    "own with hash": f"{BASE}id/a#b",
    "own with escape": f"{BASE}id/a%2Fb",
    "own with empty segment": f"{BASE}id/a//b",
    "own with dots": f"{BASE}id/../../b",
    "own in Greek": f"{BASE}id/α",
    "own kind": f"{BASE}id/",
    "base": BASE,
}


@pytest.mark.parametrize("iri", IRIS.values(), ids=IRIS)
def test_a_hostile_iri_that_is_known_has_a_page_and_data(iri: str) -> None:
    client = client_saying(f'<{iri}> {LABEL} "found it"', f"<{iri}> <{iri}> <{iri}>")
    address = Links(BASE).page(iri)
    page = client.get(address, headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert "found it" in page.text
    for attack in ('href="javascript:', 'href="data:', "'onmouseover", 'src="http'):
        assert attack not in page.text
    data = client.get(f"/resource?iri={quote(iri, safe='')}", headers={"Accept": "application/n-triples"})
    assert data.status_code == 200
    assert any(quad.subject.value == iri for quad in parse(data.data, format=RdfFormat.N_TRIPLES))


MARKUP = "</bdi></h1><script>alert(1)</script><img src=x onerror=alert(1)>\\\"'{{7*7}}"


def test_names_with_markup_are_shown_as_text() -> None:
    client = client_saying(
        f'<{THING}> {LABEL} "{MARKUP}"',
        f'<{THING}> <urn:note> "{MARKUP}"@en',
        f'<{THING}> <urn:address> "{MARKUP}"{ANY_URI}',
        f"<{THING}> {TYPE} <urn:kind>",
        f'<urn:kind> {LABEL} "{MARKUP}"',
        f"<urn:other> <urn:refers> <{THING}>",
        f'<urn:other> {LABEL} "{MARKUP}"',
        f'<urn:refers> {LABEL} "{MARKUP}"',
        f"<{THING}> {SOURCE} <urn:source>",
        f'<urn:source> {LABEL} "{MARKUP}"',
        f'<{GRAPH}> {LABEL} "{MARKUP}"',
    )
    for address in ("/page/id/thing/one", "/search?q=script", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E"):
        text = client.get(address, headers={"Accept": BROWSER}).text
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert ">49" not in text


@pytest.mark.parametrize(
    ("address", "is_link"),
    [
        ("https://elsewhere.example/a?b&c", True),
        ("http://elsewhere.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//elsewhere.example", False),
        ("/page/id/x", False),
        ("https://elsewhere.example/ javascript:", False),
        ("https://elsewhere.example/\u202ecod.exe", False),
    ],
)
def test_only_addresses_of_the_web_are_links(address: str, is_link: bool) -> None:
    client = client_saying(f'<{THING}> <urn:homepage> "{address}"{ANY_URI}')
    text = client.get("/page/id/thing/one").text.replace("&amp;", "&")
    assert address in text
    assert (f'href="{address}"' in text) is is_link


@pytest.mark.parametrize(
    "statement",
    [
        f'<{THING}> {TYPE} "a text for a class"',
        f"<{THING}> {TYPE} _:class",
        f'<{THING}> {SOURCE} "a text for a source"',
        f"<{THING}> {SOURCE} _:source",
        f"<{THING}> <urn:quotes> <<( <urn:a> <urn:b> _:c )>>",
        f"_:other <urn:refers> <{THING}>",
        f"<{THING}> {LABEL} <urn:no-text>",
        f'<{THING}> {LABEL} "5"^^<http://www.w3.org/2001/XMLSchema#integer>',
        f'<{THING}> <urn:empty> ""',
        f'<{THING}> <urn:control> "a\\u0001b\\u0008c"',
        f'<{THING}> <urn:direction> "text"@ar--rtl',
        f'<urn:other> <urn:refers> <{THING}> <{GRAPH}> .\n<urn:other> {TYPE} "a text for a class"',
        f'<urn:other> <urn:refers> <{THING}> <{GRAPH}> .\n<urn:other> {SOURCE} "a text for a source"',
        f"<urn:other> <urn:refers> <{THING}> <{GRAPH}> .\n<urn:other> <{BASE}ns#onDate> <urn:no-date>",
    ],
)
def test_odd_data_has_a_page(statement: str) -> None:
    client = client_saying(statement)
    for accept in (BROWSER, "application/n-triples"):
        response = client.get(f"/resource?iri={quote(THING, safe='')}", headers={"Accept": accept})
        assert response.status_code == 200
    if "a text for a" in statement and "urn:other" not in statement:
        assert "a text for a" in client.get("/page/id/thing/one").text
