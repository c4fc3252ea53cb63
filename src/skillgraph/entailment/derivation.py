"""Derives conclusions from the premises among published statements, at a cost that grows with what changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock
from typing import Protocol

from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions, RdfFormat, Store, Triple, Variable, parse

from skillgraph.entailment.rules import GRAPH, Rule, Statement, entailment_rules, nodes
from skillgraph.ledger import Change, Revision, digest_of
from skillgraph.rdfio import canonical_nquads
from skillgraph.vocabulary import RDF_TYPE, RDFS_SUBCLASS_OF

_MOST_ONE_BY_ONE = 500
"""Subjects beyond which deriving everything anew is cheaper than asking about each."""


class Published(Protocol):
    """The newest revision of every named graph, as ``skillgraph.ledger.Heads`` has it."""

    def since(self, version: int) -> list[Revision]:
        """Return the revisions made after a version, oldest first."""

    def get(self, graph: str) -> Revision | None:
        """Return the newest revision of a graph."""


@dataclass
class Derivation:
    """The premises among published contents and what the rules derive from them, kept up with the ledger.

    ``contents`` yields canonical N-Quads with their digests. It is asked for each content once; after that a
    publication costs what its changes cost. Threads take turns.
    """

    contents: Callable[[Collection[str]], Iterable[tuple[str, bytes]]]
    _version: int = 0
    _tried: set[str] = field(default_factory=set)
    _digests: dict[str, str] = field(default_factory=dict)
    _premises: dict[str, frozenset[Triple]] = field(default_factory=dict)
    _holders: Counter[Triple] = field(default_factory=Counter)
    _derived: dict[NamedNode, set[Statement]] = field(default_factory=dict)
    _nquads: bytes | None = None
    _store: Store = field(default_factory=Store)
    _lock: Lock = field(default_factory=Lock)

    def follow(self, published: Published) -> None:
        """Take in what is published, so that the next change finds little left to do."""
        with self._lock:
            self._follow(published)

    def change(self, published: Published, changes: Iterable[Change]) -> list[Change]:
        """Return the new content of the graph of entailments after some changes, nothing where there are none."""
        new = {each.graph: (digest_of(each.nquads), each.nquads) for each in changes}
        if not new:
            return []
        with self._lock:
            self._follow(published)
            self._tried = set(new)  # whether they are published is decided after this
            self._move_to({graph: digest for graph, (digest, _) in new.items()}, dict(new.values()))
            if self._nquads is None:
                statements = (Triple(*each) for found in self._derived.values() for each in found)
                self._nquads = canonical_nquads(statements, GRAPH)
            return [Change(GRAPH.value, self._nquads, "Derived by the rules")]

    def _follow(self, published: Published) -> None:
        new = published.since(self._version)
        tried = {graph: published.get(graph) for graph in self._tried}
        digests = {graph: head.digest if head else None for graph, head in tried.items()}
        self._move_to(digests | {each.graph: each.digest for each in new}, {})
        self._version = max((each.version for each in new), default=self._version)
        self._tried = set()

    def _move_to(self, digests: Mapping[str, str | None], new: Mapping[str, bytes]) -> None:
        """Exchange the premises of the graphs whose digest differs, and derive anew what depends on them."""
        differing = {
            graph: digest
            for graph, digest in digests.items()
            if graph != GRAPH.value and digest != self._digests.get(graph)
        }
        wanted = {digest for digest in differing.values() if digest is not None}
        read = {digest: _premises(nquads) for digest, nquads in self.contents(wanted - new.keys())}
        read |= {digest: _premises(new[digest]) for digest in wanted & new.keys()}
        count: Counter[Triple] = Counter()
        for graph, digest in differing.items():
            count.subtract(self._premises.pop(graph, ()))
            self._digests.pop(graph, None)
            if digest is not None:
                self._digests[graph] = digest
                self._premises[graph] = read[digest]
                count.update(read[digest])
        came, went = self._counted(count)
        self._store.extend(_quads(came))
        dirty = self._dependent({*came, *went})
        for quad in _quads(went):
            self._store.remove(quad)
        if dirty is None:
            self._derive_all()
        else:
            self._derive_for(dirty)

    def _counted(self, count: Counter[Triple]) -> tuple[list[Triple], list[Triple]]:
        """Count who states each premise; return those that nobody stated before and those that nobody states now."""
        came, went = [], []
        for premise, difference in count.items():
            stated = self._holders[premise] + difference
            if difference and stated == difference:
                came.append(premise)
            elif difference and not stated:
                went.append(premise)
            self._holders[premise] = stated
            if not stated:
                del self._holders[premise]
        return came, went

    def _dependent(self, changed: set[Triple]) -> set[NamedNode] | None:
        """Return the subjects whose conclusions may change with some premises; ``None`` means all."""
        if any(each.predicate == RDFS_SUBCLASS_OF for each in changed):
            return None
        found: set[NamedNode] = set()
        pending = {each.subject for each in changed if isinstance(each.subject, NamedNode)}
        while pending and len(found) <= _MOST_ONE_BY_ONE:
            found |= pending
            pending = {each for node in pending for each in self._pointing_to(node)} - found
        return None if pending else found

    def _pointing_to(self, node: NamedNode) -> Iterator[NamedNode]:
        for quad in self._store.quads_for_pattern(None, None, node, None):
            if isinstance(quad.subject, NamedNode) and quad.predicate != RDF_TYPE:
                yield quad.subject

    def _derive_all(self) -> None:
        self._nquads = None
        self._forget(set(self._derived))
        while any(self._keep(_conclusions(self._store, rule)) for rule in entailment_rules()):
            pass

    def _derive_for(self, subjects: set[NamedNode]) -> None:
        """Derive for some subjects and, as long as there is something new, for those that point to them."""
        before = {subject: self._derived.get(subject) for subject in subjects}
        self._forget(subjects)
        pending = subjects
        while pending:
            kept = {
                subject
                for subject in pending
                if any(self._keep(_conclusions(self._store, rule, subject)) for rule in entailment_rules())
            }
            pending = kept | {each for node in kept for each in self._pointing_to(node)}
        if any(self._derived.get(subject) != found for subject, found in before.items()):
            self._nquads = None

    def _forget(self, subjects: set[NamedNode]) -> None:
        for subject in subjects:
            for each in self._derived.pop(subject, ()):
                if Triple(*each) not in self._holders:
                    self._store.remove(Quad(*each, DefaultGraph()))

    def _keep(self, conclusions: Iterable[Statement]) -> bool:
        """Keep conclusions and tell whether there was a new one among them."""
        new = [each for each in conclusions if each not in self._derived.get(each[0], ())]
        for each in new:
            self._derived.setdefault(each[0], set()).add(each)
        self._store.extend(Quad(*each, DefaultGraph()) for each in new)
        return bool(new)


def entailed(contents: Iterable[bytes]) -> bytes:
    """Return, as canonical N-Quads, what the rules derive from the contents of all other graphs."""
    changes = [Change(str(number), nquads, "") for number, nquads in enumerate(contents)]
    return b"".join(each.nquads for each in Derivation(lambda _: ()).change(_Nothing(), changes))


class _Nothing:
    """A ledger in which nothing was published yet."""

    def since(self, _: int) -> list[Revision]:
        return []

    def get(self, _: str) -> None:
        return None


@cache
def _premise() -> re.Pattern[bytes]:
    """Return what finds, among canonical N-Quads, the statements that can be a premise, without their graph."""
    predicates = b"|".join(re.escape(f"<{iri}>".encode()) for rule in entailment_rules() for iri in rule.reads)
    return re.compile(rb"^(\S+ (?:" + predicates + rb") .*) <[^<> ]+> \.$", re.MULTILINE)


def _premises(nquads: bytes) -> frozenset[Triple]:
    """Return the statements that can be a premise: few among many, found by their predicate."""
    chosen = b"".join(each + b" .\n" for each in _premise().findall(nquads))
    return frozenset(quad.triple for quad in parse(chosen, format=RdfFormat.N_TRIPLES, lenient=True))


def _quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (Quad(each.subject, each.predicate, each.object, DefaultGraph()) for each in triples)


def _conclusions(store: Store, rule: Rule, subject: NamedNode | None = None) -> list[Statement]:
    solutions = store.query(rule.text, substitutions={Variable("subject"): subject} if subject is not None else None)
    assert isinstance(solutions, QuerySolutions)
    return [nodes(each["subject"] or subject, each["predicate"], each["object"]) for each in solutions]
