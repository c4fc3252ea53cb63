"""Times callables in turn, so that a drift of the machine's speed meets all of them alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Median and 99th percentile of one subject, in seconds."""

    median: float
    p99: float
    runs: int


def in_turn(subjects: Mapping[str, Callable[[], object]], runs: int) -> dict[str, Timing]:
    """Run every subject once per round, after a tenth of the rounds as warm-up."""
    samples: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(-max(1, runs // 10), runs):
        for name, subject in subjects.items():
            start = time.perf_counter()
            subject()
            if number >= 0:
                samples[name].append(time.perf_counter() - start)
    return {name: _timing(times) for name, times in samples.items()}


def _timing(times: list[float]) -> Timing:
    ordered = sorted(times)
    return Timing(statistics.median(ordered), ordered[int(len(ordered) * 0.99)], len(ordered))
