"""What the kernel enforces on a worker: time, memory, no network and no new descriptors."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from skillgraph.graph.protocol import Query, Size

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Limits:
    """What one query may be and take.

    Wall time in seconds, memory beyond the graph in bytes, size of the result, depth of its groups and brackets, steps
    of its longest property path.
    """

    seconds: float
    memory_bytes: int
    result: Size
    depth: int
    steps: int

    def seconds_for(self, query: Query) -> float:
        """Return the wall time of a query: what its caller grants it, at most the limit."""
        return min(self.seconds, query.seconds or self.seconds)


def cut_network() -> bool:
    """Move this process into a network namespace without interfaces; return whether the system allowed it."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def network_can_be_cut() -> bool:
    """Tell whether the system lets a process of ours give up the network, by trying it in a child."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if cut_network() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def stay_with(parent: int) -> None:
    """Let the kernel end this process with its parent (Linux); ``cut_network`` undoes it, so call that first."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_memory(size: int) -> None:
    """Let the address space grow by a size in bytes beyond what it is now (Linux)."""
    if sys.platform.startswith("linux"):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        ceiling = pages * os.sysconf("SC_PAGE_SIZE") + size
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        ceiling = ceiling if most == resource.RLIM_INFINITY else min(ceiling, most)
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def one_job(seconds: float) -> Iterator[None]:
    """Let the kernel end this process when a job's time is over, and give it no descriptor while the job runs.

    No code of ours has to run for the first. The second keeps the engine from opening sockets and files even where the
    system refuses ``cut_network``.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
