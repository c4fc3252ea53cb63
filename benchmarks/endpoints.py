"""The endpoint against its peers: the same data, the same queries, the same client, in turn."""

from __future__ import annotations

import contextlib
import http.client
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil

from benchmarks.dataset import nquads
from benchmarks.kinds import KINDS
from benchmarks.measure import in_turn
from benchmarks.peers import Peer, available, peer
from benchmarks.services import JSON, first_answer, free_port, running
from skillgraph.ledger import open_ledger
from skillgraph.loading import load, read_graphs
from skillgraph.settings import Settings

_SECONDS_PER_KIND = 2.0
_MOST_RUNS = 300
_LEAST_RUNS = 3
_CLIENTS = 8
_CROWD_SECONDS = 4.0
_TOO_SLOW_FOR_A_CROWD_MS = 500.0
_SERVE = """from skillgraph.serving.supervisor import Supervisor, listen
from skillgraph.settings import read_settings
settings = read_settings()
Supervisor(settings, listen(settings)).run(lambda: None)
"""
_FLOOR = """from flask import Flask
import sys
from gunicorn.app.base import BaseApplication
app = Flask(__name__)
app.add_url_rule("/sparql", "empty", lambda: "", methods=["GET"])
class Server(BaseApplication):
    def load_config(self):
        for name, value in {"bind": sys.argv[1], "workers": 2, "worker_class": "gthread", "threads": 16,
                            "keepalive": 75, "preload_app": True, "loglevel": "warning"}.items():
            self.cfg.set(name, value)
    def load(self):
        return app
Server().run()
"""
OURS = "SkillGraph"


@dataclass
class Measured:
    """Everything measured at one size: seconds from start to service, resident MiB, and timings by kind."""

    quads: int
    start_seconds: dict[str, float] = field(default_factory=dict)
    resident_mb: dict[str, float] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    medians_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    p99_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    per_second: dict[str, dict[str, float]] = field(default_factory=dict)
    floor: dict[str, float] = field(default_factory=dict)


def measure(quads: int, folder: Path, note: Callable[[str], None], without: tuple[str, ...] = ()) -> Measured:
    """Measure all servers with about so many quads."""
    data = folder / f"{quads}.nq"
    note(f"making {quads:,} quads")
    with data.open("w", encoding="utf-8") as file:
        file.writelines(nquads(quads))
    measured = Measured(quads)
    with contextlib.ExitStack() as stack:
        servers = {OURS: stack.enter_context(ours(data, folder / "home"))}
        for name in available():
            if name not in without:
                note(f"starting {name}")
                server = stack.enter_context(peer(name, data))
                servers[server.name] = server
        measured.start_seconds = {name: server.seconds for name, server in servers.items()}
        for kind, query in KINDS.items():
            note(f"{kind} over {quads:,} quads")
            _time_kind(measured, kind, query, servers)
        measured.resident_mb = {name: server.resident_mb() for name, server in servers.items()}
        for kind in ("look-up", "join of three"):
            note(f"{_CLIENTS} clients: {kind}")
            measured.per_second[kind] = {
                name: _crowd(server, KINDS[kind])
                for name, server in servers.items()
                if measured.medians_ms[kind][name] < _TOO_SLOW_FOR_A_CROWD_MS
            }
        note("the floor of the web layer")
        measured.floor = _floor(servers[OURS])
    data.unlink()
    return measured


@contextlib.contextmanager
def ours(data: Path, home: Path) -> Iterator[Peer]:
    """Run SkillGraph with the data alone, without its base."""
    port, began = free_port(), time.perf_counter()
    settings = Settings(home=home, port=port, metrics_port=0, requests_per_minute=10**9, query_seconds=60.0)
    load(open_ledger(settings.ledger_url), read_graphs([data], None), data.name)
    with running([sys.executable, "-c", _SERVE], **settings.environment()) as process:
        first_answer(port, "/sparql")
        yield Peer(OURS, port, "/sparql", time.perf_counter() - began, psutil.Process(process.pid))


def _time_kind(measured: Measured, kind: str, query: str, servers: Mapping[str, Peer]) -> None:
    clients = {name: server.client() for name, server in servers.items()}
    once, rows = {}, set()
    for name, client in clients.items():
        start = time.perf_counter()
        rows.add(len(json.loads(client.query(query))["results"]["bindings"]))
        once[name] = time.perf_counter() - start
    if len(rows) != 1:
        raise RuntimeError(f"{kind}: the servers return different numbers of rows: {sorted(rows)}")
    measured.rows[kind] = rows.pop()
    measured.medians_ms[kind], measured.p99_ms[kind] = {}, {}
    quick = {name: clients[name] for name, seconds in once.items() if seconds < _SECONDS_PER_KIND / _LEAST_RUNS}
    groups = [quick, *({name: client} for name, client in clients.items() if name not in quick)]
    for group in filter(None, groups):
        slowest = max(once[name] for name in group)
        runs = min(_MOST_RUNS, max(_LEAST_RUNS, int(_SECONDS_PER_KIND / slowest)))
        calls = {name: (lambda client=client: client.query(query)) for name, client in group.items()}  # type: ignore[misc]
        for name, timing in in_turn(calls, runs).items():
            measured.medians_ms[kind][name] = 1e3 * timing.median
            measured.p99_ms[kind][name] = 1e3 * timing.p99


def _crowd(server: Peer, query: str, **headers: str) -> float:
    """Return the requests a second that a crowd of clients gets answered, each in a process of its own."""
    target = f"{server.path}?{urlencode({'query': query})}"
    sent = {"Accept": JSON, "Cache-Control": "no-cache", **headers}
    with multiprocessing.get_context("spawn").Pool(_CLIENTS) as pool:
        return sum(pool.starmap(_count, [(server.port, target, sent)] * _CLIENTS))


def _count(port: int, target: str, headers: Mapping[str, str]) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start, number = time.perf_counter(), 0
    while time.perf_counter() - start < _CROWD_SECONDS:
        connection.request("GET", target, headers=dict(headers))
        connection.getresponse().read()
        number += 1
    return number / (time.perf_counter() - start)


def _floor(server: Peer) -> dict[str, float]:
    """Return requests a second of an empty view under the same web server, of a tiny query and of a 304."""
    query = KINDS["look-up"]
    port = free_port()
    with running([sys.executable, "-c", _FLOOR, f"127.0.0.1:{port}"]) as process:
        deadline = time.monotonic() + 30
        while subprocess.run(["curl", "--silent", f"http://127.0.0.1:{port}/sparql"], check=False).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError("the empty view did not answer")
        empty = Peer("empty view", port, "/sparql", 0.0, psutil.Process(process.pid))
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("GET", f"/sparql?{urlencode({'query': query})}", headers={"Accept": JSON})
        reply = connection.getresponse()
        reply.read()
        tag = reply.headers["ETag"]
        found: dict[str, list[float]] = {"empty view": [], "tiny query": [], "tiny query, remembered": [], "304": []}
        for _ in range(3):
            found["empty view"].append(_crowd(empty, query))
            found["tiny query"].append(_crowd(server, query))
            found["tiny query, remembered"].append(_crowd(server, query, **{"Cache-Control": "max-age=0"}))
            found["304"].append(_crowd(server, query, **{"If-None-Match": tag, "Cache-Control": "max-age=0"}))
    return {name: statistics.median(each) for name, each in found.items()}
