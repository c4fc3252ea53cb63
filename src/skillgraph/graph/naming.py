"""Keeps the index of names up with the graph: a fork that shares the store reads what changed and writes it down."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import Store

from skillgraph.graph.confinement import stay_with
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.workforce import close_all_but
from skillgraph.search import NameIndex, records_of
from skillgraph.vocabulary import RDFS_SUBCLASS_OF

_CLASSES = str(RDFS_SUBCLASS_OF).encode()
_NICENESS = 5
_MOST = 100_000
"""Statements; where more are new or gone, the index is written anew."""


@dataclass
class Naming:
    """What has yet to be indexed, and the process that indexes the rest; there is one at a time."""

    folder: Path
    waiting: set[str] = field(default_factory=set)
    everything: bool = False
    process: int = 0

    def note(self, lines: Collection[bytes]) -> None:
        """Take note of statements, as lines of N-Quads, that are new or gone."""
        if len(lines) > _MOST:
            self.everything = True
            return
        for line in lines:
            subject, predicate, _ = line.split(b" ", 2)
            if predicate == _CLASSES:
                self.everything = True
            if subject.startswith(b"<"):
                self.waiting.add(subject[1:-1].decode())

    def note_all(self) -> None:
        """Take note that the whole graph is new."""
        self.everything = True

    def start(self, store: Store) -> None:
        """Index what waits, in a fork, unless one is at work; what comes meanwhile waits for the next call."""
        if self.process or not (self.waiting or self.everything):
            return
        self.process = os.fork()
        if self.process == 0:
            self._index(store)
        self.waiting, self.everything = set(), False

    def forget(self, process: int, status: int) -> bool:
        """Take note that a process is gone, and of its work if it failed; tell whether it was this one."""
        if process != self.process:
            return False
        self.process = 0
        self.everything |= status != 0
        return True

    def end(self) -> None:
        """End the process that is at work."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)

    def _index(self, store: Store) -> None:
        status, parent = 1, os.getppid()
        try:
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            close_all_but(2)
            stay_with(parent)
            os.nice(_NICENESS)
            index, graph = NameIndex(self.folder), MemoryGraph.of_store(store, 0)
            if self.everything:
                index.fill(records_of(graph.rows))
            else:
                index.exchange(self.waiting, records_of(graph.rows, self.waiting))
            status = 0
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)
