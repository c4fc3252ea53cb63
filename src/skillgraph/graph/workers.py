"""The graph through guarded workers: a client of the replica's sockets, safe to share among threads and processes."""

from __future__ import annotations

import os
import secrets
import select
import signal
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple, parse, parse_query_results

from skillgraph.errors import (
    ClientGone,
    InvalidQuery,
    QueryTimeout,
    QueryTooLarge,
    ReplicaUnavailable,
    SkillGraphError,
    TooBusy,
)
from skillgraph.graph.confinement import Limits
from skillgraph.graph.engine import bindings
from skillgraph.graph.place import Place, announced
from skillgraph.graph.protocol import Answer, Binding, Edition, Query, ResultFormats, ResultKind
from skillgraph.graph.wire import decode_error, encode_request, receive_message, send_message
from skillgraph.graph.worker import EXCHANGE_SECONDS, too_large

_DEATH_SECONDS = 1.0
_CONTROL_SECONDS = 10.0
_REBUILD_SECONDS = 600.0
_VISIT_SECONDS = 60.0
_TRIES = 3


@dataclass(frozen=True)
class WorkerGraph:
    """Queries answered by whichever worker is free; waits up to ``queue_seconds`` for one."""

    place: Place
    limits: Limits
    queue_seconds: float

    def answer(self, query: Query, formats: ResultFormats, client: socket.socket | None = None) -> Answer:
        """Run any query and serialise its result; give it up when the connection of the client that asks is closed."""
        request = encode_request(query, formats)
        for _ in range(_TRIES):
            request["job"] = secrets.randbits(63) | 1
            try:
                return self._job(request, client)
            except _NotStarted:
                continue  # a worker left before it took the job; another one will take it
        raise self._unavailable()

    def select(self, query: Query) -> list[Binding]:
        """Return the rows of a SELECT query."""
        answer = self._expect(query, ResultKind.SOLUTIONS, "SELECT")
        results = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
        assert isinstance(results, QuerySolutions)
        return bindings(results)

    def construct(self, query: Query) -> list[Triple]:
        """Return the triples of a CONSTRUCT or DESCRIBE query."""
        answer = self._expect(query, ResultKind.GRAPH, "CONSTRUCT or DESCRIBE")
        return [quad.triple for quad in parse(answer.body, format=RdfFormat.N_TRIPLES)]

    def ask(self, query: Query) -> bool:
        """Return the answer to an ASK query."""
        answer = self._expect(query, ResultKind.BOOLEAN, "ASK")
        result = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
        assert isinstance(result, QueryBoolean)
        return bool(result)

    def edition(self) -> Edition:
        """Return what is served now, or was last where the replica is being started again."""
        return announced(self._edition_file)

    def version(self) -> int:
        """Return the dataset version that is served now."""
        return self.edition().version

    def status(self) -> dict[str, Any]:
        """Return the replica's version and the process numbers of its workers."""
        return self._control({"ask": "status"})

    def jobs(self) -> list[dict[str, Any]]:
        """Return what runs now: worker, number, seconds and text of each job, the longest first."""
        return list(self._control({"ask": "jobs"})["jobs"])

    def cancel(self, job: int) -> None:
        """End a job; its client is told that it was stopped."""
        self._control({"ask": "cancel", "job": job})

    def follow(self) -> int:
        """Let the replica take in what the ledger has published; return the version it then serves."""
        return int(self._control({"ask": "follow"})["version"])

    def rebuild(self) -> int:
        """Let the replica be built anew from the ledger; return the version it then serves."""
        return int(self._control({"ask": "rebuild"}, _REBUILD_SECONDS)["version"])

    def at(self, version: int) -> WorkerGraph:
        """Return the graph as it was at a version that the dataset had; the first who asks waits until it is there."""
        return self._other({"ask": "visit", "version": version})

    def trial(self, graph: str, digest: str) -> WorkerGraph:
        """Return the graph as it would be with other content, known to the ledger by its digest, in a named graph."""
        return self._other({"ask": "try", "graph": graph, "digest": digest})

    def _other(self, request: dict[str, Any]) -> WorkerGraph:
        place = Place(Path(self._control(request)["folder"]))
        deadline = time.monotonic() + _VISIT_SECONDS
        while not Path(place.edition).exists():
            if time.monotonic() > deadline:
                raise self._unavailable()
            time.sleep(0.005)
        return WorkerGraph(place, self.limits, self.queue_seconds)

    @cached_property
    def _edition_file(self) -> int:
        try:
            return os.open(self.place.edition, os.O_RDONLY)
        except OSError:
            raise self._unavailable() from None

    def _expect(self, query: Query, kind: ResultKind, form: str) -> Answer:
        answer = self.answer(query, ResultFormats())
        if answer.kind is not kind:
            raise InvalidQuery(f"The query is not a {form} query.", f"Write it as a {form} query.")
        return answer

    def _job(self, request: dict[str, Any], client: socket.socket | None) -> Answer:
        with self._connect(self.place.jobs) as connection:
            try:
                head, body = self._exchange(connection, request, client)
            except (EOFError, ConnectionError):
                raise self._cause_of_death(request) from None
        assert head is not None
        if "error" in head:
            raise decode_error(head)
        return Answer(ResultKind(head["kind"]), body, head["type"], head["version"])

    def _exchange(
        self, connection: socket.socket, request: dict[str, Any], client: socket.socket | None
    ) -> tuple[dict[str, Any] | None, bytes]:
        """Send a job and receive its result; give up if no worker takes it in time or its client is gone."""
        connection.settimeout(self.queue_seconds)
        busy = TooBusy(f"No worker became free within {self.queue_seconds:g} seconds.", "Try again in a moment.")
        try:
            send_message(connection, request)
            in_time = _answered(connection, client, self.queue_seconds)
            if not in_time and self._control({"ask": "job", "job": request["job"]})["state"] != "running":
                raise busy
            connection.settimeout(EXCHANGE_SECONDS)
            if in_time or _answered(connection, client, self.limits.seconds + EXCHANGE_SECONDS):
                return receive_message(connection)
        except TimeoutError:
            raise busy from None
        except ClientGone:
            self.cancel(request["job"])
            raise
        raise self._unavailable()

    def _connect(self, path: str) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(path)
        except BlockingIOError:
            connection.close()
            raise TooBusy("All workers are busy and the waiting queue is full.", "Try again in a moment.") from None
        except OSError:
            connection.close()
            raise self._unavailable() from None
        return connection

    def _control(self, request: dict[str, Any], seconds: float = _CONTROL_SECONDS) -> dict[str, Any]:
        with self._connect(self.place.control) as connection:
            connection.settimeout(seconds)
            try:
                send_message(connection, request)
                reply, _ = receive_message(connection)
            except (EOFError, OSError):
                raise self._unavailable() from None
        assert reply is not None
        return reply

    def _cause_of_death(self, request: Mapping[str, Any]) -> SkillGraphError:
        """Return why a job has no result; its worker's parent may need a moment to notice."""
        job = request["job"]
        deadline = time.monotonic() + _DEATH_SECONDS
        while (end := self._control({"ask": "job", "job": job}))["state"] == "running" and time.monotonic() < deadline:
            time.sleep(0.005)
        if end["state"] == "unknown":
            raise _NotStarted
        number = end.get("signal")
        if number == signal.SIGALRM:
            return QueryTimeout(
                f"The query ran longer than the {request['seconds'] or self.limits.seconds:g} seconds it may take.",
                "Narrow the patterns, avoid unbounded paths, or add LIMIT.",
            )
        if number == signal.SIGABRT:
            return too_large(self.limits)
        if number in (signal.SIGSEGV, signal.SIGBUS):
            return QueryTooLarge(
                "The query is nested too deeply to be read.", "Use fewer nested groups, brackets or alternatives."
            )
        return ReplicaUnavailable("The worker that ran the query was stopped.", "Send the query again.")

    def _unavailable(self) -> ReplicaUnavailable:
        return ReplicaUnavailable("The process that holds the graph does not answer.", "Try again in a few seconds.")


def _answered(connection: socket.socket, client: socket.socket | None, seconds: float) -> bool:
    """Wait until there is something to receive; return whether there was in time, raise if the client is gone first."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    if client is not None:
        poll.register(client, select.POLLIN)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        ready = dict(poll.poll(1000 * left))
        if connection.fileno() in ready:
            return True
        if client is not None and client.fileno() in ready:
            if _is_closed(client):
                raise ClientGone("The connection was closed before there was a result.", "Keep it open.")
            poll.unregister(client)  # it sends its next request already
            client = None
    return False


def _is_closed(client: socket.socket) -> bool:
    try:
        return not client.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


class _NotStarted(Exception):
    """No worker took the job."""
