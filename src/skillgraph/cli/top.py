"""``skillgraph top``."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from skillgraph.errors import ReplicaUnavailable
from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings, read_settings

_REFRESH_SECONDS = 1.0


@click.command(epilog="Example: skillgraph top --home /var/lib/skillgraph")
@click.option("--home", type=click.Path(path_type=Path), help="Folder of the service (SKILLGRAPH_HOME).")
@click.option("--once", is_flag=True, help="Print what runs now and end.")
@click.option("--kill", type=int, metavar="JOB", help="End this job and say so.")
@click.option("--format", "name", type=click.Choice(["text", "json"]), default="text", show_default=True)
def top(home: Path | None, once: bool, kill: int | None, name: str) -> None:
    """Show the queries that run now, and end one of them.

    The list renews itself each second until Ctrl-C. The client of a query that is ended gets status 503.
    """
    graph = _running(read_settings(home=home))
    if kill is not None:
        _kill(graph, kill)
    elif name == "json":
        click.echo(json.dumps({"version": graph.version(), "jobs": graph.jobs()}, ensure_ascii=False, indent=1))
    elif once:
        Console().print(_table(graph.jobs()))
    else:
        with Live(_table(graph.jobs()), auto_refresh=False) as live:
            while True:
                time.sleep(_REFRESH_SECONDS)
                live.update(_table(graph.jobs()), refresh=True)


def _running(settings: Settings) -> WorkerGraph:
    if not settings.running.is_symlink():
        raise ReplicaUnavailable(
            f"No service runs on {settings.home}.", "Start it with skillgraph serve, or name its folder with --home."
        )
    return WorkerGraph(Place(settings.running.readlink()), limits(settings), settings.queue_seconds)


def _kill(graph: WorkerGraph, job: int) -> None:
    if job not in {each["number"] for each in graph.jobs()}:
        raise ReplicaUnavailable(f"No job {job} runs now.", "Take its number from skillgraph top --once.")
    graph.cancel(job)
    click.echo(f"Job {job} was ended.")


def _table(jobs: list[dict[str, Any]]) -> Table:
    table = Table("job", "worker", "seconds", "query", title=f"{len(jobs)} running")
    for job in jobs:
        query = Text(" ".join(job["text"].split()), overflow="ellipsis", no_wrap=True)
        table.add_row(str(job["number"]), str(job["worker"]), f"{job['seconds']:.1f}", query)
    return table
