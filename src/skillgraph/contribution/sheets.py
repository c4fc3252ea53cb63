"""Turns filled sheets into statements, each with the cell that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple
from rapidfuzz import process

from skillgraph.contribution.blank_sheets import HELP_MARK, SEPARATOR
from skillgraph.contribution.cells import Cell, Sheet, read_sheets
from skillgraph.contribution.columns import Column, Holds, Template, class_names, template
from skillgraph.contribution.house import house_rules
from skillgraph.contribution.intake import Intake, safe_name
from skillgraph.contribution.minting import minted_iri
from skillgraph.contribution.references import References
from skillgraph.contribution.values import Unread, value_of
from skillgraph.errors import UnreadableData
from skillgraph.finding import NOWHERE, Finding, Place
from skillgraph.graph import Graph
from skillgraph.ledger import Upload
from skillgraph.rdfio import decompressed
from skillgraph.vocabulary import RDF_TYPE, SKOS

ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")
_LABEL: Final = SKOS + "prefLabel"
_TAGGED: Final = re.compile(r"(.+?)\s*[\[(]([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)[\])]")
_MOST_HEAD_ROWS: Final = 20


@dataclass
class _Reader:
    """Gathers statements, their places and what is wrong with cells."""

    graph: NamedNode
    published: Graph
    language: str
    references: References
    triples: list[Triple] = field(default_factory=list)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def found(self, rule: str, place: Place, value: str, focus: str = "", path: str = "") -> None:
        said = house_rules()[rule].found(self.language, focus, path, value)
        self.findings.append(Finding(said.focus, said.path, said.rule, said.severity, said.message, value, place))

    def say(self, subject: str, path: str, value: NamedNode | Literal, place: Place) -> None:
        self.triples.append(Triple(NamedNode(subject), NamedNode(path), value))
        self.places.setdefault((subject, path), place)
        self.places.setdefault((subject, ""), place)


def read_sheet(upload: Upload, graph: NamedNode, published: Graph, language: str = "en") -> Intake:
    """Read a filled template, XLSX or CSV; cells that cannot be read are findings, and their values are left out.

    Which class a sheet holds records of is told by the head of its first column or by the sheet's name.
    """
    name = safe_name(upload.name)
    body = decompressed(upload.body, name, 64 * 2**20)
    sheets = [(sheet, *_heads(sheet, published, name)) for sheet in read_sheets(body, name) if sheet.rows]
    reader = _Reader(graph, published, language, References(published))
    records = [
        (record, sheet, found) for sheet, found, columns in sheets for record in _records(sheet, found, columns, reader)
    ]
    if not records:
        raise UnreadableData(f"{name} holds no records.", "Fill in at least one row below the heads of a template.")
    reader.references.learn((record.iri, record.labels(), found.kind) for record, _, found in records)
    reader.references.ask(_mentioned(record for record, _, _ in records))
    for record, sheet, found in records:
        _state(record, sheet, found, reader)
    places = reader.places
    return Intake(
        tuple(dict.fromkeys(reader.triples)),
        lambda subject, path: places.get((subject, path), NOWHERE),
        tuple(reader.findings),
    )


@dataclass(frozen=True)
class _Head:
    """A column of a sheet: the property, and the language of its texts."""

    column: Column
    language: str


@dataclass(frozen=True)
class _Record:
    """A row: the record's IRI and its cells with their heads."""

    iri: str
    place: Place
    cells: tuple[tuple[_Head, Cell], ...]

    def labels(self) -> list[str]:
        """Return the names that the row gives its record."""
        return [cell.text for head, cell in self.cells if head.column.path == _LABEL]


def _heads(sheet: Sheet, published: Graph, name: str) -> tuple[Template, tuple[int, dict[int, Cell]]]:
    """Return the template of a sheet and the row that holds its heads."""
    names = {
        label.casefold(): iri
        for language in ("en", "fr", "es")
        for iri, label in class_names(published, language).items()
    }
    for number, cells in sheet.rows[:_MOST_HEAD_ROWS]:
        first = cells[min(cells)].text.casefold()
        if first in names and len(cells) > 1:
            return template(published, names[first]), (number, cells)
    if sheet.name.casefold() in names:
        return template(published, names[sheet.name.casefold()]), sheet.rows[0]
    raise UnreadableData(
        f"{name}{f', sheet “{sheet.name}”' if sheet.name else ''}: no row of heads was found.",
        "Begin with a template: skillgraph template Scheme, or /templates. Its first head names the class.",
    )


def _records(sheet: Sheet, found: Template, heads: tuple[int, dict[int, Cell]], reader: _Reader) -> Iterator[_Record]:
    number, names = heads
    key_column = min(names)
    columns = {
        place: head
        for place, cell in names.items()
        if place != key_column and (head := _head(cell, found, sheet, reader)) is not None
    }
    for row, cells in sheet.rows:
        if row <= number or cells[min(cells)].text.startswith(HELP_MARK):
            continue
        filled = tuple((columns[place], cell) for place, cell in cells.items() if place in columns)
        key = cells.get(key_column)
        place = Place(sheet=sheet.name, cell=(key or cells[min(cells)]).name)
        iri = _iri_of(key.text if key else "", filled, found, place, reader)
        if iri:
            yield _Record(iri, place, filled)


def _head(cell: Cell, found: Template, sheet: Sheet, reader: _Reader) -> _Head | None:
    """Return the column that a head names, in any language, perhaps with the language of its texts in brackets."""
    tagged = _TAGGED.fullmatch(cell.text)
    name, language = (tagged[1], tagged[2].lower()) if tagged else (cell.text, "en")
    by_name = {each: column for column in found.columns for each in column.names}
    if name.casefold() in by_name:
        return _Head(by_name[name.casefold()], language)
    near = process.extractOne(name.casefold(), [column.name for column in found.columns])
    place = Place(sheet=sheet.name, cell=cell.name)
    reader.found("unknown-column", place, f"“{cell.text}”{f' (perhaps: {near[0]})' if near and near[1] > 60 else ''}")
    return None


def _iri_of(key: str, cells: Iterable[tuple[_Head, Cell]], found: Template, place: Place, reader: _Reader) -> str:
    if key:
        known = reader.references.iri(key)
        if known is None:
            reader.found("unknown-record", place, f"“{key}”")
        return known or ""
    labels = [(head.language != "en", cell.text) for head, cell in cells if head.column.path == _LABEL]
    if not labels:
        reader.found("nameless-row", place, place.cell)
        return ""
    return minted_iri(reader.graph, found.kind, min(labels)[1])


def _mentioned(records: Iterable[_Record]) -> set[str]:
    return {
        value
        for record in records
        for head, cell in record.cells
        if head.column.holds is Holds.RECORD
        for value in _values(head.column, cell.text)
    }


def _values(column: Column, text: str) -> list[str]:
    if column.holds is Holds.WORDS or column.single:
        return [text]
    return [value.strip() for value in text.split(SEPARATOR) if value.strip()]


def _state(record: _Record, sheet: Sheet, found: Template, reader: _Reader) -> None:
    reader.say(record.iri, RDF_TYPE.value, NamedNode(found.kind), record.place)
    for head, cell in record.cells:
        place = Place(sheet=sheet.name, cell=cell.name)
        if cell.formula:
            reader.found("formula", place, cell.formula, record.iri, head.column.path)
            continue
        for text in _values(head.column, cell.text):
            value = value_of(head.column, text, head.language, reader.references)
            if isinstance(value, Unread):
                reader.found(value.rule, place, value.said, record.iri, head.column.path)
            else:
                reader.say(record.iri, head.column.path, value, place)
