"""Runs the service for minutes under honest and hostile clients, and says whether it is still whole: ``make soak``."""

from __future__ import annotations

import http.client
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlencode

import click
import psutil

from benchmarks.services import JSON, first_answer, free_port, running
from skillgraph.resources import query_files
from skillgraph.vocabulary import prefix_lines
from tests.hostile import HostileRequest, hostile_requests

_LIMITS = {"QUERY_SECONDS": 3.0, "QUERY_MEMORY_MB": 256, "RESULT_MB": 16, "RESULT_ROWS": 100_000, "METRICS_PORT": 0}
_WORKERS = 3
_LOOK_SECONDS = 5.0
_PAGES = ("/", "/kind/Scheme", "/id/scheme/triple-win", "/search?q=nurse", "/questions", "/healthz")


@dataclass
class Soak:
    """What the clients saw, and the memory of the service over time in MiB."""

    port: int
    share: float
    until: float
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    by_process: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self, seed: int, honest: list[str], hostile: list[HostileRequest]) -> None:
        """Send requests until the time is over, a share of them hostile."""
        chance = random.Random(seed)  # noqa: S311 - no secret, but the same each time
        while time.monotonic() < self.until:
            if chance.random() < self.share:
                case = chance.choice(hostile)
                status = case.send(f"http://127.0.0.1:{self.port}")
                self._note(f"hostile {status}", f"{case.name}: {status}", status in (*case.statuses, 503))
            else:
                target = chance.choice(honest)
                status, kind = self._get(target)
                self._note(f"honest {status} {kind}".strip(), f"{target}: {status} {kind}", _is_fine(status, kind))

    def _get(self, target: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", target, headers={"Accept": f"{JSON}, text/html;q=0.9, */*;q=0.1"})
            reply = connection.getresponse()
            body = reply.read()
        finally:
            connection.close()
        is_problem = reply.headers.get("Content-Type", "").startswith("application/problem+json")
        return reply.status, json.loads(body)["type"].rpartition("#")[2] if is_problem else ""

    def _note(self, what: str, details: str, fine: bool) -> None:
        with self.lock:
            self.statuses[what] += 1
            if not fine:
                self.wrong.append(details)


def _is_fine(status: int, kind: str) -> bool:
    return status < 500 or kind == "too-busy"


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--clients", default=6, show_default=True)
@click.option("--share", default=0.05, show_default=True, help="Part of the requests that is hostile.")
def main(minutes: float, clients: int, share: float) -> None:
    """Soak the service; the exit code is 1 if anything was wrong."""
    port = free_port()
    settings = {f"SKILLGRAPH_{name}": str(value) for name, value in _LIMITS.items()}
    settings |= {"SKILLGRAPH_PORT": str(port), "SKILLGRAPH_REQUESTS_PER_MINUTE": str(10**9)}
    settings |= {"SKILLGRAPH_QUERY_WORKERS": str(_WORKERS)}
    texts = [prefix_lines() + path.read_text(encoding="utf-8") for path in query_files("examples")]
    honest = [f"/sparql?{urlencode({'query': text})}" for text in texts] + list(_PAGES)
    hostile = [each for each in hostile_requests(3.0, 256) if each.seconds < 15]
    command = [sys.executable, "-m", "skillgraph", "serve", "--home"]
    with tempfile.TemporaryDirectory() as folder, running([*command, folder], **settings) as process:
        first_answer(port, "/sparql")
        soak = Soak(port, share, time.monotonic() + 60 * minutes)
        crowd = [threading.Thread(target=soak.client, args=(seed, honest, hostile)) for seed in range(clients)]
        for each in crowd:
            each.start()
        service = psutil.Process(process.pid)
        while any(each.is_alive() for each in crowd):
            soak.by_process = _proportional_mb(service)
            soak.memory_mb.append(sum(soak.by_process.values()))
            time.sleep(_LOOK_SECONDS)
        time.sleep(5.0)
        family = service.children(recursive=True)
        zombies = [each.pid for each in family if each.status() == psutil.STATUS_ZOMBIE]
        report = _report(soak, len(family), zombies)
    click.echo(json.dumps(report, indent=1))
    sys.exit(bool(soak.wrong or zombies))


def _report(soak: Soak, processes: int, zombies: list[int]) -> dict[str, object]:
    tenth = max(1, len(soak.memory_mb) // 10)
    tenths = [soak.memory_mb[start : start + tenth] for start in range(0, 10 * tenth, tenth)]
    return {
        "requests": sum(soak.statuses.values()),
        "statuses": dict(sorted(soak.statuses.items())),
        "wrong": soak.wrong,
        "processes": processes,
        "zombies": zombies,
        "memory_mb_by_tenth": [round(sum(each) / len(each)) for each in tenths if each],
        "memory_mb_by_process": soak.by_process,
    }


def _proportional_mb(service: psutil.Process) -> dict[str, float]:
    """Return the memory of each process by its module and number, pages that several share counted once among them."""
    found = {}
    for each in [service, *service.children(recursive=True)]:
        try:
            name = next((part for part in each.cmdline() if part.startswith("skillgraph")), "worker")
            found[f"{name} {each.pid}"] = round(each.memory_full_info().pss / 2**20, 1)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


if __name__ == "__main__":
    main()
