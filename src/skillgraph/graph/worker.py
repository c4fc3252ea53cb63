"""A worker: a forked copy of the replica that takes one job at a time from the shared socket."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
from dataclasses import dataclass

from pyoxigraph import Store

from skillgraph.errors import QueryTooLarge, SkillGraphError
from skillgraph.graph.confinement import Limits, cut_network, limit_memory, start_clock, stop_clock
from skillgraph.graph.engine import answer
from skillgraph.graph.wire import decode_request, encode_error, receive_frame, send_frame

SEND_SECONDS = 30.0


@dataclass(frozen=True)
class Post:
    """What a worker inherits: the store, its version, the socket where jobs arrive and the limits of a job."""

    store: Store
    version: int
    jobs: socket.socket
    limits: Limits


def serve_jobs(post: Post) -> None:
    """Serve jobs until told to retire (SIGTERM), then those that wait already, and return."""
    retire = _watch_for_retirement()
    cut_network()
    limit_memory(post.limits)
    poller = select.poll()
    poller.register(post.jobs, select.POLLIN)
    poller.register(retire, select.POLLIN)
    retiring = False
    while True:
        ready = poller.poll(0 if retiring else None)
        retiring = retiring or any(descriptor == retire for descriptor, _ in ready)
        try:
            connection, _ = post.jobs.accept()
        except BlockingIOError:
            if retiring:
                return
            continue
        with connection, contextlib.suppress(EOFError, OSError):
            _serve(connection, post)


def _watch_for_retirement() -> int:
    """Return a descriptor that becomes readable on SIGTERM, even between two system calls."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def _serve(connection: socket.socket, post: Post) -> None:
    connection.setblocking(True)
    connection.settimeout(SEND_SECONDS)
    request = receive_frame(connection)
    send_frame(connection, str(os.getpid()).encode())
    start_clock(post.limits)
    try:
        query, formats = decode_request(request)
        result = answer(post.store, query, formats, post.version, post.limits.result_bytes)
    except SkillGraphError as fault:
        reply = [encode_error(fault)]
    except MemoryError:
        reply = [encode_error(too_large(post.limits))]
    else:
        head = {"kind": result.kind, "type": result.media_type, "version": result.version}
        reply = [json.dumps(head).encode(), result.body]
    finally:
        stop_clock()
    send_frame(connection, *reply)


def too_large(limits: Limits) -> QueryTooLarge:
    """Return the error for a query that outgrew its memory."""
    return QueryTooLarge(
        f"The query needed more than the {limits.memory_bytes // 2**20} MiB it may take.",
        "Ask for less: narrow the patterns, avoid ORDER BY, DISTINCT and GROUP BY over everything, or add LIMIT.",
    )
