"""Reads what people write into cells and fields as the values that a property can have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode
from rapidfuzz import process

from skillgraph.contribution.columns import Column, Holds
from skillgraph.contribution.references import References
from skillgraph.vocabulary import PREFIXES, XSD

_LANGUAGES: Final = PREFIXES["language"]
_DATES: Final = (
    (re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?"), "{0}-{1}-{2}"),
    (re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})"), "{2}-{1:0>2}-{0:0>2}"),
    (re.compile(r"(\d{4})-(\d\d)"), "{0}-{1}"),
    (re.compile(r"(\d{1,2})[/.](\d{4})"), "{1}-{0:0>2}"),
    (re.compile(r"(\d{4})"), "{0}"),
)
_DATE_TYPES: Final = {10: "date", 7: "gYearMonth", 4: "gYear"}


@dataclass(frozen=True)
class Unread:
    """A text that is no value of its property: the rule of the house that it breaks, and the text in words."""

    rule: str
    said: str


def value_of(column: Column, text: str, language: str, references: References) -> NamedNode | Literal | Unread:
    """Return the value that a text stands for; ``language`` is that of texts."""
    value: NamedNode | Literal | None
    if column.holds is Holds.WORDS:
        return Literal(text, language=language)
    if column.holds is Holds.TEXT:
        return Literal(text, datatype=NamedNode(column.datatype))
    if column.holds is Holds.DATE:
        value, rule = date_literal(text), "unreadable-date"
    elif column.holds is Holds.CODE:
        value = next((NamedNode(each.iri) for each in column.choices if text.casefold() in each.called), None)
        rule = "unknown-code"
    elif column.holds is Holds.LANGUAGE:
        code = text.rpartition("/")[2].rpartition(":")[2].upper()
        value = NamedNode(_LANGUAGES + code) if re.fullmatch(r"[A-Z]{3}", code) else None
        rule = "unknown-code"
    else:
        iri = references.iri(text, column.kind)
        value, rule = NamedNode(iri) if iri else None, "unknown-record"
    if value is not None:
        return value
    near = process.extractOne(text, [each.name for each in column.choices]) if column.choices else None
    return Unread(rule, f"“{text}”{f' (perhaps: {near[0]})' if near else ''}")


def date_literal(text: str) -> Literal | None:
    """Return a day, month or year as people write it; ``None`` where it is none or could be two (03/04/2024)."""
    for pattern, form in _DATES:
        if match := pattern.fullmatch(text):
            written = form.format(*match.groups())
            return Literal(written, datatype=NamedNode(XSD + _DATE_TYPES[len(written)])) if _is_date(written) else None
    return None


def _is_date(written: str) -> bool:
    parts = [int(part) for part in written.split("-")]
    try:
        date(*[*parts, 1, 1][:3])
    except ValueError:
        return False
    return True
