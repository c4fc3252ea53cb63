"""Asks the engine's own parser what a text means, without running it."""

from __future__ import annotations

import re
import secrets
from typing import Final

from pyoxigraph import NamedNode, Store, Variable

from skillgraph.errors import InvalidQuery, RefusedQuery
from skillgraph.vocabulary import BASE

_EMPTY: Final = Store()
_LETTERS: Final = "ghjkqwxyz"
"""No keyword of SPARQL begins with a word of these letters, and no escape sequence holds one of them."""
_NOTHING: Final = NamedNode("urn:nothing")

_ERROR: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_EXPECTED: Final = re.compile(r"""(?P<sign>"(?:\\.|[^"\\])+")|\[[^\]]*\]|(?P<words>[^\s",\[]+(?:[ ][^\s",\[]+)*)""")
_REASONS: Final = {
    "Prefix not found": "a prefix is used that is not declared",
    "IRI parsing failed": "an IRI is not valid",
}
_MOST_SIGNS: Final = 8
_UNEXPECTED: Final = "this is not what the grammar allows here"
_UPDATES: Final = {"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"}
_GAP: Final = r"(?:\s|\#[^\n\r]*)*+"
_PROLOGUE: Final = re.compile(rf"{_GAP}(?:(?:BASE|PREFIX\s+[^\s<]*){_GAP}<[^>]*>{_GAP})*+(\w+)", re.IGNORECASE)


def uses(text: str, keyword: str) -> bool:
    """Tell whether a query uses a keyword as such, and not only in a name, an IRI, a string or a comment.

    No imitation of the grammar decides this but the parser itself: the word is replaced by one of the same length that
    means nothing. Names, strings and comments stay what they are, so a text that is a query with the word and none
    without it uses it as a keyword.
    """
    spellings = _spellings(keyword)
    if not spellings.search(text):
        return False
    word = "".join(secrets.choice(_LETTERS) for _ in keyword)
    without = spellings.sub(lambda found: _in_case_of(found[0], word), text)
    return not _is_query(without) and _is_query(text)


def syntax_fault(text: str, complaint: str) -> InvalidQuery | RefusedQuery:
    """Turn the parser's complaint about a text into an error with line and column, or one that says it is an update."""
    update = _PROLOGUE.match(text)
    if update and update[1].upper() in _UPDATES:
        return RefusedQuery(
            f"{update[1].upper()} changes data; this endpoint only reads.",
            "Ask with SELECT, ASK, CONSTRUCT or DESCRIBE.",
        )
    match = _ERROR.match(complaint)
    if not match:
        return InvalidQuery(f"{complaint.rstrip('.')}.", "Mend the query and send it again.")
    line, column, reason = _place_and_reason(text, int(match[1]), int(match[2]), match[3])
    return InvalidQuery(
        f"Line {line}, column {column}: {reason}.",
        "Look at this place and around it; a missing brace, dot or PREFIX is the usual cause.",
        line,
        column,
    )


def _place_and_reason(text: str, line: int, column: int, expected: str) -> tuple[int, int, str]:
    """Put into words what the parser expected, and where: its own sentence if it has one, else signs.

    It tries every keyword everywhere, so that keywords say nothing; and it compares as many characters as a keyword
    has before it says that it did not find it, so that the place is that much further on than the fault.
    """
    found = list(_EXPECTED.finditer(expected))
    signs = [re.sub(r"\\(.)", r"\1", each["sign"][1:-1]) for each in found if each["sign"]]
    words = [each["words"] for each in found if each["words"]]
    for each in words:
        if " " in each:
            return line, column, _REASONS.get(each, each[:1].lower() + each[1:])
    if signs:
        reason = "expected " + " or ".join(signs) if len(signs) <= _MOST_SIGNS else _UNEXPECTED
        return line, column, reason
    start = len("\n".join([*text.split("\n")[: line - 1], ""])) + column - 1 - min(map(len, words), default=0)
    before = text[: max(0, start)]
    return before.count("\n") + 1, len(before) - before.rfind("\n"), _UNEXPECTED


def _is_query(text: str) -> bool:
    """Parse a text; it binds a variable that the text cannot contain, which the engine refuses before it evaluates."""
    unused = Variable(f"unused{secrets.token_hex(16)}")
    try:
        _EMPTY.query(text, base_iri=BASE, substitutions={unused: _NOTHING})
    except SyntaxError:
        return False
    except RuntimeError:
        return True
    return True


def _spellings(keyword: str) -> re.Pattern[str]:
    letters = (rf"(?:{each}|\\(?:u|U0000)00(?:{ord(each.upper()):x}|{ord(each):x}))" for each in keyword)
    return re.compile("".join(letters), re.IGNORECASE | re.ASCII)


def _in_case_of(found: str, word: str) -> str:
    if len(found) != len(word):
        return word
    return "".join(new.upper() if old.isupper() else new for old, new in zip(found, word, strict=True))
