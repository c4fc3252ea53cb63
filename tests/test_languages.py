"""The interface says the same in every language, and names things by one rule."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from skillgraph.graph.memory import MemoryGraph
from skillgraph.languages import CATALOGUES, LANGUAGES, day, number, translated
from skillgraph.part import Part
from skillgraph.profile import plans
from skillgraph.question import catalogue
from skillgraph.resources import query_header, root
from skillgraph.settings import Settings
from skillgraph.web import create_app

TEMPLATES = sorted((CATALOGUES.parent / "web" / "templates").glob("*.html"))
MARKED = re.compile(r"""_\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")
MENU = ("Partnerships", "Qualifications", "Questions", "Search", "SPARQL", "Terms", "Contribute")
PLACES = re.compile(r"%\(\w+\)s")
SCHEME = "/page/id/scheme/triple-win"
PAGES = ("/", SCHEME, "/kind/Scheme", "/search?q=nurse", "/questions", "/questions/who-pays", "/page/id/scheme/nowhere")
OTHERS = [language for language in LANGUAGES if language != "en"]


def words() -> Iterator[str]:
    """Yield every text that pages say: those marked in templates, and those of questions, parts and facets."""
    yield from MENU
    for path in TEMPLATES:
        yield from (ast.literal_eval(found) for found in MARKED.findall(path.read_text(encoding="utf-8")))
    for question in catalogue().values():
        yield from (question.title, question.description, question.caution)
        yield from (each.label for each in question.parameters)
        for part in question.parts:
            yield from of_part(part)
    for plan in plans().values():
        for part in plan.parts:
            yield from of_part(part)
    for path in sorted((root() / "queries" / "facets").glob("*.rq")):
        yield query_header(path.read_text(encoding="utf-8"))["title"]


def of_part(part: Part) -> tuple[str, ...]:
    return (part.title, part.nothing, *part.columns.values())


@pytest.fixture(scope="module")
def client(base: MemoryGraph) -> FlaskClient:
    return create_app(Settings(requests_per_minute=10**6), base).test_client()


@pytest.mark.parametrize("language", OTHERS)
def test_everything_is_translated_and_nothing_else(language: str) -> None:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        found = {str(each.id): str(each.string) for each in read_po(file, locale=language) if each.id}
    assert set(found) == set(words()), (
        "write what is missing into the catalogue, and take out what is not said any more"
    )
    for text, said in found.items():
        assert said.strip(), text
        assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(text)), text
        assert (said[-1] in ".?؟…:") == (text[-1] in ".?…:"), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "address", ["/", SCHEME, "/kind/Scheme", "/search?q=nurse", "/questions", "/questions/who-pays"]
)
def test_a_page_is_in_the_language_asked_for(language: str, address: str, client: FlaskClient) -> None:
    joined = f"{address}{'&' if '?' in address else '?'}lang={language}"
    page = client.get(joined, headers={"Accept": "text/html"})
    assert page.headers["Content-Language"] == language
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page.text
    assert translated("Skip to content", language) in page.text
    assert f'hreflang="{language}"' in page.text


def test_a_language_is_liked_asked_for_and_remembered(base: MemoryGraph) -> None:
    client = create_app(Settings(requests_per_minute=10**6), base).test_client()

    def spoken(address: str, liked: str = "") -> str:
        headers = {"Accept": "text/html", "Accept-Language": liked}
        return client.get(address, headers=headers).headers["Content-Language"]

    assert [spoken("/", liked) for liked in ("", "de", "es-MX, en;q=0.5", "ar")] == ["en", "en", "es", "ar"]
    assert spoken("/?lang=fr", "es") == "fr"
    assert spoken("/", "es") == "fr"
    assert spoken("/?lang=xx") == "fr"


def test_things_are_named_by_one_rule(client: FlaskClient) -> None:
    address = "/resource?iri=http://publications.europa.eu/resource/authority/country/DEU"
    titles = {"en": "Germany", "fr": "Allemagne", "es": "Alemania", "ar": "ألمانيا"}
    for language, title in titles.items():
        page = client.get(f"{address}&lang={language}", headers={"Accept": "text/html"}).text
        assert f"<h1><bdi>{title}</bdi></h1>" in page
    french = client.get(f"{SCHEME}?lang=fr", headers={"Accept": "text/html"}).text
    assert '<bdi lang="en">Triple Win: sustainable recruitment of nurses</bdi>' in french


def test_answers_name_things_in_the_language_asked_for(client: FlaskClient) -> None:
    address = "/questions/partnership?occupation=isco:C2221&origin=country:PHL&destination=country:DEU&format=json"
    given = client.get(f"{address}&lang=fr", headers={"Accept-Language": "es"}).get_json()["given"]
    assert given["destination"]["text"] == "Allemagne"
    english = client.get(address, headers={"Accept-Language": "es"}).get_json()["given"]
    assert english["destination"]["text"] == "Germany"


def test_numbers_and_dates_are_written_as_the_language_does() -> None:
    numbers = {"en": "1,234,567", "fr": "1\u202f234\u202f567", "es": "1.234.567"}
    assert {language: number(1234567, language) for language in numbers} == numbers
    days = {"en": "March 5, 2024", "fr": "5 mars 2024", "es": "5 de marzo de 2024"}
    assert {language: day("2024-03-05", language) for language in days} == days
    assert [day("2024-03", language) for language in ("en", "fr")] == ["March 2024", "mars 2024"]
    assert [day(text, "fr") for text in ("2024", "", "soon", "2024-13-01")] == ["2024", "", "soon", "2024-13-01"]
