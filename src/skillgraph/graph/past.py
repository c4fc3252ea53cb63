"""Serves versions of the past: a process for each, which shares the store and takes back what came since."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

MOST_PAST = 3
"""Versions of the past that are served at a time; the one that was asked for longest ago makes room."""
IDLE_SECONDS = 600.0


@dataclass
class Served:
    """A process that serves a version, and when it was last asked for."""

    process: int
    asked: float


@dataclass
class Past:
    """The processes that serve versions of the past; ``serve`` runs in a fork and does not return."""

    folder: Path
    serve: Callable[[int, Path], None]
    served: dict[int, Served] = field(default_factory=dict)

    def visit(self, version: int) -> Path:
        """Return the folder in which a version is, or is about to be, reached."""
        place = self.folder / f"at-{version}"
        if version not in self.served:
            while len(self.served) >= MOST_PAST:
                self._end(min(self.served, key=lambda each: self.served[each].asked))
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            self.served[version] = Served(self._fork(version, place), 0.0)
        self.served[version].asked = time.monotonic()
        return place

    def tidy(self) -> None:
        """End the processes of versions that nobody asks for any more."""
        for version, each in list(self.served.items()):
            if time.monotonic() - each.asked > IDLE_SECONDS:
                self._end(version)

    def forget(self, process: int) -> bool:
        """Take note that a process is gone; tell whether it was one of these."""
        gone = [version for version, each in self.served.items() if each.process == process]
        for version in gone:
            del self.served[version]
            shutil.rmtree(self.folder / f"at-{version}", ignore_errors=True)
        return bool(gone)

    def end(self) -> None:
        """End all of them."""
        for version in list(self.served):
            self._end(version)

    def _fork(self, version: int, place: Path) -> int:
        process = os.fork()
        if process == 0:
            try:
                self.serve(version, place)
            finally:
                os._exit(1)
        return process

    def _end(self, version: int) -> None:
        process = self.served.pop(version).process
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(process, 0)
        shutil.rmtree(self.folder / f"at-{version}", ignore_errors=True)
