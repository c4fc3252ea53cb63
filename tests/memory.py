"""Watches how much memory the processes take that this one has started."""

from __future__ import annotations

import contextlib
import threading
from types import TracebackType

import psutil

_PAUSE_SECONDS = 0.02


class MemoryWatch:
    """Looks at the resident memory of all descendants while a block runs; ``growth_mb`` is the largest growth."""

    def __init__(self) -> None:
        self.growth_mb = 0.0
        self._start = _resident()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="memory-watch", daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(_PAUSE_SECONDS):
            self.growth_mb = max(self.growth_mb, (_resident() - self._start) / 2**20)


def _resident() -> int:
    total = 0
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    return total
