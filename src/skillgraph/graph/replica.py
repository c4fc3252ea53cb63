"""The replica's parent: loads the published graph once, forks workers that share its memory, follows the ledger.

It runs alone in its process and has one thread, so that forking is safe at any moment.
"""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store, parse

from skillgraph.errors import SkillGraphError
from skillgraph.graph.confinement import Limits
from skillgraph.graph.roster import Roster
from skillgraph.graph.wire import receive_message, send_message
from skillgraph.graph.worker import Post, serve_jobs
from skillgraph.ledger import Ledger, Revision

FOLLOW_SECONDS = 1.0
CONVERSATION_SECONDS = 1.0
REMEMBERED_DEATHS = 1024
MOST_DESCRIPTORS = 1024
"""More than the parent ever holds; it needs a few dozen."""
GENERATIONS = 8
"""Generations of workers that may be alive at once; a publication waits while as many are still at their jobs."""


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
class Generation:
    """The workers of one version, the socket where their jobs arrive, and how many have yet to be told to leave."""

    version: int
    path: str
    jobs: socket.socket
    workers: set[int] = field(default_factory=set)
    untold: int = 0


@dataclass
class Replica:
    """The published graph in memory, its workers and what became of them."""

    ledger: Ledger
    place: Place
    crew: Crew
    store: Store = field(default_factory=Store)
    version: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    current: Generation | None = None
    leaving: list[Generation] = field(default_factory=list)
    deaths: dict[int, int] = field(default_factory=dict)
    trouble: str = ""

    def __post_init__(self) -> None:
        self.roster = Roster(self.crew.workers * GENERATIONS)

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
        for descriptor in (wake, wake_writer):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
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
                self._dismiss()
                self._follow()
                next_look = time.monotonic() + FOLLOW_SECONDS

    def _follow(self) -> None:
        """Take in what was published since; while the ledger cannot be read, keep serving the version there is."""
        try:
            revisions = self.ledger.since(self.version)
            if revisions and len(self.leaving) < GENERATIONS - 1:
                self._advance(revisions)
            self.trouble = ""
        except SkillGraphError as fault:
            if fault.message != self.trouble:
                sys.stderr.write(f"replica: version {self.version} stays: {fault.message} {fault.remedy}\n")
            self.trouble = fault.message

    def _advance(self, revisions: Sequence[Revision]) -> None:
        """Apply revisions as differences and hand over to a new generation of workers."""
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
        """Start workers on a fresh socket, lead new jobs there, and let the old workers finish those that wait."""
        path = f"{self.place.jobs}-{self.version}"
        before = self.current
        self.current = Generation(self.version, path, _listen(path, self.crew.queue_length))
        for _ in range(self.crew.workers):
            self._fork(self.current)
        _point(self.place.jobs, path)
        if before is not None:
            before.untold = len(before.workers)
            self.leaving.append(before)
            self._dismiss()

    def _fork(self, generation: Generation) -> None:
        desk = self.roster.free_desk()
        assert desk is not None
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self.roster.assign(pid)
            generation.workers.add(pid)
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            _close_all_but(generation.jobs.fileno())
            serve_jobs(Post(parent, self.store, generation.version, generation.jobs, desk, self.crew.limits))
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)

    def _dismiss(self) -> None:
        """Tell the workers of old generations to leave, behind the jobs that wait; forget generations that are gone."""
        for generation in self.leaving:
            while generation.untold and _tell_to_leave(generation.path):
                generation.untold -= 1
            if not generation.workers:
                generation.jobs.close()
                Path(generation.path).unlink(missing_ok=True)
        self.leaving = [generation for generation in self.leaving if generation.workers]

    def _bury(self) -> None:
        for pid, status in _dead_children():
            job = self.roster.release(pid)
            if job:
                self.deaths[job] = status
            if self.current is not None and pid in self.current.workers:
                self.current.workers.discard(pid)
                self._fork(self.current)
            for generation in self.leaving:
                generation.workers.discard(pid)
        self._dismiss()
        while len(self.deaths) > REMEMBERED_DEATHS:
            del self.deaths[next(iter(self.deaths))]

    def _converse(self, control: socket.socket) -> None:
        connection, _ = control.accept()
        with connection:
            connection.settimeout(CONVERSATION_SECONDS)
            try:
                request, _ = receive_message(connection)
                send_message(connection, self._reply(request or {}))
            except (EOFError, OSError, ValueError) as fault:
                sys.stderr.write(f"replica: a control request failed: {fault}\n")

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("ask") == "job":
            return self._state(int(request["job"]))
        if request.get("ask") == "follow":
            self._follow()
        return {
            "version": self.version,
            "workers": sorted(self.current.workers) if self.current else [],
            "leaving": sorted(pid for generation in self.leaving for pid in generation.workers),
            "busy": sorted(self.roster.jobs()),
        }

    def _state(self, job: int) -> dict[str, Any]:
        """Return whether a job runs, ended with its worker, or was never taken (or is done)."""
        self._bury()
        if job in self.deaths:
            status = self.deaths[job]
            return {"state": "dead", "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}
        return {"state": "running" if job in self.roster.jobs().values() else "unknown"}

    def _end(self) -> None:
        generations = [*self.leaving, *([self.current] if self.current else [])]
        for generation in generations:
            for pid in generation.workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            Path(generation.path).unlink(missing_ok=True)
        for path in (self.place.jobs, self.place.control):
            Path(path).unlink(missing_ok=True)


def _listen(path: str, backlog: int) -> socket.socket:
    """Listen on a Unix socket that only this user can reach."""
    listener = socket.socket(socket.AF_UNIX)
    Path(path).unlink(missing_ok=True)
    listener.bind(path)
    Path(path).chmod(0o600)
    listener.listen(backlog)
    return listener


def _point(link: str, path: str) -> None:
    """Make a link lead to another socket without a moment in which it leads nowhere."""
    fresh = Path(f"{link}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(Path(path).name)
    fresh.rename(link)


def _tell_to_leave(path: str) -> bool:
    """Queue a message that makes one worker leave; return whether there was room in the queue."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        try:
            connection.connect(path)
            send_message(connection, None)
        except OSError:
            return False
    return True


def _close_all_but(kept: int) -> None:
    """Close every descriptor above standard error but one: a worker has no business with what its parent holds."""
    os.closerange(3, kept)
    os.closerange(kept + 1, MOST_DESCRIPTORS)


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
