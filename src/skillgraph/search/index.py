"""The index of names: exact, beginning and nearly right words, the best first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rapidfuzz import fuzz
from tantivy import Document, Index, Occur, Query, Schema, SchemaBuilder, Searcher

from skillgraph.errors import SearchNotReady
from skillgraph.search.records import Named
from skillgraph.search.words import words
from skillgraph.vocabulary import TERMS

EQUAL: Final = 97.0
"""Score from which a name is what was sought, whatever its rank."""
MOST_WORDS: Final = 12
"""Words of a search that are looked at."""
_LOOKED_AT: Final = 200
"""Names that are ranked for one search; more are not told apart."""
_SHORT: Final = 2
"""Beginnings of words of up to so many letters have an entry of their own: too many words begin with them."""
_HEAP_BYTES: Final = 64 * 2**20
_BEGUN: Final = 0.85
"""What a word counts of which the beginning is sought; less counts a word that is nearly what is sought."""
_NEARLY: Final = 0.75
_NEAR: Final = 60.0
_BEHIND: Final = {
    TERMS + name: points
    for points, names in (
        (5, ("Competence", "Law", "Regulation", "ShortageObservation", "RecognitionAssertion", "FrameworkLevel")),
        (15, ("Source", "Event", "Participation", "Condition", "CostAllocation", "Corridor", "LevelReferencing")),
    )
    for name in names
}
"""Points by which things of a class stand behind others of like names: most are called after those."""


@dataclass(frozen=True)
class Found:
    """A thing, the name of it that matched, in which language, what it is, and how well it fits: 100 is equality."""

    iri: str
    matched: str
    language: str
    kinds: frozenset[str]
    score: float


class NameIndex:
    """Names in a folder, which one process writes and others read, or in memory where there is no folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._schema = _schema()
        self._opened: Index | None = None if folder else Index(self._schema)

    def fill(self, records: Iterable[Named]) -> None:
        """Index names in place of all there were."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._opened = Index(self._schema, path=str(self._folder), reuse=True)
        self._write(records, None)

    def exchange(self, things: Collection[str], records: Iterable[Named]) -> None:
        """Index the names that some things have now in place of those they had."""
        self._write(records, things)

    def find(self, text: str, classes: Collection[str] = (), limit: int = 20) -> list[Found]:
        """Return the things whose names fit a text best, those of some classes only; raise ``SearchNotReady``."""
        sought = words(text)[:MOST_WORDS]
        if not sought:
            return []
        searcher = self._searcher()
        kinds = [_any([Query.term_query(self._schema, "class", each) for each in classes])] if classes else []
        hits = self._hits(searcher, [self._every(sought), *kinds], sought)
        if not hits:
            hits = self._hits(searcher, [self._some(sought), *kinds], sought)
        best: dict[str, Found] = {}
        for each in sorted(hits, key=lambda each: (-each.score, len(each.matched), each.matched, each.iri)):
            best.setdefault(each.iri, each)
        return list(best.values())[:limit]

    def _write(self, records: Iterable[Named], things: Collection[str] | None) -> None:
        writer = self._index().writer(_HEAP_BYTES, 1)
        if things is None:
            writer.delete_all_documents()
        for iri in things or ():
            writer.delete_documents_by_term("iri", iri)
        for each in records:
            writer.add_document(_document(each))
        writer.commit()
        writer.wait_merging_threads()

    def _index(self) -> Index:
        if self._opened is None:
            if self._folder is None or not self._folder.is_dir() or not Index.exists(str(self._folder)):
                raise SearchNotReady("The names are still being read.", "Search again in a few seconds.")
            self._opened = Index.open(str(self._folder))
        return self._opened

    def _searcher(self) -> Searcher:
        index = self._index()
        index.reload()
        return index.searcher()

    def _hits(self, searcher: Searcher, needed: list[Query], sought: list[str]) -> list[Found]:
        whole = " ".join(sought)
        exact = Query.boost_query(Query.term_query(self._schema, "whole", whole), 50.0)
        clauses = [(Occur.Must, each) for each in needed] + [(Occur.Should, exact)]
        if len(whole) > _SHORT:
            for distance, weight in ((0, 8.0), (_slips(whole), 6.0)):
                alike = Query.fuzzy_term_query(self._schema, "whole", whole, distance=distance, prefix=not distance)
                clauses.append((Occur.Should, Query.boost_query(alike, weight)))
        found = searcher.search(Query.boolean_query(clauses), _LOOKED_AT, count=False, weight_by_field="rank")
        return [_found(searcher.doc(address), sought) for _, address in found.hits]

    def _every(self, sought: list[str]) -> Query:
        *first, last = sought
        return Query.boolean_query([(Occur.Must, each) for each in [*map(self._word, first), self._beginning(last)]])

    def _some(self, sought: list[str]) -> Query:
        return _any([self._word(each) for each in sought])

    def _word(self, word: str) -> Query:
        """Return a query for a word: itself, or one that is nearly so."""
        exact = Query.boost_query(Query.term_query(self._schema, "words", word), 4.0)
        return Query.disjunction_max_query([exact, *self._nearly(word)])

    def _beginning(self, word: str) -> Query:
        """Return a query for the last word, which may not be typed to its end."""
        if len(word) <= _SHORT:
            return Query.term_query(self._schema, "heads", word)
        begins = Query.fuzzy_term_query(self._schema, "words", word, distance=0, prefix=True)
        exact = Query.boost_query(Query.term_query(self._schema, "words", word), 4.0)
        return Query.disjunction_max_query([exact, Query.boost_query(begins, 2.0), *self._nearly(word)])

    def _nearly(self, word: str) -> list[Query]:
        distance = _slips(word)
        return [Query.fuzzy_term_query(self._schema, "words", word, distance=distance)] if distance else []


def _slips(word: str) -> int:
    """Return how many letters of a word may be wrong, missing, too many or swapped."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 8 else 2


def _schema() -> Schema:
    builder = SchemaBuilder()
    for name in ("iri", "whole", "class", "kind", "name", "language"):
        stored = name not in ("whole", "class")
        builder.add_text_field(name, stored=stored, tokenizer_name="raw", index_option="basic")
    for name in ("words", "heads"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    builder.add_integer_field("rank", stored=True, fast=True)
    return builder.build()


def _document(record: Named) -> Document:
    found = words(record.name)
    document = Document()
    for field, text in (("iri", record.iri), ("name", record.name), ("language", record.language)):
        document.add_text(field, text)
    for field, classes in (("class", record.classes), ("kind", record.kinds)):
        for each in sorted(classes):
            document.add_text(field, each)
    document.add_text("whole", " ".join(found))
    document.add_text("words", " ".join(found))
    document.add_text("heads", " ".join(sorted({word[:size] for word in found for size in range(1, _SHORT + 1)})))
    document.add_integer("rank", record.rank)
    return document


def _found(document: Document, sought: list[str]) -> Found:
    name, rank = str(document.get_first("name")), int(str(document.get_first("rank")))
    kinds = frozenset(map(str, document.get_all("kind")))
    score = _fit(words(name), sought) - (3 - rank) - min((_BEHIND.get(each, 0) for each in kinds), default=0)
    return Found(
        str(document.get_first("iri")), name, str(document.get_first("language") or ""), kinds, round(score, 1)
    )


def _fit(name: list[str], sought: list[str]) -> float:
    """Return how well a name fits what is sought, from 0 to 100: equal, begun alike, all its words or some."""
    if name == sought:
        return 100.0
    share = sum(max((_alike(word, each) for each in name), default=0.0) for word in sought) / len(sought)
    begins = " ".join(name).startswith(" ".join(sought))
    return 50 * share + 20 * begins + 20 * len(sought) / max(len(sought), len(name))


def _alike(sought: str, word: str) -> float:
    if word == sought:
        return 1.0
    if word.startswith(sought):
        return _BEGUN
    return _NEARLY * fuzz.ratio(sought, word, score_cutoff=_NEAR) / 100


def _any(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, each) for each in queries])
