"""The process that validates contributions: it forks a child for each, so that a hostile file ends nothing but that."""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from skillgraph.contribution.house import house_rules
from skillgraph.contribution.inspection import DirectInspector, reply
from skillgraph.graph.confinement import cut_network, limit_memory, stay_with
from skillgraph.graph.place import Place, listen
from skillgraph.graph.workers import WorkerGraph
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings, read_settings
from skillgraph.validation import load_shapes

SOCKET = "inspections"
_BACKLOG = 32
_EXCHANGE_SECONDS = 30.0


@dataclass
class Inspectorate:
    """Forks a child for each connection, so many at once; it has one thread, so that forking is safe at any moment."""

    settings: Settings
    folder: Path
    children: set[int] = field(default_factory=set)

    def run(self, lifeline: int, ready: int) -> None:
        """Serve until the other end of the lifeline closes; write one byte to ``ready`` when files are taken."""
        graph = WorkerGraph(Place(self.folder), limits(self.settings), self.settings.queue_seconds)
        inspector = DirectInspector(graph)
        _prepare()
        listener = listen(str(self.folder / SOCKET), _BACKLOG)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.write(ready, b"1")
        while True:
            self._bury()
            waited: list[int | socket.socket] = (
                [lifeline, listener] if len(self.children) < self.settings.inspections else [lifeline]
            )
            readable, _, _ = select.select(waited, [], [], 0.05 if self.children else None)
            if lifeline in readable:
                return
            if listener in readable:
                self._fork(listener, inspector)

    def _fork(self, listener: socket.socket, inspector: DirectInspector) -> None:
        connection, _ = listener.accept()
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self.children.add(pid)
            connection.close()
            return
        status = 1
        try:
            listener.close()
            self._confine(parent)
            gc.disable()  # the process is gone before garbage matters, and its memory has a limit
            connection.settimeout(_EXCHANGE_SECONDS)
            with connection, contextlib.suppress(EOFError, OSError):
                reply(connection, inspector)
            status = 0
        except MemoryError:
            status = 0  # the client sees the connection close and says why
        finally:
            if status:
                traceback.print_exc()
            os._exit(status)

    def _confine(self, parent: int) -> None:
        cut_network()
        stay_with(parent)
        limit_memory(self.settings.inspection_memory_mb * 2**20)
        signal.setitimer(signal.ITIMER_REAL, self.settings.inspection_seconds)

    def _bury(self) -> None:
        while self.children:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self.children.discard(pid)


def _prepare() -> None:
    """Read and compute once what every child needs."""
    load_shapes().prepare()
    house_rules()
    gc.collect()
    gc.freeze()


def main(folder: str, lifeline: str, ready: str) -> None:
    """Inspect contributions until the supervisor is gone."""
    Inspectorate(read_settings(), Path(folder)).run(int(lifeline), int(ready))


if __name__ == "__main__":
    main(*sys.argv[1:])
