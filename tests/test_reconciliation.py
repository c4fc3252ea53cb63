"""Names in somebody's table are matched as OpenRefine asks for it, with the Reconciliation API 0.2."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from skillgraph.graph.memory import MemoryGraph
from skillgraph.settings import Settings
from skillgraph.vocabulary import SKOS, TERMS, expand
from skillgraph.web import create_app

TRIPLE_WIN = expand("id:scheme/triple-win")


@pytest.fixture(scope="module")
def client(base: MemoryGraph) -> FlaskClient:
    return create_app(Settings(requests_per_minute=10**6), base).test_client()


def matched(client: FlaskClient, **queries: object) -> Any:  # noqa: ANN401 - JSON
    reply = client.post("/reconcile", data={"queries": json.dumps(queries)})
    assert reply.status_code == 200, reply.text
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    return {key: each["result"] for key, each in reply.get_json().items()}


def test_the_manifest_names_what_there_is(client: FlaskClient) -> None:
    manifest = client.get("/reconcile").get_json()
    assert manifest["versions"] == ["0.2"]
    assert {"name", "identifierSpace", "schemaSpace", "view", "preview", "suggest", "extend"} <= manifest.keys()
    for each in [*manifest["suggest"].values(), manifest["extend"]["propose_properties"]]:
        path = each["service_url"].removeprefix("http://localhost") + each["service_path"]
        assert client.get(path, query_string={"prefix": "s", "type": f"{TERMS}Scheme"}).status_code == 200
    view = manifest["view"]["url"].replace("{{id}}", TRIPLE_WIN).removeprefix("http://localhost")
    assert client.get(view, headers={"Accept": "text/html"}).status_code == 200


def test_one_thing_alone_of_a_name_is_a_match(client: FlaskClient) -> None:
    found = matched(client, a={"query": "Triple Win"}, b={"query": "Ministry of Labour"}, c={"query": "Xyzzyq"})
    assert (found["a"][0]["id"], found["a"][0]["match"]) == (TRIPLE_WIN, True)
    assert not any(each["match"] for each in found["a"][1:] + found["b"])
    assert found["c"] == []


def test_classes_and_limits_are_kept_to(client: FlaskClient) -> None:
    for kind in (f"{TERMS}Country", {"id": f"{TERMS}Country"}, [f"{TERMS}Country"]):
        (only,) = matched(client, q={"query": "German", "type": kind, "limit": 1})["q"]
        assert only["id"] == expand("country:DEU")
        assert {"id": f"{TERMS}Country", "name": "country"} in only["type"]


def test_what_else_is_known_tells_things_of_like_names_apart(client: FlaskClient) -> None:
    asked = {"query": "Ministry of Labour", "type": f"{TERMS}Actor", "limit": 3}
    for country in ("Egypt", "Qatar"):
        properties = [{"pid": f"{TERMS}basedIn", "v": country}]
        best, *others = matched(client, q={**asked, "properties": properties})["q"]
        assert country in best["name"]
        assert all(best["score"] > each["score"] for each in others)


def test_a_table_is_extended_by_what_is_known(client: FlaskClient) -> None:
    asked = {"ids": [TRIPLE_WIN], "properties": [{"id": f"{TERMS}runsOn"}, {"id": f"{SKOS}prefLabel"}]}
    reply = client.post("/reconcile", data={"extend": json.dumps(asked)}).get_json()
    assert [each["name"] for each in reply["meta"]] == ["runs on", "label"]
    cells = reply["rows"][TRIPLE_WIN]
    assert {"id": expand("id:corridor/phl-deu"), "name": "Philippines to Germany"} in cells[f"{TERMS}runsOn"]
    assert [list(each) for each in cells[f"{SKOS}prefLabel"]] == [["str"]]


def test_other_sites_may_frame_the_preview_and_no_other_page(client: FlaskClient) -> None:
    preview = client.get("/reconcile/preview", query_string={"id": TRIPLE_WIN})
    assert "Triple Win" in preview.text
    assert "frame-ancestors *" in preview.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "data",
    [
        {"queries": "["},
        {"queries": "[" * 100_000},
        {"queries": "[]"},
        {"queries": '{"q": {}}'},
        {"queries": '{"q": {"query": "x", "limit": "ten"}}'},
        {"queries": '{"q": {"query": "x", "type": "a b"}}'},
        {"queries": '{"q": {"query": "x", "properties": [{"pid": "<> }"}]}}'},
        {"queries": json.dumps({str(number): {"query": "x"} for number in range(51)})},
        {"extend": '{"ids": ["a> } DROP"], "properties": []}'},
        {"extend": json.dumps({"ids": ["urn:x"] * 201, "properties": []})},
    ],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(data: dict[str, str], client: FlaskClient) -> None:
    reply = client.post("/reconcile", data=data)
    assert reply.status_code == 400
    assert reply.get_json()["remedy"]
