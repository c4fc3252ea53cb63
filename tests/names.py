"""Short names for IRIs, so that expectations in files can be read."""

from __future__ import annotations

from skillgraph.vocabulary import BASE, PREFIXES

SHAPE = BASE + "shape/"
_NAMES = {"shape": SHAPE, **PREFIXES}


def short(text: str) -> str:
    """Write every IRI of a text with its prefix, such as ``sg:Scheme`` or ``id:scheme/palim``."""
    for prefix, namespace in _NAMES.items():
        text = text.replace(namespace, f"{prefix}:")
    return text
