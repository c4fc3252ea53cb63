"""Which worker is at which job: a page of memory that the replica's parent shares with its workers."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass

_JOB = struct.Struct("=Q")


@dataclass(frozen=True)
class Desk:
    """A worker's place in the shared page, which holds the number of the job it is at, 0 for none."""

    page: mmap.mmap
    place: int

    def take(self, job: int) -> None:
        """Write down that the worker is at a job."""
        _JOB.pack_into(self.page, self.place * _JOB.size, job)

    def clear(self) -> None:
        """Write down that the worker is at no job."""
        self.take(0)

    def job(self) -> int:
        """Return the number of the job, 0 for none."""
        return int(_JOB.unpack_from(self.page, self.place * _JOB.size)[0])


class Roster:
    """The desks of all workers, those of retiring generations included."""

    def __init__(self, desks: int) -> None:
        page = mmap.mmap(-1, desks * _JOB.size)
        self._free = [Desk(page, place) for place in range(desks)]
        self._taken: dict[int, Desk] = {}

    def free_desk(self) -> Desk | None:
        """Return a desk at which nobody sits, ``None`` if all are taken."""
        return self._free[-1] if self._free else None

    def assign(self, worker: int) -> None:
        """Give the free desk to a worker."""
        self._taken[worker] = self._free.pop()

    def release(self, worker: int) -> int:
        """Take back the desk of a worker that is gone; return the job it was at, 0 for none."""
        desk = self._taken.pop(worker)
        job = desk.job()
        desk.clear()
        self._free.append(desk)
        return job

    def jobs(self) -> dict[int, int]:
        """Return the jobs that workers are at, by process number."""
        return {worker: desk.job() for worker, desk in self._taken.items() if desk.job()}
