"""A disk that is full, or that can only be read, costs an answer with a remedy and nothing that was acknowledged."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from skillgraph.ledger import Contributions, Ledger, State, Verification, open_database
from skillgraph.settings import Settings
from tests.services import running_service
from tests.test_contributing import GOOD, PASSWORD, Client

ROOM = 96 * 2**20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder], capture_output=True, check=False
    ) if os.geteuid() == 0 else None  # fmt: skip
    if made is None or made.returncode:
        pytest.skip("needs to mount a file system, which only root may")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def run(home: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SKILLGRAPH_HOME": str(home)}
    command = [sys.executable, "-m", "skillgraph", *arguments]
    return subprocess.run(command, input=text, env=environment, capture_output=True, text=True, check=False)


def token(home: Path, name: str, role: str, scope: str) -> str:
    organisation = ["--organisation", "id:actor/giz", "--password-stdin"]
    run(home, "account", "add", name, "--role", role, *organisation, text=PASSWORD)
    return run(home, "token", "add", name, "--label", "t", "--scope", scope).stdout.strip()


def fill(disk: Path) -> Path:
    """Leave no room on a disk."""
    path = disk / "filler"
    with path.open("wb", buffering=0) as file:
        size = 2**20
        while size:
            try:
                file.write(b"\0" * size)
            except OSError:
                size //= 2
    return path


def large() -> bytes:
    """Return a file that no compression makes small."""
    return GOOD % (b"more", b"more") + b"# " + secrets.token_hex(300_000).encode()


def test_a_full_disk_loses_nothing_and_serves_on(disk: Path, tmp_path: Path) -> None:
    home = disk / "home"
    with running_service(folder=tmp_path, home=home) as address:
        ana, cy = Client(address, token(home, "ana", "contributor", "contribute")), Client(address)
        cy.token = token(home, "cy", "curator", "review")
        waiting = ana.upload(GOOD % (b"waiting", b"waiting")).json()["key"]
        assert ana.send("POST", f"/contributions/{waiting}/submit").status == 200
        with contextlib.closing(sqlite3.connect(home / "ledger.sqlite")) as ledger:
            ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else a small step fits into what the journal holds
            filler = fill(disk)
            statuses = {ana.upload(large()).status for _ in range(3)}
            statuses.add(cy.send("POST", f"/contributions/{waiting}/accept").status)
            assert statuses == {507}
            assert ana.send("GET", f"/contributions/{waiting}").json()["state"] == "submitted"
        refused = ana.upload(large())
        assert (refused.status, "no room" in refused.json()["detail"]) == (507, True)
        assert cy.count("waiting") == 0
        filler.unlink()
        assert cy.send("POST", f"/contributions/{waiting}/accept").status == 200
        assert cy.count("waiting") == 3 + 1
    database = open_database(Settings(home=home).ledger_url)
    assert Verification(database).damages() == []
    assert [each.state for each in Contributions(database).listed()] == [State.ACCEPTED]
    assert Ledger(database).version() == 2


def test_a_disk_that_can_only_be_read_is_told_with_a_remedy(disk: Path, tmp_path: Path) -> None:
    home = disk / "home"
    with running_service(folder=tmp_path, home=home) as address:
        ana = Client(address, token(home, "ana", "contributor", "contribute"))
        made = ana.upload(GOOD % (b"one", b"one")).json()["key"]
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for command in (["serve", "--port", "1024"], ["account", "list"], ["verify"]):
        refused = run(home, *command)
        assert refused.returncode != 0
        assert "Make the file and its folder writable" in refused.stderr
        assert "Traceback" not in refused.stderr
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    with running_service(folder=tmp_path, home=home) as address:
        assert Client(address, ana.token).send("GET", f"/contributions/{made}").json()["state"] == "draft"
