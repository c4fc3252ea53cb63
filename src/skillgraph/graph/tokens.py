"""The signs of a SPARQL text that must be told apart before the parser reads it."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
    | (?P<string>
        '''(?:[^'\\]|\\.|'(?!''))*+''' | '(?:[^'\\\n\r]|\\.)*+'
        | \"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3} | "(?:[^"\\\n\r]|\\.)*+"
    )
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | \|\| | \^\^                                               # or; the datatype of a literal
    | (?P<open>[({\[]) | (?P<close>[)}\]]) | (?P<step>[/|^!]) | (?P<end>[.;,])
    """,
    re.VERBOSE | re.DOTALL,
)

_STRING = "\ue000"
_UNCLOSED = re.compile(r"""["'].*""", re.DOTALL)


def without_words(text: str, most: int) -> str:
    """Return a query as a log may hold it: on one line, without comments, with nothing in its strings, cut if long.

    Whatever a person wrote about a person stands in a string or a comment.
    """
    blanked = TOKEN.sub(lambda found: {"comment": " ", "string": _STRING}.get(found.lastgroup or "", found[0]), text)
    closed = _UNCLOSED.sub(_STRING, blanked).replace(_STRING, '"…"')
    line = " ".join(closed.split())
    return line if len(line) <= most else line[:most] + "…"
