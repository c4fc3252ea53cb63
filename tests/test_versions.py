"""Versions of the past: asked as they were, listed, compared, and gone with the service that serves today."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from skillgraph.graph.others import MOST_OTHERS
from skillgraph.ledger import Change, Ledger, open_ledger
from skillgraph.settings import Settings
from tests.services import running_service

GRAPH = "https://w3id.org/skillgraph/graph/contribution/test/x"
RECORD = "https://w3id.org/skillgraph/id/corridor/changing"
LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
COUNT = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{GRAPH}> {{ ?s ?p ?o }} }}"


def content(*labels: str) -> bytes:
    return b"".join(f'<{RECORD}> <{LABEL}> "{label}"@en <{GRAPH}> .\n'.encode() for label in sorted(labels))


STATES = [content("one"), content("one", "two"), b"", content("three")]
"""What the graph holds in the versions after that of the base."""


@dataclass
class History:
    address: str
    base: int
    ledger: Ledger

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        request = urllib.request.Request(self.address + path, headers={"Accept": "*/*", **headers})
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, dict(reply.headers), reply.read().decode()
        except urllib.error.HTTPError as reply:
            with reply:
                return reply.code, dict(reply.headers), reply.read().decode()

    def count(self, version: int | None = None) -> str:
        asked = {"query": COUNT, "format": "csv", **({"version": version} if version is not None else {})}
        return self.get(f"/sparql?{urllib.parse.urlencode(asked)}")[2].split()[1]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    folder = tmp_path_factory.mktemp("history")
    with running_service(folder=folder) as address:
        ledger = open_ledger(Settings(home=folder / "skillgraph-data").ledger_url)
        base = ledger.version()
        for state in STATES:
            ledger.publish("tester", lambda _, state=state: [Change(GRAPH, state, "Corridors")])  # type: ignore[misc]
        found = History(address, base, ledger)
        while found.get("/healthz")[2].find(f'"version": {base + 4}') < 0:
            pass
        yield found


def test_every_version_answers_as_it_did(history: History) -> None:
    assert history.count() == "1"
    for _ in range(2):  # there are more of them than are served at a time
        for number, state in enumerate([b"", *STATES]):
            assert history.count(history.base + number) == str(state.count(b"\n"))
    assert len(STATES) + 1 > MOST_OTHERS


def test_an_answer_from_the_past_says_so(history: History) -> None:
    status, headers, _ = history.get(f"/sparql?query=ASK%7B%7D&version={history.base}")
    assert (status, headers["SkillGraph-Version"]) == (200, str(history.base))
    assert headers["Memento-Datetime"].endswith("GMT")
    assert 'rel="original timegate"' in headers["Link"]
    assert "Memento-Datetime" not in history.get("/sparql?query=ASK%7B%7D")[1]


def test_pages_data_and_questions_are_asked_of_the_past_too(history: History) -> None:
    path = "/page/id/corridor/changing"
    html = {"Accept": "text/html"}
    assert "three" in history.get(path, **html)[2]
    page = history.get(f"{path}?version={history.base + 2}", **html)[2]
    assert "two" in page
    assert f"dataset version {history.base + 2}" in page
    assert history.get(f"{path}?version={history.base + 3}", **html)[0] == 404
    data = history.get(f"/data/id/corridor/changing?version={history.base + 1}&format=nt")[2]
    assert data == f'<{RECORD}> <{LABEL}> "one"@en .\n'
    question = history.get(
        f"/questions/who-list?occupation=isco:C2221&origin=country:NPL&version={history.base}&format=json"
    )
    assert (question[0], json.loads(question[2])["version"]) == (200, history.base)


@pytest.mark.parametrize(
    ("asked", "status"), [("0", 404), ("9999", 404), ("x", 400), ("-1", 400), ("99999999999999999999", 400)]
)
def test_a_version_that_never_was_is_told_so(asked: str, status: int, history: History) -> None:
    found, _, body = history.get(f"/sparql?query=ASK%7B%7D&version={asked}")
    assert (found, json.loads(body)["status"]) == (status, status)


def test_a_time_leads_to_the_version_of_that_time(history: History) -> None:
    now = history.get("/sparql?query=ASK%7B%7D", **{"Accept-Datetime": "Fri, 01 Jan 2038 00:00:00 GMT"})
    assert now[1]["SkillGraph-Version"] == str(history.base + 4)
    assert history.get("/sparql?query=ASK%7B%7D", **{"Accept-Datetime": "Sat, 01 Jan 2000 00:00:00 GMT"})[0] == 404
    assert history.get("/sparql?query=ASK%7B%7D", **{"Accept-Datetime": "yesterday"})[0] == 400


def test_a_patch_leads_from_one_version_to_another(history: History) -> None:
    versions = [history.base + number for number in range(5)]
    for before, after in [(versions[0], versions[4]), (versions[1], versions[2]), (versions[2], versions[4])]:
        lines = history.get(f"/versions/{before}..{after}?format=patch")[2].splitlines(keepends=True)
        old = [b"", *STATES][before - history.base]
        patched = set(old.decode().splitlines(keepends=True))
        patched -= {line[2:] for line in lines if line.startswith("D ")}
        patched |= {line[2:] for line in lines if line.startswith("A ")}
        assert "".join(sorted(patched)).encode() == [b"", *STATES][after - history.base]
    assert history.get(f"/versions/{versions[2]}..{versions[1]}")[0] == 400
    assert history.get("/versions/1..999")[0] == 404


def test_versions_are_listed_as_page_document_and_feed(history: History) -> None:
    listed = json.loads(history.get("/versions", Accept="application/json")[2])["versions"]
    assert [each["version"] for each in listed[:4]] == [history.base + number for number in (4, 3, 2, 1)]
    assert {each["title"] for each in listed[:4]} == {"Corridors"}
    page = history.get(f"/versions/{history.base + 2}", Accept="text/html")[2]
    assert "adds" in page
    assert "two" in page
    _, headers, feed = history.get("/versions.atom")
    assert headers["Content-Type"].startswith("application/atom+xml")
    entries = ET.fromstring(feed).findall("{http://www.w3.org/2005/Atom}entry")  # noqa: S314 - our own
    assert len(entries) == len(listed)


def test_no_process_of_the_past_outlives_the_service(tmp_path: Path) -> None:
    with running_service(folder=tmp_path) as address:
        ledger = open_ledger(Settings(home=tmp_path / "skillgraph-data").ledger_url)
        base = ledger.version()
        ledger.publish("tester", lambda _: [Change(GRAPH, STATES[0], "Corridors")])
        found = History(address, base, ledger)
        while found.count() != "1":
            pass
        assert found.count(base) == "0"
        (service,) = [each for each in psutil.Process().children() if each.cwd() == str(tmp_path)]
        family = service.children(recursive=True)
        assert len(family) >= 9
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.wait(10)
    assert not any(each.is_running() for each in family)
