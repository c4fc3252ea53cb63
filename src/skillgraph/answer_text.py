"""Writes the answer to a question as JSON, CSV, a workbook and Turtle."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from skillgraph.label import Value
from skillgraph.part import PartAnswer
from skillgraph.question import QuestionAnswer, record_columns, records
from skillgraph.vocabulary import BASE, DCT, PREFIXES, RDF_TYPE

_SETS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_WIDEST = 60
_LONGEST_NAME = 31
"""Letters that the name of a sheet may have."""


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


def as_workbook(answer: QuestionAnswer) -> bytes:
    """Return an answer as a workbook: what was asked on the first sheet, then a sheet for each part."""
    book = Workbook()
    about = book.active
    assert isinstance(about, Worksheet)
    about.title = "about"
    asked = [(name, f"{value.text} <{value.iri}>") for name, value in answer.given.items()]
    about_rows = [("question", answer.question.title), *asked, ("version", str(answer.version))]
    for row in [*about_rows, ("caution", answer.question.caution)]:
        about.append([_cell(about, text) for text in row])
    about.column_dimensions["B"].width = 2 * _WIDEST
    for each in answer.parts:
        _add_sheet(book, each)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _add_sheet(book: Workbook, answer: PartAnswer) -> None:
    sheet = book.create_sheet(answer.part.key[:_LONGEST_NAME])
    sheet.append([_cell(sheet, answer.part.title, is_head=True)])
    if not answer.rows:
        sheet.append([_cell(sheet, answer.part.nothing)])
        return
    columns = [(column, False) for column in answer.used]
    columns += [(column, True) for column in answer.used if any(_iris(row.get(column, ())) for row in answer.rows)]
    sheet.append([_cell(sheet, f"{answer.part.columns[name]}{' IRI' * iri}", is_head=True) for name, iri in columns])
    for row in answer.rows:
        texts = [_iris(row.get(name, ())) if iri else _texts(row.get(name, ())) for name, iri in columns]
        sheet.append([_cell(sheet, text) for text in texts])
    for number, (name, _) in enumerate(columns, 1):
        longest = max(len(_texts(row.get(name, ()))) for row in answer.rows)
        sheet.column_dimensions[sheet.cell(2, number).column_letter].width = min(max(longest, 12), _WIDEST)
    sheet.freeze_panes = "A3"


def _cell(sheet: Worksheet, text: str, *, is_head: bool = False) -> Cell:
    """Return a cell that holds a text, whatever it begins with."""
    cell = WriteOnlyCell(sheet)
    cell.value = "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
    cell.data_type = "s"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_head:
        cell.font = Font(bold=True)
    return cell


def _texts(values: tuple[Value, ...]) -> str:
    return "; ".join(value.text for value in values)


def _iris(values: tuple[Value, ...]) -> str:
    return "; ".join(value.iri for value in values if value.iri)


def as_turtle(answer: QuestionAnswer) -> str:
    """Return an answer as result sets in RDF, one for each part, in the vocabulary of the SPARQL test cases."""
    written = serialize(_statements(answer), format=RdfFormat.TURTLE, prefixes=_prefixes())
    assert isinstance(written, bytes)
    return written.decode()


def _prefixes() -> dict[str, str]:
    return {**{name: PREFIXES[name] for name in ("id", "dct", "sg", "country")}, "rs": _SETS}


def _statements(answer: QuestionAnswer) -> Iterator[Triple]:
    question = NamedNode(f"{BASE}question/{answer.question.key}")
    for each in answer.parts:
        found = BlankNode()
        yield Triple(found, RDF_TYPE, _rs("ResultSet"))
        yield Triple(found, NamedNode(f"{DCT}title"), Literal(each.part.title))
        yield Triple(found, NamedNode(f"{DCT}isPartOf"), question)
        for column in each.used:
            yield Triple(found, _rs("resultVariable"), Literal(column))
        for row in each.rows:
            solution = BlankNode()
            yield Triple(found, _rs("solution"), solution)
            for column, values in row.items():
                for value in values:
                    yield from _bound(solution, column, value)


def _bound(solution: BlankNode, column: str, value: Value) -> Iterator[Triple]:
    binding = BlankNode()
    text = Literal(value.text, language=value.language) if value.language else Literal(value.text)
    yield Triple(solution, _rs("binding"), binding)
    yield Triple(binding, _rs("variable"), Literal(column))
    yield Triple(binding, _rs("value"), NamedNode(value.iri) if value.iri else text)


def _rs(name: str) -> NamedNode:
    return NamedNode(_SETS + name)


WRITERS: Mapping[str, Callable[[QuestionAnswer], str | bytes]] = {
    "json": as_json_text,
    "csv": as_csv,
    "xlsx": as_workbook,
    "ttl": as_turtle,
}
"""What writes an answer, by the short name of the format."""
