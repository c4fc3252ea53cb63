"""Reads spreadsheets as they come from real desks into rows of text: XLSX and CSV, whatever the encoding."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Final

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from skillgraph.errors import UnreadableData, UploadTooLarge

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 300
_MOST_UNPACKED: Final = 128 * 2**20
_MIDNIGHT: Final = "T00:00:00"
_BLANKS: Final = re.compile(r"[\s\u00a0\u2007\u202f\ufeff]+")


@dataclass(frozen=True)
class Cell:
    """A cell with its place in words (``B7``) and its text; ``formula`` is one that has no stored result."""

    name: str
    text: str
    formula: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name and its rows; a row leaves out empty cells and is numbered as in the file."""

    name: str
    rows: tuple[tuple[int, dict[int, Cell]], ...]


def read_sheets(body: bytes, name: str) -> list[Sheet]:
    """Return the visible sheets of a workbook, or the one of a CSV file."""
    if body.startswith(b"PK"):
        return list(_workbook(body, name))
    return [_csv(body, name)]


def _workbook(body: bytes, name: str) -> Iterator[Sheet]:
    _refuse_large(body, name)
    try:
        values, formulas = (load_workbook(BytesIO(body), data_only=stored) for stored in (True, False))
    except (InvalidFileException, KeyError, ValueError, TypeError, zipfile.BadZipFile, SyntaxError, EOFError) as fault:
        raise UnreadableData(
            f"{name} is not a workbook that can be read ({fault}).", "Save it as .xlsx again, or as CSV in UTF-8."
        ) from None
    for sheet in values.worksheets:
        if sheet.sheet_state == "visible":
            yield Sheet(sheet.title, tuple(_rows(sheet, formulas[sheet.title], name)))


def _refuse_large(body: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(BytesIO(body)) as packed:
            size = sum(each.file_size for each in packed.infolist())
    except zipfile.BadZipFile as fault:
        raise UnreadableData(f"{name} is damaged ({fault}).", "Save or send the file again.") from None
    if size > _MOST_UNPACKED:
        raise UploadTooLarge(
            f"{name} has {size // 2**20} MiB when it is unpacked.", "Divide it, or remove pictures and unused sheets."
        )


def _rows(sheet: Worksheet, formulas: Worksheet, name: str) -> Iterator[tuple[int, dict[int, Cell]]]:
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        raise UploadTooLarge(
            f"The sheet “{sheet.title}” of {name} has {sheet.max_row:,} rows and {sheet.max_column:,} columns; "
            f"{MOST_ROWS:,} and {MOST_COLUMNS} are the most.",
            "Delete the empty rows and columns at its end, or divide it.",
        )
    merged = _merged(sheet)
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells: dict[int, Cell] = {}
        for column, stored in enumerate(row, 1):
            at = merged.get((number, column), (number, column))
            value = sheet.cell(*at).value if at != (number, column) else stored
            formula = formulas.cell(*at).value if value is None else None
            text = cell_text(value)
            if text or (isinstance(formula, str) and formula.startswith("=")):
                cells[column] = Cell(
                    f"{get_column_letter(column)}{number}", text, str(formula or "") if not text else ""
                )
        if cells:
            yield number, cells


def _merged(sheet: Worksheet) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each cell of a merged range the first one, which holds the value of all."""
    return {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }


def cell_text(value: object) -> str:
    """Return what a cell shows, without blanks around it; dates as ISO 8601, whole numbers without a fraction."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return value.isoformat().removesuffix(_MIDNIGHT)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _BLANKS.sub(" ", str(value)).strip()


def _csv(body: bytes, name: str) -> Sheet:
    text = _decoded(body, name)
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:20_000].split("\n", 1)[0], delimiters=",;\t|")
    except csv.Error:
        dialect = "excel"
    rows = []
    try:
        for number, row in enumerate(csv.reader(StringIO(text), dialect), 1):
            if number > MOST_ROWS or len(row) > MOST_COLUMNS:
                raise UploadTooLarge(
                    f"{name} has more than {MOST_ROWS:,} rows or {MOST_COLUMNS} columns.", "Divide it."
                )
            cells = {
                column: Cell(f"{get_column_letter(column)}{number}", cell_text(value))
                for column, value in enumerate(row, 1)
                if cell_text(value)
            }
            if cells:
                rows.append((number, cells))
    except csv.Error as fault:
        raise UnreadableData(f"{name} is not a CSV file that can be read ({fault}).", "Save it as CSV again.") from None
    return Sheet("", tuple(rows))


def _decoded(body: bytes, name: str) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            return _strict(body, encoding, name)
    if b"\0" in body[:200]:
        return _strict(body, "utf-16-le" if body[1:2] == b"\0" else "utf-16-be", name)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _strict(body, "cp1252", name)


def _strict(body: bytes, encoding: str, name: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableData(f"{name} is not text in a known encoding.", "Save it as CSV in UTF-8.") from None
