"""Writes the answer to a question as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json

from skillgraph.label import Value
from skillgraph.question import QuestionAnswer, record_columns, records


def as_json(answer: QuestionAnswer) -> dict[str, object]:
    """Return an answer as plain data for JSON."""
    return {
        "question": answer.question.key,
        "title": answer.question.title,
        "caution": answer.question.caution,
        "given": {name: _plain(value) for name, value in answer.given.items()},
        "version": answer.version,
        "parts": [
            {
                "part": each.part.key,
                "title": each.part.title,
                "nothing_found": None if each.rows else each.part.nothing,
                "rows": [
                    {column: [_plain(value) for value in values] for column, values in row.items()} for row in each.rows
                ],
            }
            for each in answer.parts
        ],
    }


def as_csv(answer: QuestionAnswer) -> str:
    """Return an answer as one CSV table; a part without rows has one row that says so."""
    sink = io.StringIO()
    columns = record_columns(answer.question)
    writer = csv.DictWriter(sink, [*columns, "nothing_found"], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(text) for name, text in row.items()} for row in records(answer))
    writer.writerows(
        {"part": each.part.key, "nothing_found": each.part.nothing} for each in answer.parts if not each.rows
    )
    return sink.getvalue()


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _plain(value: Value) -> dict[str, str]:
    plain = {"text": value.text}
    if value.iri:
        plain["iri"] = value.iri
    if value.language:
        plain["language"] = value.language
    return plain


def as_json_text(answer: QuestionAnswer) -> str:
    """Return an answer as a JSON document."""
    return json.dumps(as_json(answer), ensure_ascii=False, indent=1) + "\n"
