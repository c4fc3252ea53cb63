"""What this read-only, closed endpoint does not run."""

from __future__ import annotations

from skillgraph.errors import InvalidQuery, RefusedQuery
from skillgraph.graph.grammar import uses


def refuse_service(text: str) -> None:
    """Raise ``RefusedQuery`` if SERVICE is called anywhere; the word in a name, a string or a comment is free."""
    if uses(text, "service"):
        raise RefusedQuery(
            "SERVICE would send a request to another endpoint.",
            "Query that endpoint yourself and join the results, or download our data and load both.",
        )


def refuse_unreadable(text: str) -> None:
    """Raise ``InvalidQuery`` for a text with NUL characters or lone surrogates, which no query needs."""
    if "\x00" in text:
        raise InvalidQuery("The query contains a NUL character.", "Remove it and send the query again.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InvalidQuery("The query is not valid Unicode text.", "Send it as UTF-8.") from None
