"""Run all benchmarks: ``make bench``; ``--json`` prints the figures for machines."""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from pyoxigraph import QueryResultsFormat
from rich.console import Console

from benchmarks import contributions, endpoints, hostile, pages, tables
from benchmarks.measure import in_turn
from benchmarks.services import Client, oxigraph, replica, skillgraph
from skillgraph.baseline import base_files, publish_base
from skillgraph.graph import Query, ResultFormats
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.workers import WorkerGraph
from skillgraph.ledger import Ledger, open_ledger
from skillgraph.settings import Settings

TINY = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?label WHERE { <http://publications.europa.eu/resource/authority/country/KEN> skos:prefLabel ?label }"""
ROWS = 10_000
MANY = f"SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {ROWS}"
FORMATS = ResultFormats(QueryResultsFormat.JSON, None)


@dataclass(frozen=True)
class Figure:
    """One measured figure, in milliseconds, with its ratio to another and the aim for that ratio."""

    name: str
    median_ms: float
    p99_ms: float
    ratio: float | None = None
    against: str = ""
    aim: float | None = None


PARTS = ("base", "endpoints", "contributions", "pages", "hostile")
CONTRIBUTED_TO = (10_000, 100_000, 1_000_000)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--runs", default=2000, show_default=True, help="Rounds of the tiny query; others scale with it.")
@click.option("--part", "parts", type=click.Choice(PARTS), multiple=True, default=PARTS, help="What to measure.")
@click.option("--quads", "sizes", type=int, multiple=True, help="Sizes of the dataset.")
@click.option("--without", multiple=True, help="Peers to leave out, such as rdflib-endpoint.")
def main(as_json: bool, runs: int, parts: tuple[str, ...], sizes: tuple[int, ...], without: tuple[str, ...]) -> None:
    """Measure the service against its peers, and against itself under attack.

    base: start, a tiny and a large query in process, through a worker and over HTTP, with the published data.
    endpoints: many kinds of queries over generated data, beside oxigraph serve, rdflib-endpoint and Virtuoso 7, as far
    as they are installed. contributions: validating a small contribution beside growing bases, plain pySHACL over the
    whole, and the time from acceptance to the endpoint.
    pages: pages, answers and search beside further data. hostile: a probe while hostile requests arrive.
    """
    report: dict[str, Any] = {"machine": platform.platform()}
    console = Console(stderr=True)
    if "base" in parts:
        report["figures"] = [asdict(each) for each in _base_figures(runs)]
    if "endpoints" in parts:
        report["endpoints"] = []
        for size in sizes or (100_000, 1_000_000):
            with tempfile.TemporaryDirectory() as folder:
                measured = endpoints.measure(size, Path(folder), console.print, without)
                report["endpoints"].append(asdict(measured))
    if "contributions" in parts:
        report["contributions"] = []
        for size in sizes or CONTRIBUTED_TO:
            with tempfile.TemporaryDirectory() as folder:
                report["contributions"].append(asdict(contributions.measure(size, Path(folder), console.print)))
    if "pages" in parts:
        report["pages"] = []
        for size in sizes or (0, 1_000_000):
            with tempfile.TemporaryDirectory() as folder:
                report["pages"].append(asdict(pages.measure(size, Path(folder), runs // 20, console.print)))
        report["search"] = asdict(pages.search_times(console.print))
    if "hostile" in parts:
        quiet, contained = hostile.measure([sys.executable, "-m", "skillgraph"], console.print)
        report["hostile"] = {"quiet_p99_ms": quiet, "requests": [asdict(each) for each in contained]}
    if as_json:
        click.echo(json.dumps(report, indent=1))
    else:
        tables.show(report)


def _base_figures(runs: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        ledger = open_ledger(settings.ledger_url)
        publish_base(ledger, base_files())
        return [*start_figures(settings.home), *query_figures(settings, ledger, runs)]


def start_figures(home: Path) -> Iterator[Figure]:
    """Measure the time from the start of the program to its first answer."""
    times = []
    for _ in range(5):
        with skillgraph(home) as (_, seconds):
            times.append(seconds)
    yield Figure("start to first answer", 1e3 * statistics.median(times), 1e3 * max(times), None, "aim: 3000 ms")


def query_figures(settings: Settings, ledger: Ledger, runs: int) -> Iterator[Figure]:
    """Measure a tiny query and one with many rows everywhere."""
    contents = [ledger.content(head.digest) for head in ledger.heads().values()]
    memory = MemoryGraph(ledger.version(), contents)
    with (
        replica(settings) as through_worker,
        skillgraph(settings.home) as (ours, _),
        oxigraph(b"".join(contents)) as peer,
    ):
        for name, text, count, aims in (
            ("tiny query", TINY, runs, (1.5, 5.0)),
            (f"{ROWS:,} rows", MANY, runs // 40, (None, 1.2)),
        ):
            agree(memory, through_worker, ours, peer, text)
            yield from compared(name, text, count, (memory, through_worker, ours, peer), aims)


def compared(
    name: str,
    text: str,
    runs: int,
    subjects: tuple[MemoryGraph, WorkerGraph, Client, Client],
    aims: tuple[float | None, float | None],
) -> Iterator[Figure]:
    """Time one query on all four subjects in turn."""
    memory, through_worker, ours, peer = subjects
    query = Query(text)
    calls: dict[str, Callable[[], object]] = {
        "in process": lambda: memory.answer(query, FORMATS),
        "through a worker": lambda: through_worker.answer(query, FORMATS),
        "over HTTP": lambda: ours.query(text),
        "oxigraph serve": lambda: peer.query(text),
    }
    times = in_turn(calls, runs)
    peers = {"through a worker": ("in process", aims[0]), "over HTTP": ("oxigraph serve", aims[1])}
    for subject, timing in times.items():
        against, aim = peers.get(subject, ("", None))
        ratio = timing.median / times[against].median if against else None
        yield Figure(f"{name}, {subject}", 1e3 * timing.median, 1e3 * timing.p99, ratio, against, aim)


def agree(memory: MemoryGraph, through_worker: WorkerGraph, ours: Client, peer: Client, text: str) -> None:
    """Make sure that all subjects return equally many rows."""
    bodies = [
        memory.answer(Query(text), FORMATS).body,
        through_worker.answer(Query(text), FORMATS).body,
        ours.query(text),
        peer.query(text),
    ]
    counts = {len(json.loads(body)["results"]["bindings"]) for body in bodies}
    if len(counts) != 1:
        raise RuntimeError(f"the subjects return different numbers of rows: {sorted(counts)}")


if __name__ == "__main__":
    main()
