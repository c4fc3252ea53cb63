"""Starts the replica, the inspector and the web processes, restarts what dies, and stops all together."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from skillgraph.errors import AddressInUse, ReplicaUnavailable
from skillgraph.graph.place import point
from skillgraph.serving.metrics import serve_metrics
from skillgraph.settings import Settings

START_SECONDS = 300.0
STOP_SECONDS = 15.0
RESTART_PAUSE = 0.5
STALLED_SECONDS = 10
"""Time after which a connection is given up on which nothing moves."""
MOST_BYTES_OF_PLACE = 60
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
"""Sixteen threads, each with an arena of its own, would keep twice the memory in a web process."""


@dataclass
class Supervisor:
    """The service as one thing that can be started, watched and stopped."""

    settings: Settings
    listener: socket.socket
    folder: Path = field(default_factory=lambda: _folder_for_sockets())
    replica: subprocess.Popen[bytes] | None = None
    inspector: subprocess.Popen[bytes] | None = None
    web: subprocess.Popen[bytes] | None = None
    lifeline: tuple[int, int] = field(default_factory=os.pipe)
    stopping: bool = False

    def __post_init__(self) -> None:
        self._counts = self.folder / "counts"
        self._counts.mkdir()

    def run(self, announce: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; call ``announce`` once requests are answered."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            self.replica = self._start("skillgraph.serving.replica_process")
            self.inspector = self._start("skillgraph.serving.inspector_process")
            self.web = self._start("skillgraph.serving.web_process", self.listener.fileno())
            if not self.stopping:
                serve_metrics(self.settings, self.folder, self._counts)
                point(str(self.settings.running), str(self.folder))
                announce()
            self._watch()
        finally:
            self._end()

    def _watch(self) -> None:
        assert self.web is not None
        assert self.replica is not None
        assert self.inspector is not None
        while not self.stopping:
            if self.web.poll() is not None:
                raise ReplicaUnavailable(
                    "The web process ended unexpectedly.", "See the messages above and start again."
                )
            self.replica = self._kept_running(
                self.replica, "skillgraph.serving.replica_process", "The process that holds the graph"
            )
            self.inspector = self._kept_running(
                self.inspector, "skillgraph.serving.inspector_process", "The process that validates contributions"
            )
            time.sleep(0.2)

    def _kept_running(self, process: subprocess.Popen[bytes], module: str, name: str) -> subprocess.Popen[bytes]:
        """Return a process, started anew where it has ended."""
        if process.poll() is None or self.stopping:
            return process
        sys.stderr.write(f"{name} ended; it is started again.\n")
        self._end_group(process)
        time.sleep(RESTART_PAUSE)
        return self._start(module)

    def _start(self, module: str, *descriptors: int) -> subprocess.Popen[bytes]:
        """Start a process that ends when the lifeline closes: when this process is gone, however it went."""
        ready, ready_writer = os.pipe()
        handed = (*descriptors, self.lifeline[0], ready_writer)
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(self.folder), *map(str, handed)],
            pass_fds=handed,
            env={
                **_FEW_ARENAS,
                **os.environ,
                **self.settings.environment(),
                "PROMETHEUS_MULTIPROC_DIR": str(self._counts),
            },
            start_new_session=True,
        )
        os.close(ready_writer)
        try:
            self._await_ready(process, ready)
        finally:
            os.close(ready)
        return process

    def _await_ready(self, process: subprocess.Popen[bytes], ready: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and not self.stopping:
            if select.select([ready], [], [], 0.2)[0]:
                if os.read(ready, 1):
                    return
                break
        if not self.stopping:
            self._end_group(process)
            raise ReplicaUnavailable("A part of the service could not be started.", "See the message above.")

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _end(self) -> None:
        if self.web is not None and self.web.poll() is None:
            self.web.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.web.wait(STOP_SECONDS)
        for descriptor in self.lifeline:
            os.close(descriptor)
        for process in (self.web, self.inspector, self.replica):
            if process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.0 if process is self.web else 1.0)
                self._end_group(process)
        if self.settings.running.is_symlink() and self.settings.running.readlink() == self.folder:
            self.settings.running.unlink()
        shutil.rmtree(self.folder)

    @staticmethod
    def _end_group(process: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _folder_for_sockets() -> Path:
    """Make a folder whose path leaves room for the names of sockets: the system takes about a hundred bytes in all."""
    place = tempfile.gettempdir()
    if len(os.fsencode(place)) > MOST_BYTES_OF_PLACE:
        place = "/tmp"  # noqa: S108 - mkdtemp makes a folder of its own that nobody else can enter
    return Path(tempfile.mkdtemp(prefix="skillgraph-", dir=place))


def listen(settings: Settings) -> socket.socket:
    """Open the socket for HTTP, or say in one sentence why that cannot be."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Accepted connections inherit these. Without the first the body of a response waits 40 ms for the client's
    # acknowledgement; without the others a client that stops in the middle of a request keeps a thread for good.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        listener.setsockopt(socket.SOL_SOCKET, option, struct.pack("@ll", STALLED_SECONDS, 0))
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(256)
    except OSError as fault:
        listener.close()
        if fault.errno == errno.EADDRINUSE:
            raise AddressInUse(
                f"Port {settings.port} on {settings.host} is already in use.",
                f"Stop the other program or choose another port: skillgraph serve --port {settings.port + 1}.",
            ) from None
        raise AddressInUse(
            f"Cannot listen on {settings.host}:{settings.port} ({fault.strerror}).",
            "Choose an address of this machine and a port above 1023.",
        ) from None
    return listener
