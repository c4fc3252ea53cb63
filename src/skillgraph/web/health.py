"""Tells machines that watch the service whether it lives and whether it can answer."""

from __future__ import annotations

from flask import Blueprint, Response, json

from skillgraph import __version__
from skillgraph.errors import SkillGraphError
from skillgraph.graph import Graph, Query


def blueprint(graph: Graph) -> Blueprint:
    """Return the address to watch."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def health() -> Response:
        """Answer 200 if a query is answered now, else 503 with the reason."""
        state: dict[str, object] = {"live": True, "ready": True, "release": __version__}
        try:
            graph.ask(Query("ASK {}"))
            state["version"] = graph.version()
        except SkillGraphError as fault:
            state.update(ready=False, reason=fault.message)
        response = Response(json.dumps(state) + "\n", 200 if state["ready"] else 503, content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
