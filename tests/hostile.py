"""Requests that would harm a public service, read from ``cases/hostile``, and how to send them."""

from __future__ import annotations

import ast
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import yaml

CASES = Path(__file__).parent / "cases" / "hostile"
_PATIENCE = 60.0
_TYPES = {"post": "application/x-www-form-urlencoded", "direct": "application/sparql-query"}


@dataclass(frozen=True)
class HostileRequest:
    """One request: what goes over the wire, piece by piece, and what must come of it."""

    name: str
    why: str
    wire: tuple[bytes, ...]
    pause: float
    half_close: bool
    statuses: tuple[int, ...]
    seconds: float
    memory_mb: float

    def send(self, address: str) -> int:
        """Send it on a connection of its own; return the status, 0 where the connection ends without one."""
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=_PATIENCE) as connection:
            received = b""
            try:
                for piece in self.wire:
                    connection.sendall(piece)
                    time.sleep(self.pause)
                if self.half_close:
                    connection.shutdown(socket.SHUT_WR)
            except ConnectionError:
                pass  # the answer may have come before the end of the request
            try:
                while piece := connection.recv(1 << 20):
                    received = received or piece
            except ConnectionError:
                pass
        return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/") else 0


def hostile_requests(query_seconds: float, query_memory_mb: float) -> Iterator[HostileRequest]:
    """Return all requests, with bounds for a service with these limits."""
    for path in sorted(CASES.glob("*.yaml")):
        for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            yield HostileRequest(
                f"{path.stem}/{name}",
                case["why"],
                tuple(_wire(case)),
                case.get("pause", 0.0),
                case.get("half_close", False),
                tuple(case["status"]),
                case.get("seconds", query_seconds + 5.0),
                case.get("memory_mb", 3 * query_memory_mb),
            )


def _wire(case: Mapping[str, Any]) -> Iterator[bytes]:
    if case.get("send") == "socket":
        for piece in case["wire"]:
            quoted = piece.replace('"', '\\"').replace("\r", "\\r").replace("\n", "\\n")
            yield bytes(ast.literal_eval(f'b"{quoted}"'))
        return
    how, text = case.get("send", "post"), _text(case)
    start = "Host: service\r\nAccept: application/sparql-results+json, text/turtle\r\nConnection: close\r\n"
    if how == "get":
        yield f"GET /sparql?query={quote(text)} HTTP/1.1\r\n{start}\r\n".encode()
        return
    body = text.encode() if how == "direct" else urlencode({"query": text}).encode()
    head = f"{start}Content-Type: {_TYPES[how]}\r\nContent-Length: {len(body)}\r\n\r\n"
    yield f"POST /sparql HTTP/1.1\r\n{head}".encode() + body


def _text(case: Mapping[str, Any]) -> str:
    if "query" in case:
        return str(case["query"])
    numbers = range(case["times"])
    repeated = (case["repeat"].replace("{n}", str(n)).replace("{m}", str(n + 1)) for n in numbers)
    return f"{case.get('before', '')}{case.get('between', '').join(repeated)}{case.get('after', '')}"
