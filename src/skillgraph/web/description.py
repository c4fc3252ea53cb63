"""The description of the service for programs, in OpenAPI 3.1."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, Response, json

from skillgraph import __version__
from skillgraph.question import Question, catalogue

_METHODS = ("get", "post")


def blueprint() -> Blueprint:
    """Return the address of the description."""
    routes = Blueprint("description", __name__)

    @routes.get("/openapi.json")
    def openapi() -> Response:
        response = Response(json.dumps(description()) + "\n", content_type="application/json")
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return routes


@cache
def description() -> dict[str, Any]:
    """Return what programs can ask: the paths written down, and one for each question of the catalogue."""
    said: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "openapi.yaml").read_text(encoding="utf-8"))
    said["info"]["version"] = __version__
    said["paths"] |= {f"/questions/{each.key}": {"get": _asked(each)} for each in catalogue().values()}
    for path in said["paths"].values():
        for method in _METHODS:
            if method in path:
                path[method]["responses"]["default"] = {"$ref": "#/components/responses/Problem"}
    return said


def _asked(question: Question) -> dict[str, Any]:
    parameters = [
        {
            "name": each.name,
            "in": "query",
            "required": True,
            "description": each.label,
            "schema": {"type": "string"},
            "example": each.example,
        }
        for each in question.parameters
    ]
    answer = {"schema": {"$ref": "#/components/schemas/Answer"}}
    return {
        "tags": ["query"],
        "operationId": question.key,
        "summary": question.title,
        "description": f"{question.description} {question.caution}".strip(),
        "parameters": [*parameters, {"$ref": "#/components/parameters/version"}],
        "responses": {
            "200": {
                "description": "The answer, with sources",
                "content": {"application/json": answer, "text/csv": {"schema": {"type": "string"}}},
            }
        },
    }
