"""Sends what a query resulted in."""

from __future__ import annotations

from flask import Response

from skillgraph.graph import Answer

VERSION_HEADER = "SkillGraph-Version"


def respond(answer: Answer) -> Response:
    """Send a result with its media type and the dataset version it was computed on."""
    media_type = answer.media_type
    text = media_type.startswith("text/")
    response = Response(answer.body, content_type=f"{media_type}; charset=utf-8" if text else media_type)
    response.headers[VERSION_HEADER] = str(answer.version)
    return response
