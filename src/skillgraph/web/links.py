"""Turns IRIs into addresses of this site, and decides which outside addresses may be links."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from skillgraph.vocabulary import LOCAL_KINDS, TERMS

_LOST = {"", ".", ".."}
"""Segments that browsers and servers take out of an address."""


@dataclass(frozen=True)
class Links:
    """Links within an installation that serves the IRIs under ``base``."""

    base: str

    def page(self, iri: str) -> str:
        """Return the address of the page about an IRI."""
        local = self.local_path(iri)
        if local is not None:
            return f"/page/{quote(local, safe='/')}"
        if iri.startswith(TERMS):
            return f"/ns/{quote(iri.removeprefix(TERMS), safe='')}"
        return f"/resource?iri={quote(iri, safe='')}"

    def kind(self, iri: str) -> str:
        """Return the address of the list of a class's members, or of the page about a class that is not ours."""
        return f"/kind/{quote(iri.removeprefix(TERMS))}" if iri.startswith(TERMS) else self.page(iri)

    def local_path(self, iri: str) -> str | None:
        """Return the path of an IRI of ours that has a page of its own, such as ``id/scheme/palim``."""
        path = iri.removeprefix(self.base)
        segments = path.split("/")
        if path == iri or segments[0] not in LOCAL_KINDS or not _LOST.isdisjoint(segments):
            return None
        return path

    def iri(self, path: str) -> str:
        """Return the IRI that a path on this site stands for."""
        return self.base + path

    def graph_name(self, iri: str) -> str:
        """Return the short name of one of our named graphs, such as ``data/schemes/palim``."""
        return iri.removeprefix(self.base + "graph/")

    def source_name(self, iri: str) -> str:
        """Return the short name of a source, its key."""
        return iri.removeprefix(self.base + "id/source/")

    @staticmethod
    def external(address: str) -> str | None:
        """Return an outside address if it is safe to offer as a link: http or https with a host, nothing else."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        plain = address.isprintable() and " " not in address  # no line breaks, no controls that turn the text around
        return address if plain and parts.scheme in ("http", "https") and parts.hostname else None
