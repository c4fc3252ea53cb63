"""Chooses a format from what a client accepts or asks for by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from flask import request
from werkzeug.datastructures import MIMEAccept

from skillgraph.errors import NotAcceptable

T = TypeVar("T")

SHORT_NAMES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "html": "text/html",
}
ALIASES = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "application/x-turtle": "text/turtle",
    "text/plain": "application/n-triples",
}


def prefers_html() -> bool:
    """Tell whether the client is a person with a browser rather than a program."""
    wanted = request.values.get("format") if request.method in ("GET", "HEAD") else None
    if wanted:
        return wanted == "html"
    accepted = request.accept_mimetypes
    html = accepted["text/html"] if "text/html" in accepted.values() else 0
    return bool(html) and all(html >= accepted[name] for name in (*SHORT_NAMES.values(), "application/json"))


def accepted() -> MIMEAccept:
    """Return what the client accepts: ``?format=`` first, then the header, everything if neither is given."""
    wanted = request.values.get("format", "")
    if wanted:
        return MIMEAccept([(SHORT_NAMES.get(wanted, wanted), 1)])
    return request.accept_mimetypes if request.accept_mimetypes else MIMEAccept([("*/*", 1)])


def choose(available: Mapping[str, T], aliases: Mapping[str, str] = ALIASES) -> T | None:
    """Return what the client likes best among the formats available by media type; ``None`` if it accepts none."""
    offered = {name: name for name in available}
    offered.update({alias: name for alias, name in aliases.items() if name in available})
    best = accepted().best_match(list(offered))
    return available[offered[best]] if best else None


def require(choice: T | None, available: Mapping[str, object]) -> T:
    """Return the choice or refuse the request."""
    if choice is None:
        raise NotAcceptable(tuple(available))
    return choice
