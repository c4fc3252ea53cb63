"""Starts SkillGraph and its peer as real servers on loopback, with the same data."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings

PATIENCE = 60.0
JSON = "application/sparql-results+json"


class Client:
    """Sends queries over one connection that stays open."""

    def __init__(self, port: int, path: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._path = path

    def query(self, text: str) -> bytes:
        """Return the whole result of a query as JSON, computed and not remembered."""
        headers = {"Accept": JSON, "Cache-Control": "no-cache"}
        self._connection.request("GET", f"{self._path}?{urlencode({'query': text})}", headers=headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{response.status} {body[:200]!r}")
        return body


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def skillgraph(home: Path) -> Iterator[tuple[Client, float]]:
    """Run ``skillgraph serve``; yield a client and the seconds from start to the first answer."""
    port = free_port()
    command = [sys.executable, "-m", "skillgraph", "serve", "--port", str(port), "--home", str(home)]
    start = time.perf_counter()
    with running(command, SKILLGRAPH_REQUESTS_PER_MINUTE=str(10**9)):
        client = first_answer(port, "/sparql")
        yield client, time.perf_counter() - start


@contextlib.contextmanager
def replica(settings: Settings) -> Iterator[WorkerGraph]:
    """Run a replica of its own; yield a graph that goes through its workers."""
    with tempfile.TemporaryDirectory(prefix="skillgraph-") as folder:
        lifeline, keep = os.pipe()
        reader, ready = os.pipe()
        module = "skillgraph.serving.replica_process"
        command = [sys.executable, "-m", module, folder, str(lifeline), str(ready)]
        environment = {**os.environ, **settings.environment()}
        process = subprocess.Popen(command, pass_fds=(lifeline, ready), env=environment)
        os.close(lifeline)
        os.close(ready)
        try:
            os.read(reader, 1)
            yield WorkerGraph(Place(Path(folder)), limits(settings), settings.queue_seconds)
        finally:
            os.close(keep)
            process.wait(PATIENCE)
            os.close(reader)


@contextlib.contextmanager
def oxigraph(nquads: bytes) -> Iterator[Client]:
    """Run ``oxigraph serve`` in memory with some N-Quads, its default graph the union of all."""
    port = free_port()
    program = str(Path(sys.executable).with_name("oxigraph"))
    with running([program, "serve", "--bind", f"127.0.0.1:{port}", "--union-default-graph"]):
        client = first_answer(port, "/query")
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("POST", "/store", nquads, {"Content-Type": "application/n-quads"})
        if connection.getresponse().status >= http.HTTPStatus.BAD_REQUEST:
            raise RuntimeError("oxigraph serve did not take the data")
        yield client


@contextlib.contextmanager
def running(command: list[str], folder: Path | None = None, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the block ends."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **variables})
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)


def first_answer(port: int, path: str) -> Client:
    """Return a client as soon as the server at a port answers a query."""
    deadline = time.monotonic() + PATIENCE
    while True:
        client = Client(port, path)
        try:
            client.query("ASK { ?s ?p ?o }")
        except (OSError, http.client.HTTPException):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return client
