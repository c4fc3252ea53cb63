"""The replica's parent: loads the published graph once, forks workers that share its memory, follows the ledger.

It runs alone in its process and has one thread, so that forking is safe at any moment.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store, parse

from skillgraph.graph.confinement import Limits
from skillgraph.graph.wire import receive_frame, send_frame
from skillgraph.graph.worker import Post, serve_jobs
from skillgraph.ledger import Ledger

FOLLOW_SECONDS = 1.0
REMEMBERED_DEATHS = 1024


@dataclass(frozen=True)
class Place:
    """Where a replica is reached: a folder with one socket for jobs and one for control."""

    folder: Path

    @property
    def jobs(self) -> str:
        """Return the path of the socket for jobs."""
        return str(self.folder / "jobs")

    @property
    def control(self) -> str:
        """Return the path of the socket for control."""
        return str(self.folder / "control")


@dataclass(frozen=True)
class Crew:
    """How many workers serve, how many jobs may wait and what a job may take."""

    workers: int
    queue_length: int
    limits: Limits


@dataclass
class Replica:
    """The published graph in memory, its workers and what became of them."""

    ledger: Ledger
    place: Place
    crew: Crew
    store: Store = field(default_factory=Store)
    version: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    jobs: socket.socket | None = None
    workers: set[int] = field(default_factory=set)
    retired: set[int] = field(default_factory=set)
    deaths: dict[int, int] = field(default_factory=dict)
    descriptors: tuple[int, ...] = ()

    def load(self) -> None:
        """Fill the store from the ledger's heads."""
        heads = self.ledger.heads()
        self.heads = {graph: head.digest for graph, head in heads.items()}
        contents = {digest: self.ledger.content(digest) for digest in set(self.heads.values())}
        self.store.bulk_load(input=b"".join(contents.values()), format=RdfFormat.N_QUADS)
        self.version = max((head.version for head in heads.values()), default=0)
        gc.collect()
        gc.freeze()

    def run(self, lifeline: int, ready: int) -> None:
        """Serve until the other end of the lifeline closes; write one byte to ``ready`` when jobs are taken."""
        control = _listen(self.place.control, backlog=64)
        wake, wake_writer = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(wake_writer, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        self.descriptors = (control.fileno(), lifeline, ready, wake, wake_writer)
        self._open_generation()
        os.write(ready, b"1")
        with selectors.DefaultSelector() as selector:
            selector.register(control, selectors.EVENT_READ, "control")
            selector.register(lifeline, selectors.EVENT_READ, "lifeline")
            selector.register(wake, selectors.EVENT_READ, "wake")
            self._loop(selector, control, wake)
        self._end()

    def _loop(self, selector: selectors.BaseSelector, control: socket.socket, wake: int) -> None:
        next_look = time.monotonic() + FOLLOW_SECONDS
        while True:
            for key, _ in selector.select(max(0.0, next_look - time.monotonic())):
                if key.data == "lifeline":
                    return
                if key.data == "wake":
                    os.read(wake, 4096)
                    self._bury()
                if key.data == "control":
                    self._converse(control)
            if time.monotonic() >= next_look:
                self._follow()
                next_look = time.monotonic() + FOLLOW_SECONDS

    def _follow(self) -> None:
        """Apply the revisions made since, as differences, and hand over to a new generation of workers."""
        revisions = self.ledger.since(self.version)
        if not revisions:
            return
        for each in revisions:
            self._apply(self.heads.get(each.graph), each.digest)
            self.heads[each.graph] = each.digest
        self.version = revisions[-1].version
        self._open_generation()

    def _apply(self, before: str | None, after: str) -> None:
        old = _lines(self.ledger.content(before)) if before else set()
        new = _lines(self.ledger.content(after))
        for quad in parse(b"".join(old - new), format=RdfFormat.N_QUADS):
            self.store.remove(quad)
        self.store.extend(parse(b"".join(new - old), format=RdfFormat.N_QUADS))

    def _open_generation(self) -> None:
        """Bind a fresh socket in place of the old one; old workers finish the jobs that wait on theirs, then leave."""
        before, self.jobs = self.jobs, _listen(self.place.jobs, self.crew.queue_length)
        self.jobs.setblocking(False)
        leaving, self.workers = self.workers, set()
        for _ in range(self.crew.workers):
            self._fork()
        self.retired |= leaving
        for pid in leaving:
            os.kill(pid, signal.SIGTERM)
        if before is not None:
            before.close()

    def _fork(self) -> None:
        assert self.jobs is not None
        pid = os.fork()
        if pid:
            self.workers.add(pid)
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for descriptor in self.descriptors:
                os.close(descriptor)
            serve_jobs(Post(self.store, self.version, self.jobs, self.crew.limits))
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)

    def _bury(self) -> None:
        for pid, status in _dead_children():
            self.deaths[pid] = status
            if pid in self.workers:
                self.workers.discard(pid)
                self._fork()
            self.retired.discard(pid)
        while len(self.deaths) > REMEMBERED_DEATHS:
            del self.deaths[next(iter(self.deaths))]

    def _converse(self, control: socket.socket) -> None:
        connection, _ = control.accept()
        with connection:
            connection.settimeout(1.0)
            try:
                send_frame(connection, json.dumps(self._reply(json.loads(receive_frame(connection)))).encode())
            except (EOFError, OSError, ValueError) as fault:
                sys.stderr.write(f"replica: a control request failed: {fault}\n")

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("ask") == "death":
            self._bury()
            return {"status": self.deaths.get(int(request["pid"]))}
        if request.get("ask") == "follow":
            self._follow()
        return {"version": self.version, "workers": sorted(self.workers), "retired": sorted(self.retired)}

    def _end(self) -> None:
        for pid in self.workers | self.retired:
            os.kill(pid, signal.SIGKILL)
        for path in (self.place.jobs, self.place.control):
            Path(path).unlink(missing_ok=True)


def _listen(path: str, backlog: int) -> socket.socket:
    """Listen on a Unix socket that takes the place of an older one at the same path without a gap."""
    listener = socket.socket(socket.AF_UNIX)
    fresh = f"{path}.new"
    Path(fresh).unlink(missing_ok=True)
    listener.bind(fresh)
    Path(fresh).chmod(0o600)
    listener.listen(backlog)
    Path(fresh).rename(path)
    return listener


def _dead_children() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def _lines(nquads: bytes) -> set[bytes]:
    return set(nquads.splitlines(keepends=True))
