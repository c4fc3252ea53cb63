"""Finds the records that cells name: by IRI, by a shortened one, or by a name that only one record bears."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode

from skillgraph.contribution.minting import ENTITIES
from skillgraph.graph import Graph, Query
from skillgraph.resources import query_text
from skillgraph.vocabulary import PREFIXES

_BATCH: Final = 200
_TAGS: Final = ("", "en", "fr", "es", "de", "ar")
"""Languages in which a name in a cell may be; a shorter list keeps the query one of look-ups."""
_KEY: Final = re.compile(r"[a-z-]+/[A-Za-z0-9._-]+")
_FULL: Final = re.compile(r"(https?://|urn:)\S+")


@dataclass
class References:
    """The records that names stand for, those of the file itself before those that are published."""

    published: Graph
    own: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    known: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def learn(self, records: Iterable[tuple[str, Iterable[str], str]]) -> None:
        """Take in the records of the file itself: IRI, names and class."""
        for iri, names, kind in records:
            for name in names:
                self.own.setdefault(name.casefold(), set()).add((iri, kind))

    def ask(self, names: Iterable[str]) -> None:
        """Look up which published records bear some names."""
        listed = sorted({name for name in names if self._by_form(name) is None})
        for start in range(0, len(listed), _BATCH):
            part = listed[start : start + _BATCH]
            values = " ".join(str(_literal(name, tag)) for name in part for tag in _TAGS)
            text = f"{query_text('contributions/called')}\nVALUES ?name {{ {values} }}"
            for row in self.published.select(Query(text)):
                name, record, kind = row["name"], row["record"], row["class"]
                if isinstance(name, Literal) and isinstance(record, NamedNode) and isinstance(kind, NamedNode):
                    self.known.setdefault(name.value.casefold(), set()).add((record.value, kind.value))

    def iri(self, text: str, kind: str = "") -> str | None:
        """Return the IRI of what a text names; of several records that bear the name the one of a class, if one is."""
        by_form = self._by_form(text)
        if by_form is not None:
            return by_form
        for source in (self.own, self.known):
            found = source.get(text.casefold(), set())
            iris = {iri for iri, _ in found}
            fitting = {iri for iri, each in found if each == kind}
            for candidates in (fitting, iris):
                if len(candidates) == 1:
                    return next(iter(candidates))
        return None

    @staticmethod
    def _by_form(text: str) -> str | None:
        """Return the IRI that a text is: one in full, with a known prefix, or the end of one of ours."""
        prefix, colon, rest = text.partition(":")
        if colon and prefix in PREFIXES and not rest.startswith("//"):
            text = PREFIXES[prefix] + rest
        elif _KEY.fullmatch(text):
            text = ENTITIES + text
        elif not _FULL.fullmatch(text):
            return None
        try:
            return NamedNode(text).value
        except ValueError:
            return None


def _literal(name: str, tag: str) -> Literal:
    return Literal(name, language=tag) if tag else Literal(name)
