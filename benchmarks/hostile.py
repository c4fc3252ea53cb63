"""What an honest client notices while hostile requests arrive, one after the other."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.services import Client, first_answer, free_port, running
from tests.hostile import HostileRequest, hostile_requests
from tests.memory import MemoryWatch

_SECONDS = 3.0
_MEMORY_MB = 256
_PROBE = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?label WHERE { <http://publications.europa.eu/resource/authority/country/KEN> skos:prefLabel ?label }"""
_LEAST_PROBES = 100
_PAUSE = 0.005


@dataclass(frozen=True)
class Contained:
    """One hostile request: its status, seconds, growth of memory, and the probe's p99 against its quiet one."""

    name: str
    status: int
    right: bool
    seconds: float
    growth_mb: float
    probes: int
    p99_ratio: float


def measure(command: list[str], note: Callable[[str], None]) -> tuple[float, list[Contained]]:
    """Return the probe's quiet p99 in milliseconds, and what came of each hostile request."""
    port = free_port()
    limits = {"QUERY_SECONDS": _SECONDS, "QUERY_MEMORY_MB": _MEMORY_MB, "RESULT_MB": 16, "RESULT_ROWS": 100_000}
    settings = {f"SKILLGRAPH_{name}": str(value) for name, value in limits.items()}
    settings |= {"SKILLGRAPH_PORT": str(port), "SKILLGRAPH_METRICS_PORT": "0"}
    settings |= {"SKILLGRAPH_REQUESTS_PER_MINUTE": str(10**9)}
    with tempfile.TemporaryDirectory() as folder, running([*command, "serve", "--home", folder], **settings):
        client = first_answer(port, "/sparql")
        quiet = _p99([_probe(client) for _ in range(2000)][1000:])
        found = []
        for case in hostile_requests(_SECONDS, _MEMORY_MB):
            note(case.name)
            found.append(_contained(case, port, client, quiet))
    return 1e3 * quiet, found


def _contained(case: HostileRequest, port: int, client: Client, quiet: float) -> Contained:
    outcome: list[tuple[int, float]] = []

    def send() -> None:
        start = time.perf_counter()
        status = case.send(f"http://127.0.0.1:{port}")
        outcome.append((status, time.perf_counter() - start))

    with MemoryWatch() as memory:
        times = list(_probes_during(send, client))
    status, seconds = outcome[0]
    return Contained(
        case.name, status, status in case.statuses, seconds, memory.growth_mb, len(times), _p99(times) / quiet
    )


def _probes_during(send: Callable[[], None], client: Client) -> Iterator[float]:
    """Probe while a request is on its way, and a while longer if that is too short to say anything."""
    sender = threading.Thread(target=send)
    sender.start()
    number = 0
    while sender.is_alive() or number < _LEAST_PROBES:
        yield _probe(client)
        number += 1
        time.sleep(_PAUSE)
    sender.join()


def _probe(client: Client) -> float:
    start = time.perf_counter()
    client.query(_PROBE)
    return time.perf_counter() - start


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]
