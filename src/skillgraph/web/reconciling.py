"""The Reconciliation API 0.2, which OpenRefine and others use to match names in tables to things in the graph."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from pyoxigraph import NamedNode

from skillgraph.browse import kinds
from skillgraph.entity import describe
from skillgraph.errors import InvalidRequest
from skillgraph.graph import Graph
from skillgraph.label import Value, labels
from skillgraph.reconciliation import Wanted, properties_of, reconcile, values
from skillgraph.search import Names
from skillgraph.settings import Settings
from skillgraph.vocabulary import TERMS

FRAMED = "reconciling.preview"
"""The one page that other sites may show in a frame; it has no form and no script."""
MOST_QUERIES = 50
"""Names that one request may ask for, as the manifest says; clients send more in several."""
MOST_IDENTIFIERS = 200
_MOST_CANDIDATES = 50
_SUGGESTED = 20
_SUGGESTIONS = ("entity", "type", "property")
_WIDTH, _HEIGHT = 430, 260
_SHOWN = 4
"""Statements in a preview."""


def blueprint(settings: Settings, graph: Graph, names: Names) -> Blueprint:
    """Return the reconciliation service over a graph."""
    routes = Blueprint("reconciling", __name__, url_prefix="/reconcile")

    @routes.route("", methods=["GET", "POST"])
    def service() -> Response:
        if "queries" in request.values:
            asked = _object("queries")
            if len(asked) > MOST_QUERIES:
                raise InvalidRequest(f"{len(asked)} names at once are too many.", f"Send {MOST_QUERIES} at a time.")
            wanted = {key: _wanted(each) for key, each in asked.items()}
            return jsonify({key: {"result": _results(graph, names, each)} for key, each in wanted.items()})
        if "extend" in request.values:
            return jsonify(_extended(graph, _object("extend")))
        return jsonify(_manifest(settings))

    routes.add_url_rule("/suggest/entity", "entity", lambda: jsonify({"result": _entities(graph, names)}))
    routes.add_url_rule("/suggest/type", "type", lambda: jsonify({"result": _types(graph)}))
    routes.add_url_rule("/suggest/property", "property", lambda: jsonify({"result": _properties(graph)}))

    @routes.get("/properties")
    def proposed() -> Response:
        kind = _iri(request.args.get("type", ""))
        found = properties_of(graph, kind)
        return jsonify({"type": kind, "properties": [{"id": each.iri, "name": each.text} for each in found]})

    @routes.get("/preview")
    def preview() -> str:
        return render_template("preview.html", entity=describe(graph, _iri(request.args.get("id", ""))), shown=_SHOWN)

    @routes.after_request
    def open_to_all(response: Response) -> Response:
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return routes


def _manifest(settings: Settings) -> dict[str, Any]:
    here = request.url_root.rstrip("/")
    service = f"{here}/reconcile"
    return {
        "versions": ["0.2"],
        "name": "SkillGraph",
        "identifierSpace": settings.base,
        "schemaSpace": TERMS,
        "documentation": f"{here}/ns",
        "view": {"url": f"{here}/resource?iri={{{{id}}}}"},
        "preview": {"url": f"{service}/preview?id={{{{id}}}}", "width": _WIDTH, "height": _HEIGHT},
        "suggest": {
            name: {"service_url": service, "service_path": f"/suggest/{name}"}
            for name in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": service, "service_path": "/properties"},
            "property_settings": [],
        },
        "defaultTypes": [
            {"id": TERMS + name, "name": name} for name in ("Occupation", "Qualification", "Actor", "Scheme", "Country")
        ],
        "batchSize": MOST_QUERIES,
    }


def _object(name: str) -> dict[str, Any]:
    try:
        read = json.loads(request.values[name])
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise InvalidRequest(f"The parameter {name!r} is not a JSON object.", "See the Reconciliation API 0.2.")
    return read


def _wanted(query: Any) -> Wanted:  # noqa: ANN401 - whatever JSON the client sent
    if not isinstance(query, dict) or not isinstance(query.get("query"), str):
        raise InvalidRequest("A query has no text.", 'Write for example {"q0": {"query": "Triple Win"}}.')
    classes, limit, known = query.get("type") or [], query.get("limit", 5), query.get("properties") or []
    listed = classes if isinstance(classes, list) else [classes]
    if not isinstance(limit, int) or limit < 1 or not isinstance(known, list):
        raise InvalidRequest("A query's limit or properties cannot be read.", "See the Reconciliation API 0.2.")
    return Wanted(
        query["query"],
        tuple(_iri(each.get("id") if isinstance(each, dict) else each) for each in listed),
        min(limit, _MOST_CANDIDATES),
        tuple(_known(each) for each in known),
    )


def _known(given: Any) -> tuple[str, tuple[str, ...]]:  # noqa: ANN401 - whatever JSON the client sent
    if not isinstance(given, dict) or "pid" not in given or "v" not in given:
        raise InvalidRequest("A property has no pid or no v.", 'Write for example {"pid": "…", "v": "Kenya"}.')
    found = given["v"] if isinstance(given["v"], list) else [given["v"]]
    return _iri(given["pid"]), tuple(str(each.get("id", "") if isinstance(each, dict) else each) for each in found)


def _results(graph: Graph, names: Names, wanted: Wanted) -> list[dict[str, object]]:
    return [
        {
            "id": each.iri,
            "name": each.name,
            "type": [{"id": kind.iri, "name": kind.text} for kind in each.classes],
            "score": each.score,
            "match": each.is_certain,
            "description": each.matched if each.matched != each.name else "",
        }
        for each in reconcile(graph, names, wanted)
    ]


def _entities(graph: Graph, names: Names) -> list[dict[str, object]]:
    return [
        {
            "id": each.iri,
            "name": each.name,
            "description": each.matched if each.matched != each.name else "",
            "notable": [{"id": kind.iri, "name": kind.text} for kind in each.classes],
        }
        for each in reconcile(graph, names, Wanted(_prefix(), limit=_SUGGESTED))
    ]


def _types(graph: Graph) -> list[dict[str, object]]:
    found = [each for each in kinds(graph) if _prefix() in each.label.casefold()]
    return [{"id": TERMS + each.name, "name": each.label, "description": each.definition} for each in found]


def _properties(graph: Graph) -> list[dict[str, object]]:
    found = {each.iri: each for kind in kinds(graph) for each in properties_of(graph, TERMS + kind.name)}
    fitting = sorted((each for each in found.values() if _prefix() in each.text.casefold()), key=lambda each: each.text)
    return [{"id": each.iri, "name": each.text} for each in fitting[:_SUGGESTED]]


def _extended(graph: Graph, asked: dict[str, Any]) -> dict[str, Any]:
    ids, wanted = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not isinstance(wanted, list) or not all(isinstance(each, dict) for each in wanted):
        raise InvalidRequest("ids and properties are missing.", 'Write {"ids": […], "properties": [{"id": "…"}]}.')
    if len(ids) > MOST_IDENTIFIERS:
        raise InvalidRequest(f"{len(ids)} things at once are too many.", f"Send {MOST_IDENTIFIERS} at a time.")
    things, properties = [_iri(each) for each in ids], [_iri(each.get("id")) for each in wanted]
    found = values(graph, things, properties)
    named = labels(graph, properties)
    rows = {
        thing: {name: [_cell(value) for value in found.get(thing, {}).get(name, [])] for name in properties}
        for thing in things
    }
    return {"meta": [{"id": name, "name": named[name].text} for name in properties], "rows": rows}


def _cell(value: Value) -> dict[str, object]:
    if value.iri:
        return {"id": value.iri, "name": value.text}
    return {"str": value.text}


def _prefix() -> str:
    return request.args.get("prefix", "")[:200].casefold()


def _iri(text: object) -> str:
    """Return an IRI that a client sent, or refuse what is none."""
    try:
        node = NamedNode(text) if isinstance(text, str) else None
    except ValueError:
        node = None
    if node is None or any(character in node.value for character in ' <>"{}|\\^`') or not node.value.isprintable():
        raise InvalidRequest(f"{str(text)[:80]!r} is not an IRI.", "Send identifiers as this service gives them.")
    return node.value
