"""A worker: a forked copy of the replica that takes one job at a time from the shared socket."""

from __future__ import annotations

import contextlib
import signal
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyoxigraph import Store

from skillgraph.errors import QueryTooLarge, SkillGraphError
from skillgraph.graph.complexity import refuse_complex
from skillgraph.graph.confinement import Limits, cut_network, limit_memory, one_job, stay_with
from skillgraph.graph.engine import answer
from skillgraph.graph.roster import Desk
from skillgraph.graph.wire import decode_request, encode_error, receive_message, send_message

EXCHANGE_SECONDS = 30.0
"""What a client may take to send a job or to receive its result."""
_PATIENCE = struct.pack("@ll", int(EXCHANGE_SECONDS), 0)


@dataclass(frozen=True)
class Post:
    """What a worker inherits: the store, its version, the socket where jobs arrive, its desk, the limits of a job."""

    parent: int
    store: Store
    version: int
    jobs: socket.socket
    desk: Desk
    limits: Limits


def serve_jobs(post: Post) -> None:
    """Serve jobs, in the order in which they came, until a message without a head arrives."""
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    cut_network()
    stay_with(post.parent)
    limit_memory(post.limits.memory_bytes)
    staying = True
    while staying:
        connection, _ = post.jobs.accept()
        with connection, contextlib.suppress(EOFError, OSError):
            staying = _serve(connection, post)


def _serve(connection: socket.socket, post: Post) -> bool:
    """Serve one job; return whether to go on."""
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        connection.setsockopt(socket.SOL_SOCKET, option, _PATIENCE)
    request, _ = receive_message(connection)
    if request is None:
        return False
    if not _is_abandoned(connection):
        post.desk.take(request["job"], request["text"])
        try:
            head, body = _result(request, post)
            send_message(connection, head, body)
        finally:
            post.desk.clear()
    return True


def _result(request: Mapping[str, Any], post: Post) -> tuple[dict[str, Any], bytes]:
    """Run a job under its limits; return its result or its error."""
    query, formats = decode_request(request)
    try:
        refuse_complex(query.text, post.limits.depth, post.limits.steps)
        with one_job(post.limits.seconds_for(query)):
            result = answer(post.store, query, formats, post.version, post.limits.result)
    except SkillGraphError as fault:
        return encode_error(fault), b""
    except MemoryError:
        return encode_error(too_large(post.limits)), b""
    return {"kind": result.kind, "type": result.media_type, "version": result.version}, result.body


def _is_abandoned(connection: socket.socket) -> bool:
    """Tell whether the client gave up while its job was waiting."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False


def too_large(limits: Limits) -> QueryTooLarge:
    """Return the error for a query that outgrew its memory."""
    return QueryTooLarge(
        f"The query needed more than the {limits.memory_bytes // 2**20} MiB it may take.",
        "Ask for less: narrow the patterns, avoid ORDER BY, DISTINCT and GROUP BY over everything, or add LIMIT.",
    )
