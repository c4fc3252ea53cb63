"""Remembers results for a while: as many bytes as it may, the longest unused go first."""

from __future__ import annotations

import threading
from collections import OrderedDict

from skillgraph.graph import Answer

_LARGEST_SHARE = 8
"""A result larger than this part of the memory is not kept: it would drive out many for one."""


class Memo:
    """Results by key, safe to share among threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Answer | None:
        """Return a result that is remembered."""
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def put(self, key: str, answer: Answer) -> None:
        """Remember a result, unless it is very large, and forget others for it."""
        size = len(answer.body)
        if size * _LARGEST_SHARE > self._most_bytes:
            return
        with self._lock:
            if key not in self._answers:
                self._answers[key] = answer
                self._bytes += size
            while self._bytes > self._most_bytes:
                _, forgotten = self._answers.popitem(last=False)
                self._bytes -= len(forgotten.body)
