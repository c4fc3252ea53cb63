"""Tells whether a query calls another endpoint, which this closed one never does."""

from __future__ import annotations

import re
from typing import Final

from skillgraph.errors import InvalidQuery, RefusedQuery

_GAP: Final = r"(?:\s|\#[^\n\r]*)*+"
_IRI: Final = r"<[^<>\"{}|^`\\\x00-\x20]*>"
_VARIABLE: Final = r"[?$]\w+"
_NAME: Final = r"(?:[^\W\d_][\w.\-]*)?:(?:[\w:%.\-]|\\.)*"
_TOKEN: Final = re.compile(
    rf"""
      (?P<gap>(?:\s|\#[^\n\r]*)+)
    | (?P<iri>{_IRI})
    | (?P<string>'''(?:[^\\]|\\.)*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'(?:[^'\\\n\r]|\\.)*'|"(?:[^"\\\n\r]|\\.)*")
    | (?P<variable>{_VARIABLE})
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<name>_:[\w.\-]+|{_NAME})
    | (?P<word>[^\W\d_]\w*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_HINT: Final = re.compile("service", re.IGNORECASE)
_CALL: Final = re.compile(rf"SERVICE{_GAP}(?:SILENT{_GAP})?(?:{_VARIABLE}|{_IRI}|{_NAME}){_GAP}\{{", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_NAMES_GRAPH: Final = {"GRAPH", "FROM", "NAMED", "DESCRIBE"}
_UPDATES: Final = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD"}
_PROLOGUE: Final = re.compile(rf"{_GAP}(?:(?:BASE|PREFIX\s+[^\s<]*){_GAP}<[^>]*>{_GAP})*+(\w+)", re.IGNORECASE)


def refuse_service(text: str) -> None:
    """Raise ``RefusedQuery`` if SERVICE is called anywhere, in whatever disguise.

    The engine's grammar needs no white space around keywords and tells ``?a <b:c#> …`` (an IRI) from ``?a <b:c`` (a
    comparison) with a comment behind it by context. Tokens are therefore read both ways, and a word counts as a call
    where SERVICE is followed by what the grammar wants after it. Words in strings, comments, IRIs and names are free.
    """
    for spelling in {text, _unescaped(text)}:
        if _HINT.search(spelling) and _calls_service(spelling):
            raise RefusedQuery(
                "SERVICE would send a request to another endpoint.",
                "Query that endpoint yourself and join the results, or download our data and load both.",
            )


def refusal_of_update(text: str) -> RefusedQuery | None:
    """Return the error for a text that is an update, not a query; ``None`` for any other text."""
    match = _PROLOGUE.match(text)
    if match is None or match[1].upper() not in _UPDATES:
        return None
    return RefusedQuery(
        f"{match[1].upper()} changes data; this endpoint only reads.", "Ask with SELECT, ASK, CONSTRUCT or DESCRIBE."
    )


def refuse_control_characters(text: str) -> None:
    """Raise ``InvalidQuery`` for a text with NUL characters, which no query needs."""
    if "\x00" in text:
        raise InvalidQuery("The query contains a NUL character.", "Remove it and send the query again.")


def _calls_service(text: str) -> bool:
    pending = [(0, "")]
    seen = set()
    while pending:
        place = pending.pop()
        position, previous = place
        if place in seen or (match := _TOKEN.match(text, position)) is None:
            continue
        seen.add(place)
        token, kind = match[0], match.lastgroup
        if kind in ("word", "name") and _is_call(text, match, previous):
            return True
        if kind == "iri" and ("#" in token or "'" in token):
            pending.append((position + 1, ""))
        pending.append((match.end(), previous if kind == "gap" else token.upper() if kind == "word" else ""))
    return False


def _is_call(text: str, token: re.Match[str], previous: str) -> bool:
    for found in _HINT.finditer(token[0]):
        names_graph = found.start() == 0 and token.lastgroup == "name" and previous in _NAMES_GRAPH
        if not names_graph and _CALL.match(text, token.start() + found.start()):
            return True
    return False


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _character(int(match[1] or match[2], 16)), text)


def _character(codepoint: int) -> str:
    # A quote or bracket made by an escape ends no string or IRI: the engine reads escapes after it has split tokens.
    character = chr(codepoint) if codepoint <= 0x10FFFF else " "
    return " " if character in "\"'\\\n\r<>#" else character
