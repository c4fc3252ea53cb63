"""Which worker is at which job, since when and with what: memory that the replica's parent shares with its workers."""

from __future__ import annotations

import mmap
import struct
import time
from dataclasses import dataclass

_JOB = struct.Struct("=QdI")
_SIZE = 4096
MOST_BYTES_OF_TEXT = _SIZE - _JOB.size
"""As much of a query's text as is written down."""


@dataclass(frozen=True)
class Job:
    """What a worker is at: the number of the job, how long it has run in seconds, and how its query begins."""

    number: int
    seconds: float
    text: str


@dataclass(frozen=True)
class Desk:
    """A worker's place in the shared memory, which says what it is at; the number 0 is for nothing."""

    page: mmap.mmap
    place: int

    def take(self, job: int, text: str) -> None:
        """Write down that the worker is at a job, the number last: whoever reads it finds the rest."""
        start = self.place * _SIZE
        written = text[:MOST_BYTES_OF_TEXT].encode("utf-8", "replace")[:MOST_BYTES_OF_TEXT]
        self.page[start + _JOB.size : start + _JOB.size + len(written)] = written
        _JOB.pack_into(self.page, start, job, time.monotonic(), len(written))

    def clear(self) -> None:
        """Write down that the worker is at no job."""
        _JOB.pack_into(self.page, self.place * _SIZE, 0, 0.0, 0)

    def job(self) -> Job | None:
        """Return what the worker is at."""
        start = self.place * _SIZE
        number, since, length = _JOB.unpack_from(self.page, start)
        if not number:
            return None
        text = self.page[start + _JOB.size : start + _JOB.size + length].decode("utf-8", "ignore")
        return Job(number, time.monotonic() - since, text)


class Roster:
    """The desks of all workers, those of retiring generations included."""

    def __init__(self, desks: int) -> None:
        page = mmap.mmap(-1, desks * _SIZE)
        self._free = [Desk(page, place) for place in range(desks)]
        self._taken: dict[int, Desk] = {}

    def free_desk(self) -> Desk | None:
        """Return a desk at which nobody sits, ``None`` if all are taken."""
        return self._free[-1] if self._free else None

    def assign(self, worker: int) -> None:
        """Give the free desk to a worker."""
        self._taken[worker] = self._free.pop()

    def release(self, worker: int) -> int:
        """Take back the desk of a worker that is gone; return the number of the job it was at, 0 for none."""
        desk = self._taken.pop(worker)
        job = desk.job()
        desk.clear()
        self._free.append(desk)
        return job.number if job else 0

    def jobs(self) -> dict[int, Job]:
        """Return the jobs that workers are at, by process number."""
        found = {worker: desk.job() for worker, desk in self._taken.items()}
        return {worker: job for worker, job in found.items() if job}
