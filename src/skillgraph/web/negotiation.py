"""Chooses a format from what a client accepts or asks for by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from flask import request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from skillgraph.errors import NotAcceptable

T = TypeVar("T")

SHORT_NAMES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "turtle": "text/turtle",
    "n3": "text/turtle",
    "ntriples": "application/n-triples",
    "nquads": "application/n-quads",
    "json-ld": "application/ld+json",
    "rdf+xml": "application/rdf+xml",
}
"""Names of formats, those of ours first and then those that clients such as SPARQLWrapper send."""
GRAPH_NAMES = {"json": "application/ld+json", "xml": "application/rdf+xml"}
"""What a name stands for where there are statements and no results."""
ALIASES = {
    "application/json": "application/sparql-results+json",
    "application/xml": "application/sparql-results+xml",
    "text/xml": "application/sparql-results+xml",
    "application/x-turtle": "text/turtle",
    "text/plain": "application/n-triples",
}
GRAPH_ALIASES = {**ALIASES, "application/json": "application/ld+json"}
"""The same for statements instead of results."""
_CACHED_HEADERS = 256
"""Clients send few different headers, and parsing one costs as much as a small query."""


def prefers_html() -> bool:
    """Tell whether the client is a person with a browser rather than a program."""
    wanted = _named() if request.method in ("GET", "HEAD") else None
    return wanted in ("html", "text/html") if wanted else _likes_html_best(request.headers.get("Accept", ""))


def choose(available: Mapping[str, T], aliases: Mapping[str, str] = ALIASES) -> T | None:
    """Return what the client likes best among the formats available by media type; ``None`` if it accepts none.

    ``?format=`` (or ``?_mediatype=``) with a short name or a media type counts before the header; without either, all
    is accepted.
    """
    offered = {name: name for name in available}
    offered.update({alias: name for alias, name in aliases.items() if name in available})
    wanted = _named()
    named = SHORT_NAMES.get(wanted, wanted)
    header = (named if named in offered else GRAPH_NAMES.get(wanted, named)) or request.headers.get("Accept", "")
    best = _best(header or "*/*", tuple(offered))
    return available[offered[best]] if best else None


def require(choice: T | None, available: Mapping[str, object]) -> T:
    """Return the choice or refuse the request."""
    if choice is None:
        raise NotAcceptable(tuple(available))
    return choice


def _named() -> str:
    return request.values.get("format") or request.values.get("_mediatype") or ""


@lru_cache(_CACHED_HEADERS)
def _likes_html_best(header: str) -> bool:
    accepted = _accepted(header)
    html = accepted["text/html"] if "text/html" in accepted.values() else 0
    return bool(html) and all(html >= accepted[name] for name in (*SHORT_NAMES.values(), "application/json"))


@lru_cache(_CACHED_HEADERS)
def _best(header: str, offered: tuple[str, ...]) -> str | None:
    """Return the media type of the highest quality, the first of several; what has the quality 0 is refused."""
    accepted = _accepted(header)
    best = max(offered, key=accepted.quality)
    return best if accepted.quality(best) > 0 else None


def _accepted(header: str) -> MIMEAccept:
    """Read an Accept header; parameters other than q, such as charset, distinguish nothing that we offer."""
    read = parse_accept_header(header, MIMEAccept)
    return MIMEAccept([(name.partition(";")[0].strip(), quality) for name, quality in read])
