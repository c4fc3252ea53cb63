"""Writes empty sheets for a class: a workbook with drop-downs and help, or a CSV file with the same heads."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from skillgraph.contribution.columns import TEXT_LANGUAGES, Column, Holds, Template

HELP_MARK: Final = "#"
"""What the first cell of a row that explains begins with; such rows are not read."""
SEPARATOR: Final = ";"
"""What stands between several values in one cell."""
ROWS: Final = 500
"""Rows for which a workbook offers drop-downs."""
_LISTS: Final = "Lists"
_WORDS: Final = {
    "en": {
        "key": "Leave empty, or give the IRI of a record that exists.",
        "many": f"Several values: separate them with {SEPARATOR}",
        "needed": "Needed.",
        "date": "A day (2026-11-23), a month (2026-11) or a year (2026).",
    },
    "fr": {
        "key": "Laissez vide, ou indiquez l’IRI d’une fiche existante.",
        "many": f"Plusieurs valeurs : séparez-les par {SEPARATOR}",
        "needed": "Nécessaire.",
        "date": "Un jour (2026-11-23), un mois (2026-11) ou une année (2026).",
    },
    "es": {
        "key": "Deje vacío, o dé el IRI de una ficha que existe.",
        "many": f"Varios valores: sepárelos con {SEPARATOR}",
        "needed": "Necesario.",
        "date": "Un día (2026-11-23), un mes (2026-11) o un año (2026).",
    },
}
_NEEDED: Final = PatternFill("solid", start_color="FFF3D6")


def heads(template: Template) -> list[tuple[str, Column | None]]:
    """Return the heads of the columns with what each holds; the first is the record's own IRI."""
    found: list[tuple[str, Column | None]] = [(template.name, None)]
    for column in template.columns:
        if column.holds is Holds.WORDS:
            found += [(f"{column.name} [{language}]", column) for language in TEXT_LANGUAGES]
        else:
            found.append((column.name, column))
    return found


def as_csv(template: Template, language: str = "en") -> bytes:
    """Return an empty sheet as CSV in UTF-8 with a mark that lets spreadsheet programs know it."""
    written = StringIO()
    writer = csv.writer(written)
    listed = heads(template)
    writer.writerow([head for head, _ in listed])
    writer.writerow([_explained(column, language) for _, column in listed])
    return written.getvalue().encode("utf-8-sig")


def as_workbook(template: Template, language: str = "en") -> bytes:
    """Return an empty sheet as an XLSX workbook with drop-downs for what is chosen from a list."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = template.name[:31]
    lists = book.create_sheet(_LISTS)
    for number, (head, column) in enumerate(heads(template), 1):
        letter = get_column_letter(number)
        _write_head(sheet, number, head, column)
        sheet.cell(2, number, _explained(column, language)).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[letter].width = 28
        if column is not None and column.choices:
            place = _write_list(lists, head, column)
            offered = DataValidation("list", formula1=place, allow_blank=True, showErrorMessage=column.single)
            offered.add(f"{letter}3:{letter}{ROWS + 2}")
            sheet.add_data_validation(offered)
        if column is not None and column.holds is Holds.DATE:
            for row in range(3, ROWS + 3):
                sheet.cell(row, number).number_format = "@"  # so that a year stays a year
    sheet.freeze_panes = "B3"
    sheet.row_dimensions[2].height = 120
    lists.sheet_state = "hidden"
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _write_head(sheet: Worksheet, number: int, head: str, column: Column | None) -> None:
    cell = sheet.cell(1, number, head)
    cell.font = Font(bold=True)
    if column is not None and column.needed:
        cell.fill = _NEEDED


def _write_list(lists: Worksheet, head: str, column: Column) -> str:
    """Write the names of a list into a column of the hidden sheet and return the range."""
    number = 1 if lists.cell(1, 1).value is None else lists.max_column + 1
    lists.cell(1, number, head)
    for row, choice in enumerate(column.choices, 2):
        lists.cell(row, number, choice.name)
    letter = get_column_letter(number)
    return f"{quote_sheetname(_LISTS)}!${letter}$2:${letter}${len(column.choices) + 1}"


def _explained(column: Column | None, language: str) -> str:
    words = _WORDS[language]
    if column is None:
        return f"{HELP_MARK} {words['key']}"
    parts = [words["needed"]] if column.needed else []
    parts.append(column.help)
    if column.holds is Holds.DATE:
        parts.append(words["date"])
    elif not column.single and column.holds is not Holds.WORDS:
        parts.append(words["many"])
    return " ".join(parts)
