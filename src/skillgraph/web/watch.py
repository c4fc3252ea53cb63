"""Counts and times requests, and writes down those that were slow, killed or refused, without saying who sent them."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from skillgraph.errors import SkillGraphError
from skillgraph.graph.tokens import without_words
from skillgraph.settings import Settings

REQUESTS = Counter("skillgraph_requests", "Requests answered.", ["endpoint", "status"])
SECONDS = Histogram(
    "skillgraph_request_seconds",
    "Time from a request's arrival to its answer.",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0),
)
FAULTS = Counter("skillgraph_faults", "Requests that ended in an error, by its kind.", ["kind"])
RESULTS = Counter("skillgraph_results", "Results of queries, by where they came from.", ["origin"])

LOG = logging.getLogger("skillgraph.requests")
_MOST_TEXT = 2000
_WORTH_A_LINE = {403, 413, 429, 499, 503}
"""What was refused, stopped or could not be taken."""


def watch(app: Flask, settings: Settings) -> None:
    """Observe every request of an application."""

    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, response.status_code).inc()
        SECONDS.labels(endpoint).observe(seconds)
        fault: SkillGraphError | None = g.get("fault")
        if fault is not None:
            FAULTS.labels(fault.kind()).inc()
        if seconds >= settings.slow_seconds or response.status_code in _WORTH_A_LINE or response.status_code >= 500:
            LOG.warning(_line(endpoint, response.status_code, seconds, fault))
        return response


def _line(endpoint: str, status: int, seconds: float, fault: SkillGraphError | None) -> str:
    said: dict[str, object] = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "event": fault.kind() if fault else "slow" if status < 500 else "failed",
        "endpoint": endpoint,
        "status": status,
        "seconds": round(seconds, 3),
    }
    if text := g.get("query"):
        said["query"] = without_words(text, _MOST_TEXT)
    return json.dumps(said, ensure_ascii=False)
