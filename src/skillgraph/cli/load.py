"""``skillgraph load``."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click
from pyoxigraph import NamedNode
from rich.console import Console
from rich.progress import Progress

from skillgraph.baseline import base_files, publish_base
from skillgraph.cli.output import print_table
from skillgraph.errors import InvalidRequest
from skillgraph.ledger import open_ledger
from skillgraph.loading import LoadedGraph, preview, read_graphs
from skillgraph.loading import load as load_graphs
from skillgraph.settings import read_settings


@click.command(epilog="Example: skillgraph load census.nq.gz --graph https://example.org/graph/census")
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE…")
@click.option("--graph", help="Named graph for statements that stand in none.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--message", help="What the revision says about itself; by default the names of the files.")
@click.option("--format", "name", type=click.Choice(["text", "json"]), default="text", show_default=True)
def load(files: tuple[Path, ...], graph: str | None, dry_run: bool, message: str | None, name: str) -> None:
    """Take files of RDF into the ledger; a running service has them within seconds.

    FILE is N-Quads, TriG, Turtle, N-Triples, JSON-LD or RDF/XML, plain or compressed with gzip or Zstandard. What is
    read becomes the whole new content of each named graph in it. It is not held against the shapes: that is for
    `skillgraph validate`. The ledger is the one of SKILLGRAPH_HOME.
    """
    started = time.perf_counter()
    if graph is not None:
        _require_iri(graph)
    with Progress(console=Console(stderr=True), transient=True) as progress:

        def watched(path: Path) -> BinaryIO:
            return progress.open(path, "rb", description=f"Reading {path.name}")

        contents = read_graphs(files, graph, watched)
        ledger = open_ledger(read_settings().ledger_url)
        progress.add_task("Comparing", total=None)
        outcome = preview(ledger, contents)
        if not dry_run:
            progress.add_task("Writing", total=None)
            if ledger.version() == 0:
                publish_base(ledger, base_files())
            load_graphs(ledger, contents, message or ", ".join(path.name for path in files))
    seconds = time.perf_counter() - started
    if name == "json":
        click.echo(_json(outcome, dry_run, ledger.version(), seconds))
    else:
        _print(outcome, dry_run, ledger.version(), seconds)


def _require_iri(graph: str) -> None:
    try:
        NamedNode(graph)
    except ValueError as fault:
        raise InvalidRequest(
            f"--graph {graph!r} is not an absolute IRI ({fault}).", "Give one such as https://example.org/graph/ours."
        ) from None


def _json(outcome: list[LoadedGraph], dry_run: bool, version: int, seconds: float) -> str:
    graphs = [{**asdict(each), "state": each.state} for each in outcome]
    return json.dumps({"graphs": graphs, "version": version, "dryRun": dry_run, "seconds": round(seconds, 2)}, indent=1)


def _print(outcome: list[LoadedGraph], dry_run: bool, version: int, seconds: float) -> None:
    rows = [
        [each.graph, each.state, f"{each.statements:,}", f"{each.added:,}", f"{each.removed:,}"] for each in outcome
    ]
    print_table(["graph", "state", "statements", "added", "removed"], rows)
    total = sum(each.statements for each in outcome)
    click.echo(f"{total:,} statements in {seconds:.1f} s, {total / seconds:,.0f} a second.")
    click.echo("Dry run: nothing was written." if dry_run else f"The ledger is at version {version}.")
