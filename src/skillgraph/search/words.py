"""Folds names into words that are compared: case, accents, vowel signs and the width of letters do not count."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 300
"""Characters of a name that are looked at."""
_ARTICLE: Final = "\u0627\u0644"
"""The Arabic definite article, which is written together with its noun."""
_ALONE: Final = (
    "\u0e00-\u0e7f\u0e80-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # Japanese and Chinese
)
"""Scripts that put no space between words; each of their letters is a word."""
_WORDS: Final = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")


def words(name: str) -> list[str]:
    """Return the words of a name as they are compared."""
    plain = unicodedata.normalize("NFKD", name[:LONGEST]).casefold()
    decomposed = unicodedata.normalize("NFKD", plain)
    letters = "".join(each for each in decomposed if not unicodedata.combining(each) and each != "\u0640")
    return [_bare(word) for word in _WORDS.findall(letters)]


def _bare(word: str) -> str:
    return word[len(_ARTICLE) :] if word.startswith(_ARTICLE) and len(word) > len(_ARTICLE) + 2 else word
