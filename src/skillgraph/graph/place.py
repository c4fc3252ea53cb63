"""Where a replica is reached: its Unix sockets, and the file that says what it serves."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from skillgraph.graph.protocol import Edition
from skillgraph.graph.wire import send_message


@dataclass(frozen=True)
class Place:
    """Where a replica is reached: a folder with one socket for jobs and one for control."""

    folder: Path

    @property
    def jobs(self) -> str:
        """Return the path of the socket for jobs."""
        return str(self.folder / "jobs")

    @property
    def control(self) -> str:
        """Return the path of the socket for control."""
        return str(self.folder / "control")

    @property
    def names(self) -> Path:
        """Return the folder of the index of names."""
        return self.folder / "names"

    @property
    def edition(self) -> str:
        """Return the path of the file that says which edition is served."""
        return str(self.folder / "edition")


_EDITION = struct.Struct("=QQ")


def announce(path: str, edition: Edition) -> None:
    """Write down which edition is served now, in place, so that readers keep their descriptor."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, _EDITION.pack(edition.version, edition.run), 0)
    finally:
        os.close(descriptor)


def announced(descriptor: int) -> Edition:
    """Read which edition is served now from the open file; it costs about a microsecond."""
    return Edition(*_EDITION.unpack(os.pread(descriptor, _EDITION.size, 0)))


def listen(path: str, backlog: int) -> socket.socket:
    """Listen on a Unix socket that only this user can reach."""
    listener = socket.socket(socket.AF_UNIX)
    Path(path).unlink(missing_ok=True)
    listener.bind(path)
    Path(path).chmod(0o600)
    listener.listen(backlog)
    return listener


def point(link: str, target: str) -> None:
    """Make a link lead to another target without a moment in which it leads nowhere."""
    fresh = Path(f"{link}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.rename(link)


def tell_to_leave(path: str) -> bool:
    """Queue a message that makes one worker leave; return whether there was room in the queue."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.setblocking(False)
        try:
            connection.connect(path)
            send_message(connection, None)
        except OSError:
            return False
    return True
