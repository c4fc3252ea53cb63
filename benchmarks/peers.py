"""Starts the peers of the endpoint with the same data: oxigraph serve, rdflib-endpoint and Virtuoso."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

from benchmarks.services import PATIENCE, Client, free_port, running

_ISQL = "isql-vt"
_VIRTUOSO = """[Database]
DatabaseFile = virtuoso.db
TransactionFile = virtuoso.trx
ErrorLogFile = virtuoso.log
xa_persistent_file = virtuoso.pxa
LockFile = virtuoso.lck
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = {sql}
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
DirsAllowed = {folder}
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = {http}
ServerThreads = 16
[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 60
"""
_RDFLIB = """import sys, uvicorn, rdflib, rdflib_endpoint
dataset = rdflib.Dataset(default_union=True)
dataset.parse(sys.argv[1], format="nquads")
app = rdflib_endpoint.SparqlEndpoint(graph=dataset, path="/sparql")
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


@dataclass(frozen=True)
class Peer:
    """A running server: its address, a client, and the seconds from its start until it served all data."""

    name: str
    port: int
    path: str
    seconds: float
    process: psutil.Process

    def client(self) -> Client:
        """Return a client with a connection of its own."""
        return Client(self.port, self.path)

    def resident_mb(self) -> float:
        """Return the resident memory of all its processes, pages that they share counted once."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(each.memory_full_info().pss for each in family) / 2**20


def available() -> list[str]:
    """Return the names of the peers that are installed."""
    found = ["oxigraph"]
    if find_spec("rdflib_endpoint"):
        found.append("rdflib-endpoint")
    if shutil.which("virtuoso-t") and shutil.which(_ISQL):
        found.append("virtuoso")
    return found


@contextlib.contextmanager
def peer(name: str, data: Path) -> Iterator[Peer]:
    """Run a peer by its name with a file of N-Quads."""
    start = {"oxigraph": _oxigraph, "rdflib-endpoint": _rdflib, "virtuoso": _virtuoso}[name]
    with start(data) as running_peer:
        yield running_peer


@contextlib.contextmanager
def _oxigraph(data: Path) -> Iterator[Peer]:
    port, began = free_port(), time.perf_counter()
    program = str(Path(sys.executable).with_name("oxigraph"))
    with running([program, "serve", "--bind", f"127.0.0.1:{port}", "--union-default-graph"]) as process:
        _await(port, "/query")
        command = ["curl", "--silent", "--fail", "--header", "Content-Type: application/n-quads", "--data-binary"]
        subprocess.run([*command, f"@{data}", f"http://127.0.0.1:{port}/store"], check=True)
        yield Peer("oxigraph serve", port, "/query", time.perf_counter() - began, psutil.Process(process.pid))


@contextlib.contextmanager
def _rdflib(data: Path) -> Iterator[Peer]:
    port, began = free_port(), time.perf_counter()
    with running([sys.executable, "-c", _RDFLIB, str(data), str(port)]) as process:
        _await(port, "/sparql")
        yield Peer("rdflib-endpoint", port, "/sparql", time.perf_counter() - began, psutil.Process(process.pid))


@contextlib.contextmanager
def _virtuoso(data: Path) -> Iterator[Peer]:
    folder, sql, http, began = data.parent / "virtuoso", free_port(), free_port(), time.perf_counter()
    folder.mkdir()
    (folder / "virtuoso.ini").write_text(_VIRTUOSO.format(sql=sql, http=http, folder=data.parent), encoding="utf-8")
    with running(["virtuoso-t", "-f", "-c", str(folder / "virtuoso.ini")], folder) as process:
        _await(http, "/sparql")
        orders = f"ld_dir('{data.parent}', '{data.name}', 'urn:none'); rdf_loader_run(); checkpoint;"
        isql = [_ISQL, str(sql), "dba", "dba", f"exec={orders}"]
        subprocess.run(isql, check=True, stdout=subprocess.DEVNULL)
        yield Peer("Virtuoso 7", http, "/sparql", time.perf_counter() - began, psutil.Process(process.pid))
        subprocess.run([_ISQL, str(sql), "dba", "dba", "exec=shutdown;"], check=False, capture_output=True)
    shutil.rmtree(folder)


def _await(port: int, path: str) -> None:
    deadline = time.monotonic() + 20 * PATIENCE
    while True:
        try:
            Client(port, path).query("ASK { ?s ?p ?o }")
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
