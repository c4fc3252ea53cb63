"""Processes are killed at random moments while contributions are submitted and accepted; nothing acknowledged is lost.

``SKILLGRAPH_CRASHES`` says how many kills; a few in the suite, a hundred before a release.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from skillgraph.contribution.provenance import provenance_graph
from skillgraph.ledger import Act, Contributions, Ledger, State, Verification, open_database
from skillgraph.settings import Settings
from tests.services import free_port
from tests.test_contributing import GOOD, PASSWORD, PEOPLE, Client

CRASHES = int(os.environ.get("SKILLGRAPH_CRASHES", "8"))
CLIENTS = 3
PATIENCE = 90.0
UNANSWERED = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)


@dataclass
class Watched:
    """A service that is started again whenever it is gone, and what its clients were told."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None
    acknowledged: list[tuple[str, Act]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stopping: bool = False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        chosen = {"metrics_port": 0, "requests_per_minute": 10**6, "query_workers": 1, "web_processes": 1}
        settings = {f"SKILLGRAPH_{name.upper()}": str(value) for name, value in chosen.items()}
        with (self.folder / "service.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "skillgraph", "serve", "--port", str(self.port)],
                cwd=self.folder, env={**os.environ, **settings}, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            assert time.monotonic() < deadline, (self.folder / "service.log").read_text(encoding="utf-8")[-3000:]
            time.sleep(0.05)

    def answers(self) -> bool:
        with suppress(*UNANSWERED):
            return Client(self.address).send("GET", "/sparql?query=ASK%7B%7D").status == 200
        return False

    def family(self) -> list[psutil.Process]:
        """Return the processes of the service, the first of them the one that watches over the others."""
        assert self.process is not None
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self.process.pid)
            return [first, *first.children(recursive=True)]
        return []

    def kill_one(self, chance: random.Random) -> str:
        """Kill a process, mostly one of the parts, sometimes the whole."""
        family = self.family()
        if not family:
            return "none"
        victim = family[0] if chance.random() < 0.3 else chance.choice(family)
        name = "gone"
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            name = next((part for part in victim.cmdline() if part.startswith("skillgraph")), "worker")
            os.kill(victim.pid, signal.SIGKILL)
        return name

    def revive(self) -> None:
        """Start the service again where the process that watches over the others is gone."""
        assert self.process is not None
        deadline = time.monotonic() + 20
        while self.process.poll() is None and not self.answers() and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.process.poll() is not None or not self.answers():
            self.stop()
            self.start()

    def stop(self) -> None:
        """End the service the hard way and wait until what it had started has noticed."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while left := self._left():
            assert time.monotonic() < deadline, f"still there: {[each.cmdline() for each in left]}"
            time.sleep(0.05)

    def _left(self) -> list[psutil.Process]:
        found = []
        for each in psutil.process_iter():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if each.cwd() == str(self.folder) and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each)
        return found


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    found = Watched(tmp_path, free_port())
    found.start()
    yield found
    found.stop()


def tokens(folder: Path) -> dict[str, str]:
    made = {}
    for name, (role, actor, scopes) in PEOPLE.items():
        given = ["--role", role, "--organisation", f"id:actor/{actor}", "--password-stdin"]
        _run(folder, "account", "add", name, *given, text=PASSWORD)
        made[name] = _run(
            folder, "token", "add", name, "--label", "t", *[part for each in scopes for part in ("--scope", each)]
        ).strip()
    return made


def _run(folder: Path, *arguments: str, text: str = "") -> str:
    command = [sys.executable, "-m", "skillgraph", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=True).stdout


def contribute(watched: Watched, secrets: dict[str, str], number: int) -> None:
    """Bring one contribution after another to publication, some back again, as far as the service lets it."""
    ana, cy = Client(watched.address, secrets["ana"]), Client(watched.address, secrets["cy"])
    turn = 0
    while not watched.stopping:
        turn += 1
        name = f"crash-{number}-{turn}".encode()
        try:
            made = ana.upload(GOOD % (name, name), title=name.decode())
            if made.status != 201:
                _expect(watched, made.status)
                continue
            key = made.json()["key"]
            watched.acknowledged.append((key, Act.BEGIN))
            steps = [(ana, Act.SUBMIT), (cy, Act.ACCEPT), *([(ana, Act.WITHDRAW)] if turn % 3 == 0 else [])]
            for client, act in steps:
                answer = client.send("POST", f"/contributions/{key}/{act}", {"text": "Because."})
                if answer.status != 200:
                    _expect(watched, answer.status)
                    break
                watched.acknowledged.append((key, act))
        except UNANSWERED:
            time.sleep(0.02)


def _expect(watched: Watched, status: int) -> None:
    """Note an answer that a crash does not excuse."""
    if status not in (422, 429, 502, 503):
        watched.faults.append(f"status {status}")


def test_nothing_acknowledged_is_lost_and_nothing_is_half_published(watched: Watched) -> None:
    chance = random.Random(20261123)  # noqa: S311 - the moments are to be the same each time
    secrets = tokens(watched.folder)
    crowd = [threading.Thread(target=contribute, args=(watched, secrets, number)) for number in range(CLIENTS)]
    for each in crowd:
        each.start()
    killed: dict[str, int] = {}
    for _ in range(CRASHES):
        time.sleep(chance.uniform(0.1, 1.5))
        name = watched.kill_one(chance)
        killed[name] = killed.get(name, 0) + 1
        watched.revive()
    watched.stopping = True
    for each in crowd:
        each.join()
    watched.stop()
    watched.start()
    sys.stderr.write(f"killed {killed}; {len(watched.acknowledged)} steps acknowledged\n")
    assert watched.faults == []
    assert sum(act is Act.ACCEPT for _, act in watched.acknowledged) >= max(1, CRASHES // 4)
    _hold_against_the_ledger(watched)


def _hold_against_the_ledger(watched: Watched) -> None:
    database = open_database(Settings(home=watched.folder / "skillgraph-data").ledger_url)
    ledger, contributions = Ledger(database), Contributions(database)
    assert Verification(database).damages() == []
    for key, act in watched.acknowledged:
        assert act in {step.act for step in contributions.steps(key)}, f"{act} of {key} is lost"
    heads = ledger.heads()
    for found in contributions.listed(most=10**6):
        head = heads.get(found.graph)
        if found.state is State.ACCEPTED:
            assert head is not None
            assert head.digest == found.digest
        if head is not None:
            provenance = heads[provenance_graph(found.graph).value]
            assert provenance.version == head.version, "graph and provenance are of one publication"
    text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    rows = Client(watched.address).send("GET", f"/sparql?{urllib.parse.urlencode({'query': text})}").json()
    served = {row["g"]["value"]: int(row["n"]["value"]) for row in rows["results"]["bindings"]}
    kept = {graph: ledger.content(head.digest).count(b"\n") for graph, head in heads.items()}
    assert served == {graph: count for graph, count in kept.items() if count}
