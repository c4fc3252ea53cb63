"""Serves figures for Prometheus on an address of their own: those of all web processes together, and the replica's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from skillgraph.errors import SkillGraphError
from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings


@dataclass(frozen=True)
class ReplicaCollector(Collector):
    """What the replica says of itself, asked anew each time."""

    graph: WorkerGraph

    def collect(self) -> Iterator[Metric]:
        """Yield the state of the replica; only that it is down where it does not answer."""
        try:
            state = self.graph.status()
        except SkillGraphError:
            yield GaugeMetricFamily("skillgraph_up", "Whether the process that holds the graph answers.", 0)
            return
        yield GaugeMetricFamily("skillgraph_up", "Whether the process that holds the graph answers.", 1)
        yield GaugeMetricFamily("skillgraph_dataset_version", "Dataset version served.", state["version"])
        workers = GaugeMetricFamily("skillgraph_workers", "Workers by what they are at.", labels=["state"])
        workers.add_metric(["serving"], len(state["workers"]))
        workers.add_metric(["leaving"], len(state["leaving"]))
        workers.add_metric(["busy"], len(state["busy"]))
        yield workers
        ends = CounterMetricFamily("skillgraph_stopped_jobs", "Jobs whose worker died, by cause.", labels=["cause"])
        for cause, number in sorted(state["ends"].items()):
            ends.add_metric([cause], number)
        yield ends


def serve_metrics(settings: Settings, folder: Path, counts: Path) -> None:
    """Serve ``/metrics`` from a thread; where the address is taken, say so and do without."""
    if not settings.metrics_port:
        return
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(counts))  # type: ignore[no-untyped-call]
    registry.register(ReplicaCollector(WorkerGraph(Place(folder), limits(settings), settings.queue_seconds)))
    try:
        start_http_server(settings.metrics_port, settings.metrics_host, registry)
    except OSError as fault:
        sys.stderr.write(
            f"Metrics are not served: {settings.metrics_host}:{settings.metrics_port} cannot be used "
            f"({fault.strerror}). Set SKILLGRAPH_METRICS_PORT to a free port, or to 0 for none.\n"
        )
