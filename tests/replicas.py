"""Runs a replica of its own, as the service does, for tests that ask it, crowd it or kill it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import NamedNode, RdfFormat, parse

from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.ledger import Change, Ledger, open_ledger
from skillgraph.rdfio import canonical_nquads
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings

PATIENCE = 60.0


@dataclass
class RunningReplica:
    """A replica process, the ledger it follows and a client of its workers."""

    ledger: Ledger
    process: subprocess.Popen[bytes]
    graph: WorkerGraph

    def publish(self, graph: str, turtle: str) -> int:
        """Publish Turtle as the whole content of a named graph; return the version."""
        return publish(self.ledger, graph, turtle)

    def workers(self) -> list[int]:
        """Return the process numbers of the workers that take new jobs."""
        return list(self.graph.status()["workers"])

    def kill(self) -> None:
        """End the parent at once, without a chance to tidy up."""
        self.process.kill()
        self.process.wait(PATIENCE)


def publish(ledger: Ledger, graph: str, turtle: str) -> int:
    """Publish Turtle as the whole content of a named graph; return the version."""
    triples = [quad.triple for quad in parse(turtle, format=RdfFormat.TURTLE)]
    nquads = canonical_nquads(triples, NamedNode(graph))
    (revision,) = ledger.publish("test", lambda _: [Change(graph, nquads, "test")])
    return revision.version


@contextlib.contextmanager
def running_replica(home: Path, contents: Mapping[str, str], **choices: object) -> Iterator[RunningReplica]:
    """Publish Turtle by graph in a new ledger and run a replica of it with some settings."""
    settings = Settings(home=home, **choices)  # type: ignore[arg-type]
    ledger = open_ledger(settings.ledger_url)
    for graph, turtle in contents.items():
        publish(ledger, graph, turtle)
    lifeline, keep = os.pipe()
    reader, ready = os.pipe()
    with tempfile.TemporaryDirectory(prefix="skillgraph-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "skillgraph.serving.replica_process", folder, str(lifeline), str(ready)],
            pass_fds=(lifeline, ready),
            env={**os.environ, **settings.environment()},
        )
        os.close(lifeline)
        os.close(ready)
        try:
            assert os.read(reader, 1), "the replica did not start"
            yield RunningReplica(
                ledger, process, WorkerGraph(Place(Path(folder)), limits(settings), settings.queue_seconds)
            )
        finally:
            os.close(keep)
            os.close(reader)
            process.wait(PATIENCE)


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until a condition holds; return whether it ever did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def is_running(process: int) -> bool:
    """Tell whether a process exists and is not a zombie."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return not Path("/proc/self").exists()


def children(process: int) -> list[int]:
    """Return the processes whose parent is a process, zombies included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == process:
            found.append(int(stat.parent.name))
    return sorted(found)


def descendants(process: int) -> list[int]:
    """Return the children of a process, their children and so on."""
    found = children(process)
    return found + [each for child in found for each in descendants(child)]
