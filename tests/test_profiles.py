"""Pages about things show what their class makes one ask, and say plainly what is not on record."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from skillgraph.entity import describe
from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.neighbourhood import MOST_NODES, network_of
from skillgraph.profile import Plan, plans, profile_of
from skillgraph.settings import Settings
from skillgraph.vocabulary import TERMS
from skillgraph.web import create_app
from tests.test_sparql import BROWSER

EXAMPLES = [(name, example) for name, plan in plans().items() for example in plan.examples]


@pytest.fixture(scope="module")
def client(base: MemoryGraph) -> FlaskClient:
    return create_app(Settings(requests_per_minute=10**6), base).test_client()


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_of_its_class_and_has_facts_and_parts(name: str, example: str, base: MemoryGraph) -> None:
    entity = describe(base, example)
    above = base.select(_classes(name))
    assert {kind.iri for kind in entity.kinds} & {str(row["class"]).strip("<>") for row in above}
    profile = profile_of(base, entity)
    assert profile is not None
    assert profile.facts
    assert profile.found


@pytest.mark.parametrize("plan", {id(plan.parts[0]): plan for plan in plans().values()}.values(), ids=lambda _: "")
def test_every_part_finds_something_in_some_example(plan: Plan, base: MemoryGraph) -> None:
    alike = [each for each in plans().values() if each.parts == plan.parts]
    profiles = [profile_of(base, describe(base, each)) for one in alike for each in one.examples]
    found = {part.part.key for profile in profiles if profile for part in profile.found}
    assert {part.key for part in plan.parts} - found == set()


@pytest.mark.parametrize("example", {example for _, example in EXAMPLES})
def test_a_page_shows_all_of_it(example: str, client: FlaskClient, base: MemoryGraph) -> None:
    page = client.get("/resource", query_string={"iri": example}, headers={"Accept": BROWSER}).text
    profile = profile_of(base, describe(base, example))
    assert profile is not None
    for each in profile.parts:
        assert each.part.title in page
        assert each.rows or each.part.nothing in page


def test_a_page_is_written_once_and_not_sent_to_who_has_it(client: FlaskClient) -> None:
    first = client.get("/page/id/scheme/triple-win", headers={"Accept": BROWSER})
    again = client.get("/page/id/scheme/triple-win", headers={"Accept": BROWSER})
    assert first.data == again.data
    held = {"Accept": BROWSER, "If-None-Match": first.headers["ETag"]}
    assert client.get("/page/id/scheme/triple-win", headers=held).status_code == 304
    assert client.get("/page/id/scheme/eps", headers=held).status_code == 200


def test_what_is_said_can_be_corrected(client: FlaskClient) -> None:
    page = client.get("/page/id/scheme/triple-win", headers={"Accept": BROWSER}).text
    assert "/contributions/form/Scheme?record=https%3A%2F%2Fw3id.org%2Fskillgraph%2Fid%2Fscheme%2Ftriple-win" in page


def test_a_network_is_small_enough_to_be_read(base: MemoryGraph) -> None:
    network = network_of(describe(base, "http://publications.europa.eu/resource/authority/country/DEU"))
    ids = {each["id"] for each in network["nodes"]}
    assert len(ids) == len(network["nodes"]) == MOST_NODES
    assert all({each["source"], each["target"]} <= ids for each in network["edges"])


def _classes(name: str) -> Query:
    text = "SELECT ?class WHERE { ?class <http://www.w3.org/2000/01/rdf-schema#subClassOf>* ?above }"
    return Query(text.replace("?above", f"<{TERMS}{name}>"))
