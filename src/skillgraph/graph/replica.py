"""The replica's parent: loads the published graph once, forks workers that share its memory, follows the ledger.

It runs alone in its process and has one thread, so that forking is safe at any moment.
"""

from __future__ import annotations

import gc
import hashlib
import os
import secrets
import selectors
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from pyoxigraph import RdfFormat, Store, parse

from skillgraph.errors import SkillGraphError
from skillgraph.graph import union
from skillgraph.graph.confinement import stay_with
from skillgraph.graph.naming import Naming
from skillgraph.graph.others import OtherStates
from skillgraph.graph.place import Place, announce, listen
from skillgraph.graph.protocol import Edition
from skillgraph.graph.wire import receive_message, send_message
from skillgraph.graph.workforce import Crew, Workforce, close_all_but
from skillgraph.ledger import Ledger, Revision

FOLLOW_SECONDS = 1.0
CONVERSATION_SECONDS = 1.0


@dataclass
class Replica:
    """The published graph in memory, kept up with the ledger, and the workers that serve it."""

    ledger: Ledger
    place: Place
    crew: Crew
    store: Store = field(default_factory=Store)
    version: int = 0
    heads: dict[str, str] = field(default_factory=dict)
    trouble: str = ""
    follows: bool = True
    run_number: int = field(default_factory=lambda: secrets.randbits(63))

    def __post_init__(self) -> None:
        self.workforce = Workforce(self.place, self.crew, self.store)
        self.others = OtherStates(self.place.folder)
        self.naming = Naming(self.place.names)
        self.workforce.others = self._others_end

    def load(self) -> None:
        """Fill the store from the ledger's heads."""
        heads = self.ledger.heads()
        self.heads = {graph: head.digest for graph, head in heads.items()}
        contents = {digest: self.ledger.content(digest) for digest in set(self.heads.values())}
        union.add(self.store, b"".join(contents.values()))
        self.version = max((head.version for head in heads.values()), default=0)
        self.naming.note_all()
        gc.collect()
        gc.freeze()

    def run(self, lifeline: int, ready: int) -> None:
        """Serve until the other end of the lifeline closes; write one byte to ``ready`` when jobs are taken."""
        control = listen(self.place.control, backlog=64)
        wake, wake_writer = os.pipe()
        for descriptor in (wake, wake_writer):
            os.set_blocking(descriptor, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        self._serve_version()
        os.write(ready, b"1")
        with selectors.DefaultSelector() as selector:
            selector.register(control, selectors.EVENT_READ, "control")
            selector.register(lifeline, selectors.EVENT_READ, "lifeline")
            selector.register(wake, selectors.EVENT_READ, "wake")
            self._loop(selector, control, wake)
        self.others.end()
        self.naming.end()
        self.workforce.end()
        Path(self.place.control).unlink(missing_ok=True)

    def _loop(self, selector: selectors.BaseSelector, control: socket.socket, wake: int) -> None:
        next_look = time.monotonic() + FOLLOW_SECONDS
        while True:
            for key, _ in selector.select(max(0.0, next_look - time.monotonic())):
                if key.data == "lifeline":
                    return
                if key.data == "wake":
                    os.read(wake, 4096)
                    self.workforce.bury()
                if key.data == "control":
                    self._converse(control)
            if time.monotonic() >= next_look:
                self.workforce.dismiss()
                self.others.tidy()
                self._follow()
                self._name()
                next_look = time.monotonic() + FOLLOW_SECONDS

    def _follow(self) -> None:
        """Take in what was published since; while the ledger cannot be read, keep serving the version there is."""
        if not self.follows:
            return
        try:
            revisions = self.ledger.since(self.version)
            if revisions and self.workforce.has_room:
                self._advance(revisions)
            self.trouble = ""
        except SkillGraphError as fault:
            if fault.message != self.trouble:
                sys.stderr.write(f"replica: version {self.version} stays: {fault.message} {fault.remedy}\n")
            self.trouble = fault.message

    def _advance(self, revisions: Sequence[Revision]) -> None:
        """Apply revisions as differences and hand over to a new generation of workers."""
        for each in revisions:
            self._apply(self.heads.get(each.graph), each.digest)
            self.heads[each.graph] = each.digest
        self.version = revisions[-1].version
        self._serve_version()

    def _serve_version(self) -> None:
        """Lead new jobs to workers of the present version, then announce it."""
        self.workforce.open_generation(self.version)
        announce(self.place.edition, Edition(self.version, self.run_number))
        self._name()

    def _name(self) -> None:
        """Have the index of names follow, in the replica that follows the ledger."""
        if self.follows:
            self.naming.start(self.store)

    def _apply(self, before: str | None, after: str) -> None:
        self._exchange(self.ledger.content(before) if before is not None else b"", self.ledger.content(after))

    def _exchange(self, old: bytes, new: bytes) -> None:
        """Replace one content of a graph by another, touching only what differs."""
        if not old:
            self.naming.note(new.splitlines())
            union.add(self.store, new)
            return
        old_lines, new_lines = _lines(old), _lines(new)
        self.naming.note(old_lines ^ new_lines)
        union.remove(self.store, parse(b"".join(old_lines - new_lines), format=RdfFormat.N_QUADS))
        union.add(self.store, b"".join(new_lines - old_lines))

    def _rebuild(self) -> None:
        """Fill a fresh store from the ledger and hand over to workers that serve it; the order of rows may change."""
        before = self.store
        self.store = self.workforce.store = Store()
        try:
            self.load()
        except SkillGraphError as fault:
            self.store = self.workforce.store = before
            sys.stderr.write(f"replica: not built anew: {fault.message} {fault.remedy}\n")
            return
        self.run_number = secrets.randbits(63)
        self._serve_version()

    def _serve_past(self, version: int, folder: Path) -> None:
        """Take back in this fork what came after a version, and serve what remains until the parent is gone."""
        past = self._of_fork(folder)
        past.go_back(version)
        past.serve_fork()

    def _serve_trial(self, graph: str, digest: str, folder: Path) -> None:
        """Take in, in this fork, a content that a graph does not have, and serve that until the parent is gone."""
        trial = self._of_fork(folder)
        trial._apply(trial.heads.get(graph), digest)
        trial.serve_fork()

    def _of_fork(self, folder: Path) -> Replica:
        parent = os.getppid()
        signal.set_wakeup_fd(-1)
        close_all_but(2)
        stay_with(parent)
        crew = replace(self.crew, workers=1)
        return Replica(self.ledger, Place(folder), crew, self.store, self.version, dict(self.heads), follows=False)

    def _others_end(self, process: int, status: int) -> bool:
        return self.others.forget(process) or self.naming.forget(process, status)

    def serve_fork(self) -> None:
        """Serve in a fork."""
        lifeline, _ = os.pipe()
        _, ready = os.pipe()
        self.run(lifeline, ready)

    def go_back(self, version: int) -> None:
        """Turn the store into that of a version of the past, graph by graph where they differ."""
        heads = {graph: head.digest for graph, head in self.ledger.heads(version).items()}
        empty = hashlib.sha256(b"").hexdigest()
        for graph, digest in self.heads.items():
            before = heads.get(graph, empty)
            if before != digest:
                self._exchange(self.ledger.content(digest), b"" if before == empty else self.ledger.content(before))
        self.heads, self.version = heads, version

    def _converse(self, control: socket.socket) -> None:
        connection, _ = control.accept()
        with connection:
            connection.settimeout(CONVERSATION_SECONDS)
            try:
                request, _ = receive_message(connection)
                send_message(connection, self._reply(request or {}))
            except (EOFError, OSError, ValueError) as fault:
                sys.stderr.write(f"replica: a control request failed: {fault}\n")

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        if request.get("ask") == "job":
            return self.workforce.state(int(request["job"]))
        if request.get("ask") == "jobs":
            return {"version": self.version, "jobs": self.workforce.jobs()}
        if request.get("ask") == "cancel":
            self.workforce.cancel(int(request["job"]))
        if request.get("ask") == "follow":
            self._follow()
        if request.get("ask") == "rebuild":
            self._rebuild()
        if request.get("ask") == "visit":
            version = int(request["version"])
            return {"folder": str(self.others.visit(f"at-{version}", partial(self._serve_past, version)))}
        if request.get("ask") == "try":
            graph, digest = str(request["graph"]), str(request["digest"])
            name = f"try-{self.version}-{hashlib.sha256(f'{graph} {digest}'.encode()).hexdigest()[:16]}"
            return {"folder": str(self.others.visit(name, partial(self._serve_trial, graph, digest)))}
        return {"version": self.version, **self.workforce.status()}


def _lines(nquads: bytes) -> set[bytes]:
    return set(nquads.splitlines(keepends=True))
