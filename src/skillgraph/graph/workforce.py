"""The workers of a replica, generation after generation, and what became of them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pyoxigraph import Store

from skillgraph.graph.confinement import Limits
from skillgraph.graph.place import Place, listen, point, tell_to_leave
from skillgraph.graph.roster import Roster
from skillgraph.graph.worker import Post, serve_jobs

REMEMBERED_DEATHS = 1024
MOST_DESCRIPTORS = 1024
"""More than the parent ever holds; it needs a few dozen."""
GENERATIONS = 8
"""Generations of workers that may be alive at once; a publication waits while as many are still at their jobs."""

_CAUSES: dict[int, str] = {
    signal.SIGALRM: "time",
    signal.SIGABRT: "memory",
    signal.SIGKILL: "cancelled",
    signal.SIGSEGV: "depth",
    signal.SIGBUS: "depth",
}


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
class Workforce:
    """All workers, each a copy of this process that shares its store."""

    place: Place
    crew: Crew
    store: Store
    current: Generation | None = None
    leaving: list[Generation] = field(default_factory=list)
    deaths: dict[int, int] = field(default_factory=dict)
    ends: Counter[str] = field(default_factory=Counter)
    opened: int = 0
    others: Callable[[int, int], bool] = lambda *_: False
    """Takes note of the death, with its status, of a child that is no worker; tells whether it knows it."""

    def __post_init__(self) -> None:
        self.roster = Roster(self.crew.workers * GENERATIONS)

    @property
    def has_room(self) -> bool:
        """Tell whether another generation may begin."""
        return len(self.leaving) < GENERATIONS - 1

    def status(self) -> dict[str, Any]:
        """Return the process numbers of the workers that serve, those that leave and those at a job."""
        return {
            "workers": sorted(self.current.workers) if self.current else [],
            "leaving": sorted(pid for generation in self.leaving for pid in generation.workers),
            "busy": sorted(self.roster.jobs()),
            "ends": dict(self.ends),
        }

    def jobs(self) -> list[dict[str, Any]]:
        """Return what runs now, the longest first."""
        found = [{"worker": worker, **asdict(job)} for worker, job in self.roster.jobs().items()]
        return sorted(found, key=lambda job: job["seconds"], reverse=True)

    def open_generation(self, version: int) -> None:
        """Start workers on a fresh socket, lead new jobs there, and let the old workers finish those that wait."""
        self.opened += 1
        path = f"{self.place.jobs}-{self.opened}"
        before = self.current
        self.current = Generation(version, path, listen(path, self.crew.queue_length))
        for _ in range(self.crew.workers):
            self._fork(self.current)
        point(self.place.jobs, Path(path).name)
        if before is not None:
            before.untold = len(before.workers)
            self.leaving.append(before)
            self.dismiss()

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
            close_all_but(generation.jobs.fileno())
            serve_jobs(Post(parent, self.store, generation.version, generation.jobs, desk, self.crew.limits))
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)

    def dismiss(self) -> None:
        """Tell the workers of old generations to leave, behind the jobs that wait; forget generations that are gone."""
        for generation in self.leaving:
            while generation.untold and tell_to_leave(generation.path):
                generation.untold -= 1
            if not generation.workers:
                generation.jobs.close()
                Path(generation.path).unlink(missing_ok=True)
        self.leaving = [generation for generation in self.leaving if generation.workers]

    def bury(self) -> None:
        """Take note of workers that died, with the jobs that they were at, and fork others in place of those needed."""
        for pid, status in _dead_children():
            if self.others(pid, status):
                continue
            job = self.roster.release(pid)
            if job:
                self.deaths[job] = status
                self.ends[_cause(status)] += 1
            if self.current is not None and pid in self.current.workers:
                self.current.workers.discard(pid)
                self._fork(self.current)
            for generation in self.leaving:
                generation.workers.discard(pid)
        self.dismiss()
        while len(self.deaths) > REMEMBERED_DEATHS:
            del self.deaths[next(iter(self.deaths))]

    def state(self, job: int) -> dict[str, Any]:
        """Return whether a job runs, ended with its worker, or was never taken (or is done)."""
        self.bury()
        if job in self.deaths:
            status = self.deaths[job]
            return {"state": "dead", "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None}
        return {"state": "running" if any(at.number == job for at in self.roster.jobs().values()) else "unknown"}

    def cancel(self, job: int) -> None:
        """End the worker that is at a job, if there is one; another takes its place."""
        for worker, at in self.roster.jobs().items():
            if at.number == job:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)

    def end(self) -> None:
        """End all workers at once and remove the sockets where their jobs arrive."""
        generations = [*self.leaving, *([self.current] if self.current else [])]
        for generation in generations:
            for pid in generation.workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            Path(generation.path).unlink(missing_ok=True)
        Path(self.place.jobs).unlink(missing_ok=True)


def close_all_but(kept: int) -> None:
    """Close every descriptor above standard error but one: a child has no business with what its parent holds."""
    os.closerange(3, kept)
    os.closerange(kept + 1, MOST_DESCRIPTORS)


def _cause(status: int) -> str:
    """Say in one word why a worker died at its job."""
    return _CAUSES.get(os.WTERMSIG(status), "fault") if os.WIFSIGNALED(status) else "fault"


def _dead_children() -> Iterator[tuple[int, int]]:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status
