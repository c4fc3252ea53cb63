"""The process that holds the graph; started by the supervisor with two descriptors, ``lifeline`` and ``ready``."""

from __future__ import annotations

import sys
from pathlib import Path

from skillgraph.errors import SkillGraphError
from skillgraph.graph.confinement import Limits, network_can_be_cut
from skillgraph.graph.place import Place
from skillgraph.graph.protocol import Size
from skillgraph.graph.replica import Replica
from skillgraph.graph.workforce import Crew
from skillgraph.ledger import open_ledger
from skillgraph.settings import Settings, read_settings


def limits(settings: Settings) -> Limits:
    """Return what a query may take under these settings."""
    return Limits(
        seconds=settings.query_seconds,
        memory_bytes=settings.query_memory_mb * 2**20,
        result=Size(settings.result_mb * 2**20, settings.result_rows),
        depth=settings.query_depth,
        steps=settings.query_steps,
    )


def main(folder: str, lifeline: str, ready: str) -> None:
    """Load the graph and serve it until the supervisor is gone."""
    settings = read_settings()
    crew = Crew(settings.query_workers, settings.queue_length, limits(settings))
    replica = Replica(open_ledger(settings.ledger_url), Place(Path(folder)), crew)
    try:
        replica.load()
    except SkillGraphError as fault:
        sys.exit(f"{fault.message} {fault.remedy}")
    if not network_can_be_cut():
        sys.stderr.write(
            "Workers keep their network: the system refuses namespaces. SERVICE is refused all the same.\n"
        )
    replica.run(int(lifeline), int(ready))


if __name__ == "__main__":
    main(*sys.argv[1:])
