"""The languages of the interface, and its words in them: catalogues of gettext, with the English words as keys."""

from __future__ import annotations

import datetime
import io
from functools import cache
from pathlib import Path
from typing import Final

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

LANGUAGES: Final = {"en": "English", "fr": "Français", "es": "Español", "ar": "العربية"}
RIGHT_TO_LEFT: Final = frozenset({"ar"})
CATALOGUES: Final = Path(__file__).parent / "locale"


@cache
def translations(language: str) -> NullTranslations:
    """Return the words of a language; those that its catalogue lacks, and all English ones, are as they are."""
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def translated(text: str, language: str) -> str:
    """Return a text of the interface in a language, or as it is where the catalogue lacks it."""
    return translations(language).gettext(text) if text else text


def number(count: int, language: str) -> str:
    """Return a number as a language writes it."""
    return str(format_decimal(count, locale=language))


def day(date: str, language: str) -> str:
    """Return a year, a month (YYYY-MM) or a day (YYYY-MM-DD) as a language writes it, anything else as it is."""
    parts = date.split("-")
    if not all(part.isascii() and part.isdigit() for part in parts) or [len(part) for part in parts][1:] not in (
        [2],
        [2, 2],
    ):
        return date
    try:
        found = datetime.date.fromisoformat(f"{date}-01"[:10])
    except ValueError:
        return date
    return str(format_date(found, "MMMM y" if len(date) == len("2026-11") else "long", locale=language))
