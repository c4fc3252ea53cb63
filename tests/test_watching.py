"""Operators see what the service does: figures, a log of what went wrong, and the queries that run now."""

from __future__ import annotations

import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from prometheus_client.parser import text_string_to_metric_families

from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.tokens import without_words
from skillgraph.settings import Settings
from skillgraph.web import create_app
from tests.services import PATIENCE, free_port, running_service
from tests.test_cli import run

ENDLESS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


@dataclass
class Watched:
    """A running service, the address of its metrics and the folder it runs in."""

    address: str
    metrics: str
    folder: Path

    def ask(self, query: str) -> int:
        """Send a query; return the status."""
        try:
            urllib.request.urlopen(f"{self.address}/sparql?query={quote(query)}", timeout=PATIENCE).close()
        except urllib.error.HTTPError as fault:
            fault.close()
            return fault.code
        return 200

    def figures(self) -> dict[tuple[str, frozenset[str]], float]:
        """Return the samples by name and label values."""
        with urllib.request.urlopen(self.metrics, timeout=PATIENCE) as reply:
            text = reply.read().decode()
        families = text_string_to_metric_families(text)
        return {(each.name, frozenset(each.labels.values())): each.value for one in families for each in one.samples}

    def jobs(self) -> list[dict[str, Any]]:
        """Return what ``skillgraph top`` says."""
        reply = run("top", "--format", "json", "--home", "skillgraph-data", folder=self.folder)
        return list(json.loads(reply.stdout)["jobs"])

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log that are JSON."""
        text = (self.folder / "service.log").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder, port = tmp_path_factory.mktemp("watched"), free_port()
    with running_service(folder=folder, metrics_port=port, query_seconds=15) as address:
        yield Watched(address, f"http://127.0.0.1:{port}/metrics", folder)


def test_figures_of_all_processes_are_one(service: Watched) -> None:
    key = ("skillgraph_requests_total", frozenset({"sparql.sparql", "200"}))
    before = service.figures().get(key, 0)
    for number in range(20):
        assert service.ask(f"ASK {{ <urn:{number}> ?p ?o }}") == 200
    after = service.figures()
    assert after[key] == before + 20
    assert after["skillgraph_up", frozenset()] == 1
    assert after["skillgraph_dataset_version", frozenset()] > 0
    assert after["skillgraph_workers", frozenset({"serving"})] == 3


def test_the_site_itself_shows_no_figures(service: Watched) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{service.address}/metrics", timeout=PATIENCE)
    caught.value.close()
    assert caught.value.code == 404


def test_a_running_query_is_seen_and_ended(service: Watched) -> None:
    statuses: list[int] = []
    asking = threading.Thread(target=lambda: statuses.append(service.ask(ENDLESS)))
    asking.start()
    deadline = time.monotonic() + 10
    while not (jobs := service.jobs()):
        assert time.monotonic() < deadline
    (job,) = jobs
    assert job["text"] == ENDLESS
    assert 0 < job["seconds"] < 15
    shown = run("top", "--once", "--home", "skillgraph-data", folder=service.folder).stdout
    assert "1 running" in shown
    assert str(job["number"]) in shown
    ended = run("top", "--kill", str(job["number"]), "--home", "skillgraph-data", folder=service.folder)
    assert ended.stdout == f"Job {job['number']} was ended.\n"
    asking.join(PATIENCE)
    assert statuses == [503]
    assert service.jobs() == []
    assert service.figures()["skillgraph_stopped_jobs_total", frozenset({"cancelled"})] >= 1
    again = run("top", "--kill", str(job["number"]), "--home", "skillgraph-data", folder=service.folder)
    assert again.returncode == 2


def test_what_was_stopped_or_refused_is_in_the_log_without_what_people_wrote(service: Watched) -> None:
    service.ask('SELECT * { SERVICE <urn:x> { ?s ?p "Jane Doe" } } # Jane Doe')
    deadline = time.monotonic() + 10
    while not (lines := [line for line in service.log() if line["event"] == "refused-query"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert lines[0]["query"] == 'SELECT * { SERVICE <urn:x> { ?s ?p "…" } }'
    assert set(lines[0]) == {"time", "event", "endpoint", "status", "seconds", "query"}
    assert (lines[0]["status"], lines[0]["endpoint"]) == (403, "sparql.sparql")


def test_a_slow_request_is_in_the_log_and_a_quick_one_is_not(caplog: pytest.LogCaptureFixture) -> None:
    for seconds, lines in ((10.0, 0), (1e-9, 1)):
        client = create_app(Settings(slow_seconds=seconds), MemoryGraph(1, [])).test_client()
        with caplog.at_level(logging.WARNING, "skillgraph.requests"):
            caplog.clear()
            client.get("/sparql?query=ASK{}")
        assert [json.loads(each.message)["event"] for each in caplog.records] == ["slow"] * lines


def test_no_service_no_list(tmp_path: Path) -> None:
    result = run("top", "--once", folder=tmp_path)
    assert result.returncode == 2
    assert "No service runs" in result.stderr


def test_a_taken_address_for_metrics_is_said_and_no_more(service: Watched, tmp_path: Path) -> None:
    port = int(service.metrics.rpartition(":")[2].partition("/")[0])
    with running_service(folder=tmp_path, metrics_port=port):
        assert "Metrics are not served" in (tmp_path / "service.log").read_text(encoding="utf-8")


def test_the_link_to_a_service_goes_with_it(tmp_path: Path) -> None:
    with running_service(folder=tmp_path) as address:
        assert (tmp_path / "skillgraph-data" / "running").is_symlink()
        urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE).close()
    assert not (tmp_path / "skillgraph-data" / "running").is_symlink()


@pytest.mark.parametrize(
    ("text", "logged"),
    [
        ("ASK { ?s ?p 'x\\'y'@en . }", 'ASK { ?s ?p "…"@en . }'),
        ('ASK { ?s ?p """a "b" c""" . FILTER(?a < 3 && ?b > 1) }', 'ASK { ?s ?p "…" . FILTER(?a < 3 && ?b > 1) }'),
        ("ASK { <http://x/#a> ?p ?o }\n# Jane", "ASK { <http://x/#a> ?p ?o }"),
        ('ASK { ?s ?p "Jane', 'ASK { ?s ?p "…"'),
        ("ASK { ?s ?p ?aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", "ASK { ?s ?p ?" + "a" * 47 + "…"),
    ],
)
def test_a_query_in_the_log_has_nothing_in_its_strings(text: str, logged: str) -> None:
    assert without_words(text, 60) == logged
