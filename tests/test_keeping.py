"""A ledger is copied whole, from one kind of database to the other; changes to it are found; old ones come along."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, Table, func, select, update

from skillgraph import ledger as package
from skillgraph.account import make_account, make_token
from skillgraph.contribution.checked import Report
from skillgraph.contribution.workflow import Workflow
from skillgraph.errors import LedgerFault
from skillgraph.ledger import (
    Accounts,
    Act,
    Change,
    Contributions,
    Damage,
    Ledger,
    Role,
    SavedQueries,
    Upload,
    Verification,
    copy_ledger,
    open_database,
    open_ledger,
    sqlite_url,
)
from skillgraph.ledger import engine as engine_module
from skillgraph.ledger.schema import content, metadata, publication, revision, saved_query, upload

GRAPH = "https://w3id.org/skillgraph/graph/contribution/dmw/x"
ORGANISATION = "https://w3id.org/skillgraph/id/actor/dmw"


def nquads(value: int, graph: str = GRAPH) -> bytes:
    return f'<urn:s> <urn:p> "{value}" <{graph}> .\n'.encode()


def filled(url: str) -> Engine:
    """Fill a ledger with something of everything."""
    engine = open_database(url)
    ledger, accounts = Ledger(engine), Accounts(engine)
    for value in range(3):
        ledger.publish("tester", lambda _, value=value: [Change("urn:one", nquads(value, "urn:one"), "message")])  # type: ignore[misc]
    ana = make_account(accounts, "ana", "Ana", Role.CONTRIBUTOR, ORGANISATION, "correct horse battery")
    cy = make_account(accounts, "cy", "Cy", Role.CURATOR, ORGANISATION, "correct horse battery")
    make_token(accounts, ana, "upload", ["contribute"], 30)
    workflow = Workflow(Contributions(engine), accounts, ledger)
    report = Report(nquads(7), 1, (), {})
    seen = workflow.begin(ana, GRAPH, "Title", (Upload("x.nt", b"the file as it was sent"), report), ("key", "digest"))
    seen = workflow.accept(workflow.submit(seen, ana, report), cy, report)
    workflow.say(seen, cy, Act.COMMENT, "Thank you.")
    SavedQueries(engine).put("ASK {}", ((), ()), 1, ("boolean", "application/json", b"{}"), 10)
    return engine


def rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in metadata.sorted_tables
        }


def test_a_copy_holds_everything_and_lives_on(database: str, tmp_path: Path) -> None:
    backup = sqlite_url(tmp_path / "backup.sqlite")
    engine = filled(database)
    counted: dict[str, int] = {}

    def count(table: str, number: int) -> None:
        counted[table] = counted.get(table, 0) + number

    assert copy_ledger(database, backup, count) == 4
    assert rows(open_database(backup)) == rows(engine)
    assert counted == {name: len(held) for name, held in rows(engine).items()}
    assert all(counted.values()), "the test fills every table"
    assert Verification(open_database(backup)).damages() == []


def test_a_backup_is_restored_into_either_kind_of_database(database: str, tmp_path: Path) -> None:
    backup = sqlite_url(tmp_path / "backup.sqlite")
    engine = filled(backup)
    copy_ledger(backup, database)
    restored = open_database(database)
    assert rows(restored) == rows(engine)
    ledger = Ledger(restored)
    ledger.publish("tester", lambda _: [Change("urn:one", nquads(9, "urn:one"), "message")])
    accounts = Accounts(restored)
    fresh = make_account(accounts, "dee", "Dee", Role.ADMIN, ORGANISATION, "correct horse battery")
    assert (ledger.version(), fresh.id) == (5, 3)
    assert Verification(restored).damages() == []


def test_nothing_is_restored_over_something(database: str, tmp_path: Path) -> None:
    backup = sqlite_url(tmp_path / "backup.sqlite")
    filled(backup)
    before = rows(filled(database))
    with pytest.raises(LedgerFault, match="not empty"):
        copy_ledger(backup, database)
    assert rows(open_database(database)) == before


OTHER = nquads(99)
HARM: list[tuple[Table, str, object]] = [
    (content, "nquads", OTHER),
    (publication, "author", "somebody else"),
    (publication, "made_at", "2000-01-01T00:00:00+00:00"),
    (publication, "reviewer", "somebody else"),
    (publication, "contribution", "zzzzzzzzzz"),
    (publication, "chain", "0" * 64),
    (revision, "graph", "urn:other"),
    (revision, "message", "another message"),
    (revision, "origin_digest", "0" * 64),
    (upload, "body", zlib.compress(b"another file")),
    (upload, "body", b"not compressed"),
    (saved_query, "result", zlib.compress(b"[]")),
    (saved_query, "result", b"not compressed"),
]


@pytest.mark.parametrize(("table", "column", "value"), HARM, ids=lambda each: getattr(each, "name", str(each)[:12]))
def test_what_was_changed_afterwards_is_found(table: Table, column: str, value: object, tmp_path: Path) -> None:
    engine = filled(sqlite_url(tmp_path / "ledger.sqlite"))
    assert Verification(engine).damages() == []
    key = next(iter(table.primary_key.columns))
    with engine.begin() as connection:
        first = connection.scalar(select(func.min(key)))
        connection.execute(update(table).where(key == first).values({column: value}))
    shown = "publication" if table is revision else table.name  # a revision is covered by its publication's chain
    assert shown in {each.table for each in Verification(engine).damages()}


def test_what_was_removed_is_found(tmp_path: Path) -> None:
    for number, (table, condition, expected) in enumerate(
        [
            (publication, publication.c.version == 2, "publication"),
            (revision, revision.c.version == 2, "publication"),
            (content, content.c.digest == hashlib.sha256(nquads(1, "urn:one")).hexdigest(), "revision"),
            (content, content.c.digest == hashlib.sha256(nquads(7)).hexdigest(), "step"),
        ]
    ):
        engine = filled(sqlite_url(tmp_path / f"{number}.sqlite"))
        with engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN")
            connection.execute(table.delete().where(condition))
            connection.commit()
        assert expected in {each.table for each in Verification(engine).damages()}


def test_a_flipped_bit_in_a_content_is_found_and_named(tmp_path: Path) -> None:
    engine = filled(sqlite_url(tmp_path / "ledger.sqlite"))
    digest = hashlib.sha256(nquads(1, "urn:one")).hexdigest()
    changed = bytearray(nquads(1, "urn:one"))
    changed[5] ^= 1
    with engine.begin() as connection:
        connection.execute(update(content).where(content.c.digest == digest).values(nquads=bytes(changed)))
    assert Verification(engine).damages() == [Damage("content", digest, "its bytes are not those of its digest")]


def test_a_ledger_of_the_first_schema_keeps_its_numbers(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ledger.sqlite")
    config = Config()
    config.set_main_option("script_location", str(Path(package.__file__).parent / "migrations"))
    old = engine_module.connect(url)
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        times = ["2026-01-01T00:00:00+00:00"] * 2 + ["2026-02-01T00:00:00+00:00"]
        graphs = ["urn:one", "urn:two", "urn:one"]
        for number, (time, graph) in enumerate(zip(times, graphs, strict=True), 1):
            held = nquads(number, graph)
            values = (hashlib.sha256(held).hexdigest(), held)
            connection.exec_driver_sql("INSERT INTO content VALUES (?, ?)", values)
            connection.exec_driver_sql(
                "INSERT INTO revision VALUES (?, ?, ?, NULL, 'tester', NULL, ?, 'message', ?)",
                (number, graph, values[0], time, 1 if number == 3 else None),
            )
    ledger = open_ledger(url)
    assert [(each.id, each.version, each.graph, each.replaces) for each in ledger.since(0)] == [
        (1, 2, "urn:one", None),
        (2, 2, "urn:two", None),
        (3, 3, "urn:one", 1),
    ]
    assert ledger.version() == 3
    assert ledger.content(ledger.heads()["urn:one"].digest) == nquads(3, "urn:one")
    assert ledger.heads(2)["urn:one"].id == 1
    ledger.publish("tester", lambda _: [Change("urn:two", b"", "withdrawn")])
    assert ledger.version() == 4
    assert Verification(open_database(url)).damages() == []
