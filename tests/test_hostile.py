"""Each hostile request gets the status it deserves, in bounded time and memory, and leaves the service whole."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.hostile import HostileRequest, hostile_requests
from tests.memory import MemoryWatch
from tests.services import PATIENCE, running_service

SECONDS = 1.0
MEMORY_MB = 192
PROBE = "ASK { <http://publications.europa.eu/resource/authority/country/KEN> ?p ?o }"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    with running_service(
        folder=folder, query_seconds=SECONDS, query_memory_mb=MEMORY_MB, result_mb=16, result_rows=100_000
    ) as address:
        yield address


@pytest.mark.parametrize("case", [pytest.param(each, id=each.name) for each in hostile_requests(SECONDS, MEMORY_MB)])
def test_a_hostile_request_is_contained(case: HostileRequest, address: str) -> None:
    with MemoryWatch() as memory:
        start = time.monotonic()
        status = case.send(address)
        taken = time.monotonic() - start
    assert status in case.statuses
    assert taken <= case.seconds
    assert memory.growth_mb <= case.memory_mb
    with urllib.request.urlopen(f"{address}/sparql?query={quote(PROBE)}&format=json", timeout=PATIENCE) as reply:
        assert b"true" in reply.read()


def test_there_are_enough_of_them() -> None:
    assert len(list(hostile_requests(SECONDS, MEMORY_MB))) >= 60
