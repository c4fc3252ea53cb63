"""Serves the graph as it was, or as it would be: a process for each, which shares the store and differs by a little."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MOST_OTHERS = 3
"""Other states of the graph that are served at a time; the one that was asked for longest ago makes room."""
IDLE_SECONDS = 600.0


@dataclass
class Served:
    """A process that serves a state of the graph, and when it was last asked for."""

    process: int
    asked: float


@dataclass
class OtherStates:
    """The processes that serve other states of the graph than the present one."""

    folder: Path
    served: dict[str, Served] = field(default_factory=dict)

    def visit(self, name: str, serve: Callable[[Path], None]) -> Path:
        """Return the folder in which a state is, or is about to be, reached; ``serve`` runs in a fork."""
        place = self.folder / name
        if name not in self.served:
            while len(self.served) >= MOST_OTHERS:
                self._end(min(self.served, key=lambda each: self.served[each].asked))
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            self.served[name] = Served(self._fork(serve, place), 0.0)
        self.served[name].asked = time.monotonic()
        return place

    def tidy(self) -> None:
        """End the processes of states that nobody asks for any more."""
        for name, each in list(self.served.items()):
            if time.monotonic() - each.asked > IDLE_SECONDS:
                self._end(name)

    def forget(self, process: int) -> bool:
        """Take note that a process is gone; tell whether it was one of these."""
        gone = [name for name, each in self.served.items() if each.process == process]
        for name in gone:
            del self.served[name]
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return bool(gone)

    def end(self) -> None:
        """End all of them."""
        for name in list(self.served):
            self._end(name)

    @staticmethod
    def _fork(serve: Callable[[Path], None], place: Path) -> int:
        process = os.fork()
        if process == 0:
            try:
                serve(place)
            finally:
                os._exit(1)
        return process

    def _end(self, name: str) -> None:
        process = self.served.pop(name).process
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)
        shutil.rmtree(self.folder / name, ignore_errors=True)
