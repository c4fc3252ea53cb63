"""The processes that answer HTTP, run by gunicorn on a socket that the supervisor has opened."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication

from skillgraph.contribution.inspection import RemoteInspector
from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.search import NameIndex
from skillgraph.serving.inspector_process import SOCKET
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings, read_settings
from skillgraph.web import create_app

KEY_BYTES = 32


class Server(BaseApplication):  # type: ignore[misc]
    """Gunicorn with threads, bound to an inherited socket."""

    def __init__(self, settings: Settings, folder: Path, listener: int, lifeline: int, ready: int) -> None:
        self._settings = settings
        self._folder = folder
        self._options: dict[str, Any] = {
            "bind": f"fd://{listener}",
            "workers": settings.web_processes,
            "worker_class": "gthread",
            "threads": settings.web_threads,
            "preload_app": True,
            "keepalive": 75,
            "timeout": 60,
            "graceful_timeout": 10,
            "limit_request_line": 8190,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda _: os.write(ready, b"1"),
            "post_fork": lambda _arbiter, _worker: _end_with(lifeline),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> object:
        """Build the application."""
        logging.getLogger("gunicorn.error").addFilter(_is_news)
        logging.basicConfig(format="%(message)s")
        place = Place(self._folder)
        graph = WorkerGraph(place, limits(self._settings), self._settings.queue_seconds)
        inspector = RemoteInspector(self._folder / SOCKET, self._settings.inspection_seconds)
        key = session_key(self._settings.home / "secret")
        return create_app(
            self._settings, graph, inspector, graph.follow, key, graph.at, graph.trial, NameIndex(place.names)
        )


def session_key(path: Path) -> bytes:
    """Return the key that signs sessions, made at the first start in a file that only this user can read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()


def _is_news(record: logging.LogRecord) -> bool:
    """Tell whether a message is more than that a client stopped in the middle of a request or of its answer."""
    return record.exc_info is None or not isinstance(record.exc_info[1], BlockingIOError)


def _end_with(lifeline: int) -> None:
    """Let the arbiter, which has no thread to spare, be told by its workers when the supervisor is gone."""
    arbiter = os.getppid()

    def watch() -> None:
        os.read(lifeline, 1)
        os.kill(arbiter, signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def main(folder: str, listener: str, lifeline: str, ready: str) -> None:
    """Serve HTTP until told to stop or until the supervisor is gone."""
    Server(read_settings(), Path(folder), int(listener), int(lifeline), int(ready)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
