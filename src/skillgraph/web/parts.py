"""How the rows of a part are laid out."""

from __future__ import annotations

from skillgraph.part import PartAnswer

LONG_TEXT = 90
"""Characters; a part with longer texts is shown as records, the others as tables."""


def is_wordy(part: PartAnswer) -> bool:
    """Tell whether a part has texts too long for a table."""
    values = (value for row in part.rows for column in row.values() for value in column)
    return any(len(value.text) > LONG_TEXT and not value.iri for value in values)


def as_noun(name: str) -> str:
    """Return the name of a property as the head of its values: ``Outcome`` for ``has outcome``."""
    bare = name.removeprefix("has ")
    return bare[:1].upper() + bare[1:]
