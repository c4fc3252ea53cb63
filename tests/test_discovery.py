"""Search engines, harvesters and reference managers find what there is and how it is cited."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import pytest
import requests
from flask.testing import FlaskClient

from skillgraph.citation import Citation, as_bibtex, as_csl, citations
from skillgraph.graph.memory import MemoryGraph
from skillgraph.settings import Settings
from skillgraph.vocabulary import expand
from skillgraph.web import create_app
from tests.services import running_service
from tests.test_sparql import BROWSER

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SCHEME = "/page/id/scheme/triple-win"


@pytest.fixture(scope="module")
def client(base: MemoryGraph) -> FlaskClient:
    return create_app(Settings(requests_per_minute=10**6), base).test_client()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_service(folder=tmp_path_factory.mktemp("discovery")) as address:
        yield address


def read_xml(text: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 - our own


def links_of(header: str) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in re.finditer(r'<([^>]*)>; rel="([^"]+)"', header)]


def test_signposts_lead_somewhere(client: FlaskClient) -> None:
    page = client.get(SCHEME, headers={"Accept": BROWSER})
    links = links_of(page.headers["Link"])
    assert (expand("id:scheme/triple-win"), "cite-as") in links
    assert {rel for _, rel in links} == {"cite-as", "type", "license", "describedby"}
    for address, rel in links:
        if rel == "describedby":
            assert client.get(address.removeprefix("http://localhost")).status_code == 200


def test_a_page_says_in_schema_org_what_it_is_about(client: FlaskClient) -> None:
    page = client.get(SCHEME, headers={"Accept": BROWSER}).text
    data = json.loads(re.findall(r'<script type="application/ld[+]json">(.*?)</script>', page)[0])
    assert (data["@type"], data["@id"]) == ("GovernmentService", expand("id:scheme/triple-win"))
    assert data["name"].startswith("Triple Win")
    assert data["mainEntityOfPage"]["license"].startswith("https://creativecommons.org/licenses/by/")


def test_a_suffix_asks_for_data(client: FlaskClient) -> None:
    for suffix, media_type in (("ttl", "text/turtle"), ("jsonld", "application/ld+json")):
        reply = client.get(f"/id/scheme/triple-win.{suffix}", follow_redirects=True, headers={"Accept": BROWSER})
        assert (reply.status_code, reply.mimetype) == (200, media_type)
    assert client.get("/id/event/triple-win.launched", headers={"Accept": BROWSER}).location.endswith(".launched")


def test_the_map_lists_pages_that_are_there(client: FlaskClient) -> None:
    index = read_xml(client.get("/sitemap.xml").data)
    parts = [each.text or "" for each in index.iter(f"{MAP}loc")]
    assert parts
    pages = [
        each.text or ""
        for part in parts
        for each in read_xml(client.get(part.removeprefix("http://localhost")).data).iter(f"{MAP}loc")
    ]
    assert len(pages) == len(set(pages)) > 1000
    assert f"http://localhost{SCHEME}" in pages
    for page in pages[::400]:
        assert client.get(page.removeprefix("http://localhost"), headers={"Accept": BROWSER}).status_code == 200
    assert f"Sitemap: {parts[0].rsplit('/', 1)[0]}/sitemap.xml" in client.get("/robots.txt").text


def test_browsers_can_search_here(client: FlaskClient) -> None:
    described = read_xml(client.get("/opensearch.xml").data)
    templates = [each.attrib["template"] for each in described.iter("{http://a9.com/-/spec/opensearch/1.1/}Url")]
    for template in templates:
        address = template.replace("{searchTerms}", "nurse").removeprefix("http://localhost")
        assert client.get(address, headers={"Accept": BROWSER}).status_code == 200


def test_a_source_is_cited_as_itself_and_a_page_as_ours(client: FlaskClient) -> None:
    ours = client.get("/cite", query_string={"iri": expand("id:scheme/triple-win"), "format": "csl"})
    (item,) = json.loads(ours.data)
    assert (item["author"][0]["literal"], item["version"]) == ("SkillGraph", "0")
    source = client.get("/cite", query_string={"iri": expand("id:source/zwickau-after-graduation"), "format": "csl"})
    (item,) = json.loads(source.data)
    assert item["author"][0]["literal"] == "University of Applied Sciences Zwickau"
    assert item["accessed"] == {"date-parts": [[2026, 11, 23]]}
    assert client.get("/cite", query_string={"iri": "urn:x:none"}).status_code == 404
    assert client.get("/cite", query_string={"iri": item["id"], "format": "pdf"}).status_code == 406


def test_bibtex_is_escaped() -> None:
    entry = as_bibtex(
        Citation("https://example.org/a b", "50 % of {us} & \\you_", "A~B", "2024-05", "https://x.org/a_b")
    )
    assert "title = {{50 \\% of \\{us\\} \\& \\textbackslash{}you\\_}}" in entry
    assert "year = {2024}" in entry
    assert entry.count("{") - entry.count("\\{") == entry.count("}") - entry.count("\\}")


def test_every_source_can_be_cited(base: MemoryGraph) -> None:
    iris = [expand("id:source/zwickau-after-graduation"), "urn:x:none"]
    assert [as_csl(each)["title"] for each in citations(base, iris)] == ["urn:x:none", "Working after graduation"]


def test_an_answer_lists_its_sources(client: FlaskClient) -> None:
    address = "/questions/equivalence?qualification=id:qualification/hu-nurse-general-assistant&destination=country:DEU"
    page = client.get(address, headers={"Accept": BROWSER}).text
    listed = re.search(r'<ol class="sg-sources">(.*?)</ol>', page, re.DOTALL)
    assert listed is not None
    assert listed[1].count("<li>") > 10
    assert "read on" in listed[1]


def test_a_version_is_dumped_whole(site: str) -> None:
    reply = requests.get(f"{site}/dumps/skillgraph-1.nq", timeout=60)
    assert reply.status_code == 200
    count = requests.get(
        f"{site}/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"}, timeout=60
    )
    assert reply.content.count(b"\n") == int(count.json()["results"]["bindings"][0]["n"]["value"])
    assert requests.get(f"{site}/dumps/skillgraph-99.nq", timeout=60).status_code == 404
