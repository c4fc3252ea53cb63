"""``skillgraph backup``, ``restore``, ``verify``, ``rebuild`` and ``export``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from skillgraph.cli.output import print_table
from skillgraph.errors import LedgerFault, UnreadableData
from skillgraph.export import export as export_dataset
from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.ledger import Ledger, Verification, copy_ledger, open_database, sqlite_url
from skillgraph.serving.replica_process import limits
from skillgraph.settings import read_settings


@click.command(epilog="Example: skillgraph backup skillgraph-2026-11-23.sqlite")
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the whole ledger into FILE, a new SQLite file, while the service runs."""
    settings = read_settings()
    _require_ledger(settings.database, settings.home)
    if file.exists():
        raise UnreadableData(f"{file} exists already; nothing was written.", "Name a new file.")
    with _spinning() as told:
        version = copy_ledger(settings.ledger_url, sqlite_url(file), lambda table, _: told(table))
    click.echo(
        f"{file}: the ledger at version {version}, {file.stat().st_size:,} bytes. Check it: skillgraph verify {file}"
    )


@click.command(epilog="Example: skillgraph restore skillgraph-2026-11-23.sqlite")
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Copy the backup FILE into the ledger that the settings name, which must be empty.

    So a ledger also moves between SQLite and PostgreSQL: SKILLGRAPH_DATABASE names where it goes.
    """
    if not file.exists():
        raise UnreadableData(f"{file} cannot be read: there is no such file.", "Name the file of a backup.")
    with _spinning() as told:
        version = copy_ledger(sqlite_url(file), read_settings().ledger_url, lambda table, _: told(table))
    click.echo(f"The ledger is at version {version}.")


@click.command(epilog="Example: skillgraph verify skillgraph-2026-11-23.sqlite --format json")
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(file: Path | None, form: str) -> None:
    """Hold the ledger, or the backup FILE, against its own digests. Exit code 1: something in it was changed."""
    settings = read_settings()
    if file is None:
        _require_ledger(settings.database, settings.home)
    elif not file.exists():
        raise UnreadableData(f"{file} cannot be read: there is no such file.", "Name the file of a backup.")
    database = open_database(sqlite_url(file) if file else settings.ledger_url)
    with _spinning() as told:
        damages = Verification(database).damages(told)
    if form == "json":
        said = {"version": Ledger(database).version(), "damages": [asdict(each) for each in damages]}
        click.echo(json.dumps(said, indent=1))
    elif damages:
        print_table(["table", "row", "problem"], [[each.table, each.row, each.problem] for each in damages])
    else:
        click.echo(f"The ledger is whole; the dataset is at version {Ledger(database).version()}.")
    sys.exit(bool(damages))


@click.command(epilog="Example: skillgraph rebuild")
def rebuild() -> None:
    """Let the running service drop its copy of the graph and build it from the ledger again, without a pause."""
    settings = read_settings()
    if not settings.running.exists():
        raise UnreadableData("No service runs on this home.", "A start builds the copy anew: skillgraph serve.")
    graph = WorkerGraph(Place(settings.running.resolve()), limits(settings), settings.queue_seconds)
    with _spinning() as told:
        told("reading the ledger")
        version = graph.rebuild()
    click.echo(f"The copy was built anew from the ledger; it serves version {version}.")


@click.command(epilog="Example: skillgraph export dataset.nq.gz --version 3")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--version", type=int, help="Version of the dataset; the newest by default.")
def export(file: Path, version: int | None) -> None:
    """Write the dataset into FILE: .nq or .trig, also compressed (.gz, .zst)."""
    settings = read_settings()
    _require_ledger(settings.database, settings.home)
    ledger = Ledger(open_database(settings.ledger_url))
    with _spinning() as told:
        statements = export_dataset(ledger, file, version, told)
    click.echo(
        f"{file}: version {version or ledger.version()}, {statements:,} statements, {file.stat().st_size:,} bytes."
    )


def _require_ledger(database: str, home: Path) -> None:
    if not database and not (home / "ledger.sqlite").exists():
        raise LedgerFault(f"There is no ledger in {home}.", "Set SKILLGRAPH_HOME to the folder of the service.")


@contextmanager
def _spinning() -> Iterator[Callable[[str], None]]:
    """Show what is being worked on."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("")
        yield lambda text: progress.update(task, description=text)
