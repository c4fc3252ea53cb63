"""Pages in Chromium: accessible, within the policy, no request to another host, usable by keyboard and narrow."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

PARTNERSHIP = "/questions/partnership?occupation=isco:C2221&origin=country:PHL&destination=country:DEU"
EQUIVALENCE = "/questions/equivalence?qualification=id:qualification/hu-nurse-general-assistant&destination=country:DEU"
PAGES = {
    "home": "/",
    "entity": "/id/scheme/triple-win",
    "occupation": "/resource?iri=http://data.europa.eu/esco/isco/C2221",
    "qualification": "/id/qualification/ph-nurse-licence",
    "actor": "/id/actor/giz",
    "recognition": "/id/recognition/hu-nurse-de-bw",
    "source": "/id/source/pqf-framework",
    "code": "/id/../code/theme/recognition",
    "country": "/resource?iri=http://publications.europa.eu/resource/authority/country/PHL",
    "list": "/kind/Scheme",
    "narrowed list": "/kind/Scheme?destination=http://publications.europa.eu/resource/authority/country/DEU",
    "terms": "/ns",
    "terms in French": "/ns?language=fr",
    "term": "/ns/RecognitionAssertion",
    "questions": "/questions",
    "levels": "/questions/level-pairs?origin=country:IRL&destination=country:DEU",
    "conventions": "/questions/convention-status?instrument=id:instrument/lisbon-recognition-convention",
    "search": "/search?q=nurse",
    "partnership": PARTNERSHIP,
    "equivalence": EQUIVALENCE,
    "empty question": "/questions/partnership",
    "editor": "/sparql",
    "result": "/sparql?query=SELECT%20*%20WHERE%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D%20LIMIT%205",
    "errors": "/problems",
    "contributions": "/contributions",
    "sign in": "/sign-in",
    "validate": "/validate",
    "templates": "/templates?language=fr",
    "versions": "/versions",
    "version": "/versions/1",
    "not found": "/id/scheme/nowhere",
    "home in Arabic": "/?lang=ar",
    "scheme in Arabic": "/page/id/scheme/triple-win?lang=ar",
    "answer in Arabic": f"{EQUIVALENCE}&lang=ar",
    "list in French": "/kind/Scheme?lang=fr",
    "search in Spanish": "/search?q=enfermera&lang=es",
}
WIDTHS = [1280, 390]
YASQE = Path(__file__).parents[2] / "node_modules" / "@zazuko" / "yasqe" / "build" / "yasqe.min.js"
ELSEWHERE = '<!doctype html><title>Elsewhere</title><script src="yasqe.js"></script>'
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
pytestmark = pytest.mark.browser


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """Open a page that fails the test on any request elsewhere and on any complaint about the policy."""
    context = browser.new_context(viewport={"width": request.param, "height": 900}, base_url=site)
    page = context.new_page()
    complaints: list[str] = []
    page.on("request", lambda sent: _elsewhere(sent.url, site, complaints))
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES.keys())
def test_page_is_accessible_and_fits(address: str, scheme: str, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(address)
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.locator("h1").count() == 1


def test_skip_link_is_the_first_stop_of_the_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_question_can_be_asked_by_keyboard(page: Page) -> None:
    page.goto("/questions/partnership")
    for label, text in (
        ("Occupation", "Nursing prof"),
        ("Country of origin", "Phil"),
        ("Country of destination", "Germ"),
    ):
        page.get_by_label(label).focus()
        page.keyboard.type(text)
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Answer").press("Enter")
    expect(page.get_by_role("heading", name="Safeguards that apply")).to_be_visible()
    expect(page.locator("#arrangements ~ .sg-records")).to_contain_text("Triple Win")


def test_what_is_typed_and_not_chosen_is_a_name(page: Page) -> None:
    page.goto("/questions/partnership")
    for label, text in (
        ("Occupation", "2221"),
        ("Country of origin", "Filipinas"),
        ("Country of destination", "Germny"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Answer").press("Enter")
    expect(page.locator(".sg-error")).to_contain_text("Germny")
    page.get_by_role("link", name="Germany", exact=True).click()
    expect(page.get_by_role("heading", name="Safeguards that apply")).to_be_visible()
    assert "destination=country:DEU" in page.url


def test_corridors_are_drawn_and_listed(page: Page) -> None:
    page.goto("/id/scheme/triple-win")
    drawn = page.locator(".sg-map svg")
    expect(drawn).to_be_visible()
    assert drawn.locator(".sg-map__line").count() == page.locator("#corridors-rows tbody tr").count()
    assert drawn.get_attribute("aria-label")


def test_a_network_is_drawn_on_demand(page: Page) -> None:
    page.goto("/id/scheme/triple-win")
    assert not page.locator("script[src*=network]").count()
    page.get_by_text("Draw what is linked to this").click()
    expect(page.locator(".sg-network canvas").first).to_be_visible()


def test_a_page_is_light(page: Page) -> None:
    sizes: list[int] = []
    page.on("requestfinished", lambda sent: sizes.append(sent.sizes()["responseBodySize"]))
    page.goto("/id/scheme/triple-win", wait_until="networkidle")
    assert len(sizes) >= 4
    assert sum(sizes) <= 600_000  # uncompressed; compressed by the proxy in front it is a third of that


def test_editor_runs_a_query_with_the_keyboard(page: Page) -> None:
    page.goto("/sparql")
    editor = page.locator(".CodeMirror")
    editor.click()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("ASK { ?s a <https://w3id.org/skillgraph/ns#Scheme> }")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_role("heading", name="Result")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Yes")


def test_editor_offers_examples(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_label("Example queries").select_option(index=1)
    page.get_by_role("button", name="Run query").click()
    expect(page.locator("tbody tr").first).to_be_visible()


def test_site_works_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/sparql")
    page.get_by_label("SPARQL query").fill("SELECT ?s WHERE { ?s a <https://w3id.org/skillgraph/ns#Scheme> }")
    page.get_by_role("button", name="Run query").click()
    assert page.locator("tbody tr").count() > 0
    page.goto(EQUIVALENCE)
    assert page.locator("#assertions ~ .sg-records > li").count() > 0
    context.close()


def _elsewhere(address: str, site: str, complaints: list[str]) -> None:
    if not address.startswith((site, "data:")):
        complaints.append(f"request to {address}")


def test_a_query_can_be_saved_and_its_lines_for_programs_read(page: Page) -> None:
    page.goto("/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D")
    page.get_by_role("button", name="Save a short link with this result").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Query")
    page.get_by_text("Python", exact=True).click()
    expect(page.locator("pre", has_text="urlopen")).to_be_visible()
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[str]:
    """Serve a page of another origin that loads the editor."""
    if not YASQE.exists():
        pytest.skip("needs the editor's package: make")
    (tmp_path / "index.html").write_text(ELSEWHERE, encoding="utf-8")
    shutil.copy(YASQE, tmp_path / "yasqe.js")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_yasqe_on_another_site_gets_results_and_sees_failures(browser: Browser, site: str, elsewhere: str) -> None:
    """The editor that most SPARQL pages use, as a page of somebody else's would use it."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere)
    ask = """async ([endpoint, query]) => {
        const yasqe = new Yasqe(document.body, { requestConfig: { endpoint }, persistenceId: null });
        yasqe.setValue(query);
        try { const reply = await yasqe.query(); return reply.status ?? 200; }
        catch (fault) { return JSON.parse(String(fault).replace(/^Error: /, "")).status; }
    }"""
    assert page.evaluate(ask, [f"{site}/sparql", "ASK { ?s ?p ?o }"]) == 200
    assert page.evaluate(ask, [f"{site}/sparql", "ASK { ?s ?p"]) == 400
    context.close()
