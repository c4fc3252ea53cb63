"""What is needed to cite a source, or a page of this service, for people, CSL processors and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from skillgraph.batch import batches
from skillgraph.graph import Graph
from skillgraph.label import labels
from skillgraph.vocabulary import TERMS

NAME: Final = "SkillGraph"
_KNOWN: Final = ("publisher", "issued", "address", "accessed")
_SPECIAL: Final = re.compile(r"([\\{}%&#$_^~])")


@dataclass(frozen=True)
class Citation:
    """A work as one cites it; dates are as far as they are known: a year, a month or a day."""

    iri: str
    title: str
    publisher: str = ""
    issued: str = ""
    address: str = ""
    accessed: str = ""
    version: int | None = None


def citations(graph: Graph, sources: Iterable[str], language: str = "en") -> list[Citation]:
    """Return how to cite some sources, by title; those that are no sources of ours by name alone."""
    wanted = sorted(set(sources))
    found: dict[str, dict[str, str]] = {}
    for query in batches("pages/citations", "source", wanted):
        for row in graph.select(query):
            source = row["source"]
            if isinstance(source, NamedNode):
                stated = found.setdefault(source.value, {})
                for name in _KNOWN:
                    term = row.get(name)
                    if isinstance(term, Literal | NamedNode):
                        stated.setdefault(name, term.value)
    named = labels(graph, wanted, language)
    listed = []
    for iri in wanted:
        known = found.get(iri, {})
        publisher, issued, address, accessed = (known.get(name, "") for name in _KNOWN)
        listed.append(Citation(iri, named[iri].text, publisher, issued, address, accessed))
    return sorted(listed, key=lambda each: each.title.casefold())


def citation_of(graph: Graph, iri: str, kinds: Iterable[str], title: str, page: str) -> Citation:
    """Return how to cite a page about a thing: a source as itself, others as this service shows them."""
    if TERMS + "Source" in kinds:
        return citations(graph, [iri])[0]
    return Citation(iri, title, NAME, "", page, "", graph.version())


def as_csl(citation: Citation) -> dict[str, object]:
    """Return a citation as an item of CSL-JSON."""
    item: dict[str, object] = {"id": citation.iri, "type": "webpage", "title": citation.title}
    if citation.publisher:
        item["author"] = [{"literal": citation.publisher}]
    if citation.address:
        item["URL"] = citation.address
    for name, date in (("issued", citation.issued), ("accessed", citation.accessed)):
        if date:
            item[name] = {"date-parts": [[int(part) for part in date.split("-")[:3] if part.isdigit()]]}
    if citation.version is not None:
        item |= {"container-title": NAME, "version": str(citation.version)}
    return item


def as_bibtex(citation: Citation) -> str:
    """Return a citation as an entry of BibTeX."""
    key = re.sub(r"\W+", "-", citation.iri.rstrip("/").rsplit("/", 1)[-1]) or "record"
    fields = {
        "title": f"{{{_escaped(citation.title)}}}",
        "author": f"{{{_escaped(citation.publisher)}}}",
        "year": citation.issued[:4],
        "howpublished": rf"\url{{{citation.address.replace('{', '').replace('}', '')}}}" if citation.address else "",
        "urldate": citation.accessed,
        "note": f"{NAME}, dataset version {citation.version}" if citation.version is not None else "",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value not in ("", "{}"))
    return f"@misc{{{key},\n{lines}}}\n"


def _escaped(text: str) -> str:
    words = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return _SPECIAL.sub(lambda found: words.get(found[0], "\\" + found[0]), text)
