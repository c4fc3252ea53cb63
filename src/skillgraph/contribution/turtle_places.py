"""Finds the lines of a Turtle or TriG text on which statements stand, which the parser does not tell.

The text is one that the parser has read, so nothing is checked here. Statements about blank nodes in brackets are
placed where the brackets stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from skillgraph.vocabulary import RDF_TYPE

_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<iri><[^<>\s]*>)
  | (?P<text>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\"|'''(?:[^'\\]|\\.|'(?!''))*'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<open>[\[(]) | (?P<close>[\])]) | (?P<stop>[;,{}]|\.(?![^\s<>"'\[\](){};,\#]))
  | (?P<word>(?:[^\s<>"'\[\](){};,.\#\\]|\\.|\.(?=[^\s<>"'\[\](){};,\#]))+)
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVES = {"@prefix", "prefix", "@base", "base"}
_KEPT = {";": 1, ",": 2}
"""How much of subject and predicate still holds after a mark; after others nothing does."""
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")

Lines = dict[tuple[str, str], int]
"""The first line of the statements with a subject and a predicate, both IRIs; the predicate ``""`` for the subject."""


def turtle_lines(text: str, base: str) -> Lines:
    """Return the line of each pair of subject and predicate in a Turtle or TriG text."""
    lines: Lines = {}
    for subject, predicate, line in _Reader(text, base).pairs():
        lines.setdefault((subject, ""), line)
        lines.setdefault((subject, predicate), line)
    return lines


class _Reader:
    """Walks through the tokens of a text and keeps the prefixes that it declares."""

    def __init__(self, text: str, base: str) -> None:
        self._text = text
        self._base = base
        self._prefixes: dict[str, str] = {}

    def pairs(self) -> Iterator[tuple[str, str, int]]:
        """Yield subject, predicate and the line of the predicate, for all outside brackets."""
        said: list[str] = []
        directive: list[str] = []
        for kind, mark, line in self._outside_brackets():
            if directive:
                directive = self._directed([*directive, mark])
            elif kind == "word" and mark.lower() in _DIRECTIVES:
                directive = [mark.lower()]
            elif kind == "stop":
                said = said[: _KEPT.get(mark, 0)]
            elif len(said) < 2 and mark.lower() != "graph":
                said.append(self._iri(mark))
                if len(said) == 2 and said[0]:
                    yield said[0], said[1], line

    def _outside_brackets(self) -> Iterator[tuple[str, str, int]]:
        """Yield the tokens outside brackets, and for a whole bracket an empty word."""
        depth = 0
        for kind, mark, line in self._tokens():
            if kind == "open":
                depth += 1
            elif kind == "close":
                depth -= 1
                if depth == 0:
                    yield "bracket", "", line
            elif depth == 0:
                yield kind, mark, line

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        line, seen = 1, 0
        for match in _TOKEN.finditer(self._text):
            kind = match.lastgroup or ""
            line += self._text.count("\n", seen, match.start())
            seen = match.start()
            if kind != "comment":
                yield kind, match.group(), line

    def _directed(self, directive: list[str]) -> list[str]:
        """Take in a directive when it is whole, else return what there is of it."""
        if "prefix" in directive[0] and len(directive) == 3:
            self._prefixes[directive[1]] = self._iri(directive[2])
            return []
        if "base" in directive[0] and len(directive) == 2:
            self._base = self._iri(directive[1])
            return []
        return directive

    def _iri(self, mark: str) -> str:
        if mark.startswith("<"):
            return mark[1:-1] if _ABSOLUTE.match(mark, 1) else urljoin(self._base, mark[1:-1])
        if mark == "a":
            return RDF_TYPE.value
        prefix, colon, rest = mark.partition(":")
        return self._prefixes.get(prefix + colon, prefix + colon) + rest.replace("\\", "")
