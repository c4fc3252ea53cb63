"""Runs the real service for tests that need it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

PATIENCE = 60.0


@contextlib.contextmanager
def running_service(
    program: Sequence[str] = (sys.executable, "-m", "skillgraph"),
    *,
    folder: Path,
    port: int | None = None,
    **settings: object,
) -> Iterator[str]:
    """Run ``skillgraph serve`` in a folder, with settings by name, and yield its address once it answers."""
    port = port or free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SKILLGRAPH_", "PYTHONPATH"))}
    chosen = {"requests_per_minute": 10**6, "metrics_port": 0, **settings}
    environment |= {f"SKILLGRAPH_{name.upper()}": str(value) for name, value in chosen.items()}
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [*program, "serve", "--port", str(port)], cwd=folder, env=environment, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _await(address, process, folder / "service.log")
            yield address
        finally:
            process.terminate()
            process.wait(PATIENCE)


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8")
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{address}/sparql?query=ASK%7B%7D", timeout=PATIENCE).close()
            return
        time.sleep(0.05)
    raise AssertionError(f"the service did not answer:\n{log.read_text(encoding='utf-8')}")
