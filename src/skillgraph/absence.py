"""Why nothing is said of a thing: it was never known, or what described it was withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pyoxigraph import NamedNode

from skillgraph.errors import SearchNotReady, SkillGraphError, Suggestion, UnknownEntity, WithdrawnEntity
from skillgraph.graph import Graph, Query
from skillgraph.label import labels, last_part
from skillgraph.ledger import Ledger, digest_of
from skillgraph.resources import query_text
from skillgraph.search import Names

MOST_LOOKED_AT = 100
"""Withdrawn graphs, the latest, that are looked through for a thing."""
_SUGGESTED = 5


@dataclass(frozen=True)
class Absences:
    """Explains why nothing is said of a thing, from what the ledger held and from the names of other things."""

    graph: Graph
    ledger: Callable[[], Ledger]
    names: Names

    def explained(self, fault: UnknownEntity, iri: str) -> SkillGraphError:
        """Return the error to show: ``WithdrawnEntity``, or the one given with things of like names."""
        last = last_version_with(self.ledger(), iri)
        if last is None:
            fault.suggestions = self._like(iri)
            return fault
        rows = self.graph.select(Query(query_text("pages/replacements"), {"this": NamedNode(iri)}))
        found = sorted({term.value for row in rows if isinstance(term := row["replacement"], NamedNode)})
        named = labels(self.graph, found)
        return WithdrawnEntity(
            f"What described {iri} was withdrawn after version {last} of the dataset.",
            "See what stands in its place, or what was said of it then.",
            last,
            tuple(Suggestion(named[each].text, each) for each in found),
        )

    def _like(self, iri: str) -> tuple[Suggestion, ...]:
        try:
            found = self.names.find(last_part(iri).replace("-", " ").replace("_", " "), (), _SUGGESTED)
        except SearchNotReady:
            return ()
        return tuple(Suggestion(each.matched, each.iri) for each in found)


def last_version_with(ledger: Ledger, iri: str) -> int | None:
    """Return the last version at which a graph that is withdrawn now described a thing."""
    empty, subject = digest_of(b""), f"<{iri}> ".encode()
    heads = (head for head in ledger.heads().values() if head.digest == empty)
    withdrawn = sorted(heads, key=lambda head: -head.version)
    for head in withdrawn[:MOST_LOOKED_AT]:
        before = ledger.head(head.graph, head.version - 1)
        if before is not None and any(line.startswith(subject) for line in ledger.content(before.digest).splitlines()):
            return head.version - 1
    return None
