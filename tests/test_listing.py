"""Lists of classes are narrowed by facets, sorted and paged."""

from __future__ import annotations

from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from skillgraph.browse import members
from skillgraph.graph.memory import MemoryGraph
from skillgraph.listing import PAGE, facets_of, listing
from skillgraph.resources import root
from skillgraph.settings import Settings
from skillgraph.vocabulary import expand
from skillgraph.web import create_app
from tests.test_sparql import BROWSER

CLASSES = [name for name in ("Scheme", "Agreement", "Qualification", "Actor", "Source", "Country") if facets_of(name)]
GERMANY, PHILIPPINES = expand("country:DEU"), expand("country:PHL")


@pytest.fixture(scope="module")
def client(base: MemoryGraph) -> FlaskClient:
    return create_app(Settings(requests_per_minute=10**6), base).test_client()


@pytest.mark.parametrize("name", CLASSES)
def test_each_choice_leaves_as_many_as_it_says(name: str, base: MemoryGraph) -> None:
    for facet in listing(base, name, {}).facets:
        assert facet.choices, facet.key
        for choice in facet.choices[:2]:
            assert listing(base, name, {facet.key: choice.value.iri or ""}).total == choice.count


def test_facets_narrow_together(base: MemoryGraph) -> None:
    both = listing(base, "Scheme", {"origin": PHILIPPINES, "destination": GERMANY})
    assert any(each.text.startswith("Triple Win") for each in both.members)
    assert both.total <= min(listing(base, "Scheme", {"origin": PHILIPPINES}).total, 50)
    assert listing(base, "Scheme", {"origin": "urn:x:none"}).total == 0


def test_pages_make_up_the_list_in_either_order(base: MemoryGraph) -> None:
    first = listing(base, "Source", {})
    assert (len(first.members), first.page) == (PAGE, 1)
    whole = [each for page in range(1, first.pages + 1) for each in listing(base, "Source", {}, page).members]
    assert whole == members(base, "Source")
    assert all(one.text.casefold() <= other.text.casefold() for one, other in pairwise(whole))
    assert listing(base, "Source", {}, backwards=True).members[0] == whole[-1]
    assert listing(base, "Source", {}, 10**6).page == first.pages


def test_every_facet_is_of_some_class() -> None:
    files = {path.stem for path in (root() / "queries" / "facets").glob("*.rq")}
    names = [path.stem for path in (root() / "queries" / "entities").glob("*.yaml")]
    used = {
        key
        for name in [*names, "Regulation", "ShortageObservation", "TrainingOffer", "Safeguard"]
        for key in facets_of(name)
    }
    assert files == used


@pytest.mark.parametrize(
    "query", ["", "destination=" + GERMANY, "page=2", "page=-1", "page=x", "theme=%3Cscript%3E", "sort=-name"]
)
def test_the_page_holds_what_was_asked_for(query: str, client: FlaskClient) -> None:
    page = client.get(f"/kind/Scheme?{query}", headers={"Accept": BROWSER})
    assert page.status_code == 200
    assert "Narrow the list" in page.text
    assert "<script>" not in page.text.replace("<script type", "")
