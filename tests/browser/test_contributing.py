"""A new user's way in Chromium: template, file, two faults mended, review, publication with provenance, withdrawal."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_pages import RULES
from tests.services import running_service

PASSWORD = "correct horse battery"
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a service on which Ana contributes for a ministry and Cy curates."""
    folder = tmp_path_factory.mktemp("office")
    with running_service(folder=folder) as address:
        for name, role, actor in (("ana", "contributor", "dmw"), ("cy", "curator", "iom")):
            given = ["--role", role, "--organisation", f"id:actor/{actor}", "--display-name", name.title()]
            command = [sys.executable, "-m", "skillgraph", "account", "add", name, *given, "--password-stdin"]
            subprocess.run(command, cwd=folder, input=PASSWORD, text=True, check=True, capture_output=True)
        yield address


@pytest.fixture(params=[(1280, True), (390, True), (1280, False)], ids=["wide", "narrow", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser, office: str) -> Iterator[Page]:
    width, scripts = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 900}, base_url=office, java_script_enabled=scripts, locale="en-GB"
    )
    yield context.new_page()
    context.close()


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Name of the account").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()


def look(page: Page, scripts: bool) -> None:
    """Hold the page against the rules of accessibility; the tool for that is itself a script."""
    if scripts:
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert results.violations_count == 0, results.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def filled(template: Path, folder: Path, name: str, **cells: str) -> Path:
    """Write a row under the heads of a downloaded template."""
    with template.open(encoding="utf-8-sig", newline="") as file:
        heads, explained = list(csv.reader(file))
    written = StringIO()
    writer = csv.writer(written)
    writer.writerow(heads)
    writer.writerow(explained)
    assert set(cells) <= set(heads)
    writer.writerow([cells.get(head, "") for head in heads])
    path = folder / name
    path.write_text(written.getvalue(), encoding="utf-8")
    return path


def test_the_whole_way_of_a_contribution(page: Page, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    scripts = "without" not in request.node.name
    title = f"Corridors ({request.node.callspec.id})"
    page.goto("/contributions")
    page.get_by_role("link", name="Spreadsheet templates").click()
    with page.expect_download() as download:
        page.locator("tr", has_text="Corridor").get_by_role("link", name="CSV").click()
    template = tmp_path / "template.csv"
    download.value.save_as(template)
    label = f"Kenya to Samoa {request.node.callspec.id}"
    cells = {"label [en]": label, "has origin": "Kenia-Land"}
    faulty = filled(template, tmp_path, "faulty.csv", **cells)
    mended = filled(
        template, tmp_path, "mended.csv", **{**cells, "has origin": "Kenya", "has destination": "country:WSM"}
    )

    sign_in(page, "ana")
    page.get_by_role("link", name="Contribute", exact=True).last.click()
    page.get_by_label("Title").fill(title)
    page.get_by_label("File", exact=True).set_input_files(faulty)
    look(page, scripts)
    page.get_by_role("button", name="Make a draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    findings = page.locator(".sg-findings > li")
    expect(findings.filter(has_text="Kenia-Land")).to_contain_text("cell G3")
    expect(findings.filter(has_text="Name the one jurisdiction to which")).to_contain_text("cell B3")
    expect(page.get_by_role("button", name="Submit for review")).to_have_count(0)
    look(page, scripts)

    page.get_by_role("link", name="Send new content").click()
    page.get_by_label("File", exact=True).set_input_files(mended)
    page.get_by_role("button", name="Replace the content").click()
    expect(page.locator("main")).to_contain_text("Nothing to mend")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("main")).to_contain_text("Submitted for review")
    expect(page.get_by_role("button", name="Accept and publish")).to_have_count(0)
    address = page.url
    sign_out(page)

    sign_in(page, "cy")
    page.get_by_role("link", name=title).click()
    assert page.url == address
    expect(page.get_by_role("heading", name="What it changes")).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"Adds the corridor {label}")
    look(page, scripts)
    page.get_by_role("button", name="Accept and publish").click()
    expect(page.locator("main")).to_contain_text("Published")
    look(page, scripts)

    page.get_by_role("link", name=label).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(label)
    page.get_by_role("link", name="contribution/dmw/corridors").first.click()
    expect(page.locator("main")).to_contain_text("Department of Migrant Workers of the Philippines")
    page.get_by_role("link", name=title).first.click()
    expect(page.locator("main")).to_contain_text("Ana")
    sign_out(page)

    sign_in(page, "ana")
    page.goto(address)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("main")).to_contain_text("Withdrawn")
    page.goto(f"/search?q={label.replace(' ', '+')}")
    expect(page.get_by_role("link", name=label)).to_have_count(0)


def test_a_probable_duplicate_is_one_click_away_from_being_the_known_one(page: Page) -> None:
    sign_in(page, "ana")
    page.goto("/contributions/new")
    page.get_by_label("Title").fill("Agency")
    page.locator("summary", has_text="Or paste the data").click()
    page.get_by_label("Data", exact=True).fill(
        "@prefix sg: <https://w3id.org/skillgraph/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        '<actor/agency> a sg:Actor ; skos:prefLabel "Deutsche Gesellschaft für Internationale Zusammenarbeit"@de ;\n'
        '  skos:note "A note about it"@en .'
    )
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_role("button", name="It is this one").click()
    expect(page.get_by_role("button", name="It is this one")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("A note about it")
    expect(page.locator("main")).not_to_contain_text("actor/agency")


def test_a_token_is_shown_once(page: Page) -> None:
    sign_in(page, "ana")
    page.goto("/account")
    page.get_by_label("Where it will be used").fill("nightly upload")
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("pre")).to_contain_text("sg_")
    page.goto("/account")
    expect(page.locator("pre")).to_have_count(0)
    page.get_by_role("button", name="Revoke").first.click()
    expect(page.locator("main")).to_contain_text("revoked on")


def test_a_record_filled_in_by_hand(page: Page, request: pytest.FixtureRequest) -> None:
    way = request.node.callspec.id
    scripts = "without" not in way
    sign_in(page, "ana")
    page.goto("/contributions/new")
    page.get_by_role("link", name="Fill in a form").click()
    look(page, scripts)
    page.get_by_role("link", name="corridor", exact=True).click()
    look(page, scripts)
    page.get_by_label("Title of the contribution").fill(f"By hand, {way}")
    page.get_by_label("label 1", exact=True).fill(f"Kenya to Tuvalu, {way}")
    page.get_by_label("has destination 1").fill("tuv")
    page.get_by_role("button", name="Find by letters for has destination 1").click()
    expect(page.get_by_label("has destination 1")).to_contain_text("Tuvalu")
    page.get_by_label("has origin 1").fill("no such place")
    page.get_by_role("button", name="Save the draft").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved yet")
    look(page, scripts)
    page.get_by_label("has origin 1").fill("Kenya")
    page.get_by_role("button", name="Save the draft").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"By hand, {way}")
    expect(page.locator("main")).to_contain_text("Nothing to mend")
    page.get_by_role("link", name=f"Kenya to Tuvalu, {way}").last.click()
    page.get_by_role("button", name="Add another label").click()
    page.get_by_label("label 2", exact=True).fill("Du Kenya aux Tuvalu")
    page.get_by_label("Language of label 2").select_option("fr")
    page.get_by_role("button", name="Save the draft").last.click()
    expect(page.locator("main")).to_contain_text("Du Kenya aux Tuvalu")
    look(page, scripts)
    sign_out(page)
