"""Spreadsheets: what is in the graph survives the way through a sheet, and real-world sheets are read or explained."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from skillgraph.contribution.blank_sheets import SEPARATOR, as_csv, as_workbook, heads
from skillgraph.contribution.checked import TRIAL_GRAPH, Report, check_upload
from skillgraph.contribution.columns import Column, Holds, class_names, find_class, template
from skillgraph.contribution.sheets import read_sheet
from skillgraph.contribution.values import date_literal
from skillgraph.errors import SkillGraphError, UnknownClass, UnreadableData, UploadTooLarge
from skillgraph.finding import Place
from skillgraph.graph import Query
from skillgraph.graph.memory import MemoryGraph
from skillgraph.ledger import Upload
from skillgraph.vocabulary import RDF_TYPE, TERMS, XSD

LANGUAGES = ("en", "fr", "es")


@pytest.fixture(scope="module")
def classes(base: MemoryGraph) -> list[str]:
    return list(class_names(base))


def records(base: MemoryGraph, kind: str, most: int) -> list[str]:
    rows = base.select(Query(f"SELECT DISTINCT ?record {{ ?record a <{kind}> }} ORDER BY ?record LIMIT {most}"))
    return [str(row["record"]).strip("<>") for row in rows]


def said(base: MemoryGraph, record: str) -> set[Triple]:
    return set(base.construct(Query(f"CONSTRUCT {{ <{record}> ?p ?o }} WHERE {{ <{record}> ?p ?o }}")))


def cell(head: str, column: Column | None, record: str, triples: set[Triple]) -> str:
    """Return what a person would type into a cell for what is said of a record."""
    if column is None:
        return record
    values = [each.object for each in triples if each.predicate.value == column.path]
    if column.holds is Holds.WORDS:
        language = head.rpartition("[")[2].rstrip("]")
        return next((each.value for each in values if isinstance(each, Literal) and each.language == language), "")
    names = {choice.iri: choice.name for choice in column.choices}
    texts = sorted(each.value for each in values if isinstance(each, NamedNode | Literal))
    return f" {SEPARATOR} ".join(names.get(text, text) for text in texts)


def typed(triple: Triple, listed: list[tuple[str, Column | None]], kind: str) -> bool:
    """Tell whether a sheet has room for a statement."""
    for head, column in listed:
        if column is not None and triple.predicate.value == column.path:
            if column.holds is not Holds.WORDS:
                return True
            if isinstance(triple.object, Literal) and head.endswith(f"[{triple.object.language}]"):
                return True
    return triple.predicate == RDF_TYPE and triple.object == NamedNode(kind)


def test_a_record_survives_the_way_through_a_sheet(base: MemoryGraph, classes: list[str]) -> None:
    compared = 0
    for number, kind in enumerate(classes):
        language = LANGUAGES[number % 3]
        found = template(base, kind, language)
        listed = heads(found)
        chosen = records(base, kind, 5)
        rows = [[head for head, _ in listed]]
        rows += [[cell(head, column, record, said(base, record)) for head, column in listed] for record in chosen]
        written = StringIO()
        csv.writer(written, delimiter=SEPARATOR if number % 2 else ",").writerows(rows)
        intake = read_sheet(Upload(f"{number}.csv", written.getvalue().encode()), TRIAL_GRAPH, base) if chosen else None
        if intake is not None:
            expected = {each for record in chosen for each in said(base, record) if typed(each, listed, kind)}
            assert list(intake.findings) == []
            assert _repeated_words(set(intake.triples)) == _repeated_words(expected), kind
            compared += len(expected)
    assert compared > 500


def _repeated_words(triples: set[Triple]) -> set[Triple]:
    """Return the statements without texts of which one record has several in a language: a cell has room for one."""
    seen: dict[tuple[object, object, object], int] = {}
    for each in triples:
        if isinstance(each.object, Literal) and each.object.language:
            key = (each.subject, each.predicate, each.object.language)
            seen[key] = seen.get(key, 0) + 1
    return {
        each
        for each in triples
        if not (isinstance(each.object, Literal) and each.object.language)
        or seen[(each.subject, each.predicate, each.object.language)] == 1
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_class_has_a_workbook_with_help_and_lists(language: str, base: MemoryGraph, classes: list[str]) -> None:
    for kind in classes:
        found = template(base, kind, language)
        book = load_workbook(BytesIO(as_workbook(found, language)))
        sheet = book.worksheets[0]
        listed = heads(found)
        assert [each.value for each in sheet[1]] == [head for head, _ in listed]
        assert all(each.value for each in sheet[2])
        assert str(sheet.cell(2, 1).value).startswith("#")
        offered = sum(1 for _, column in listed if column is not None and column.choices)
        assert len(sheet.data_validations.dataValidation) == offered
        assert book["Lists"].sheet_state == "hidden"
        first, second = list(csv.reader(StringIO(as_csv(found, language).decode("utf-8-sig"))))
        assert (first, second[0][0]) == ([head for head, _ in listed], "#")


def test_a_class_is_found_by_any_of_its_names(base: MemoryGraph) -> None:
    for name in ("Scheme", "scheme", "sg:Scheme", TERMS + "Scheme", "dispositif", "esquema"):
        assert find_class(base, name) == TERMS + "Scheme"
    with pytest.raises(UnknownClass, match="Person"):
        find_class(base, "Person")


def corridor(base: MemoryGraph, body: bytes, name: str = "corridors.csv") -> Report:
    return check_upload(Upload(name, body), TRIAL_GRAPH, base)


def stated(report: Report) -> set[tuple[str, str]]:
    quads = parse(report.nquads, format=RdfFormat.N_QUADS)
    return {
        (each.predicate.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1], each.object.value.rsplit("/", 1)[-1])
        for each in quads
        if isinstance(each.object, NamedNode | Literal) and each.predicate != RDF_TYPE
    }


GOOD = {("prefLabel", "Kenya to Fiji"), ("hasOrigin", "KEN"), ("hasDestination", "FJI")}
ROWS = [["corridor", "label [en]", "has origin", "has destination"], ["", "Kenya to Fiji", "Kenya", "country:FJI"]]


def as_text(rows: list[list[str]], delimiter: str = ",") -> str:
    return "\r\n".join(delimiter.join(row) for row in rows)


@pytest.mark.parametrize(
    "body",
    [
        as_text(ROWS).encode(),
        as_text(ROWS, ";").encode("utf-8-sig"),
        as_text(ROWS, "\t").encode("utf-16"),
        as_text(ROWS, ";").encode("utf-16-le"),
        as_text([["Corridors of the Ministry, 2026"], [], *ROWS, ["", "", "", ""]]).encode(),
        as_text([[f"  {each}\u00a0 " for each in row] for row in ROWS]).encode(),
        as_text([ROWS[0], ["# This row explains", "x", "y", "z"], ROWS[1]]).encode(),
        as_text([["couloir migratoire", "libellé [EN]", "A POUR ORIGINE", "a pour destination"], ROWS[1]]).encode(),
    ],
    ids=["commas", "semicolons", "utf-16 tabs", "utf-16 without mark", "title above", "stray blanks", "help", "French"],
)
def test_sheets_as_they_come_are_read(body: bytes, base: MemoryGraph) -> None:
    report = corridor(base, body)
    assert report.findings == ()
    assert stated(report) == GOOD


def test_a_sheet_in_an_old_encoding_is_read(base: MemoryGraph) -> None:
    rows = [ROWS[0], ["", "Côte d’Ivoire to Fiji", "country:CIV", "country:FJI"]]
    assert ("prefLabel", "Côte d’Ivoire to Fiji") in stated(corridor(base, as_text(rows).encode("cp1252")))


def workbook(rows: list[list[object]], title: str = "Sheet") -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return book, sheet


def saved(book: Workbook) -> bytes:
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def test_a_merged_cell_counts_for_all_its_rows(base: MemoryGraph) -> None:
    book, sheet = workbook([*ROWS, ["", "Kenya to Japan", None, "country:JPN"]])  # type: ignore[list-item]
    sheet.merge_cells("C2:C3")
    report = corridor(base, saved(book), "merged.xlsx")
    assert report.findings == ()
    assert (
        sum(
            line.count(b"hasOrigin> <http://publications.europa.eu/resource/authority/country/KEN>")
            for line in report.nquads.splitlines()
        )
        == 2
    )


def test_the_name_of_the_sheet_tells_the_class_too(base: MemoryGraph) -> None:
    book, _ = workbook([["key", *ROWS[0][1:]], ROWS[1]], "Corridor")  # type: ignore[list-item]
    assert stated(corridor(base, saved(book), "named.xlsx")) == GOOD


def test_several_sheets_refer_to_one_another(base: MemoryGraph) -> None:
    book, _ = workbook([["scheme", "label [en]", "runs on"], ["", "Nurses for Fiji", "Kenya to Fiji"]], "Schemes")
    other = book.create_sheet("Corridors")
    for row in ROWS:
        other.append(row)
    nquads = corridor(base, saved(book), "both.xlsx").nquads.decode()
    iri = next(line.split()[0] for line in nquads.splitlines() if "Kenya to Fiji" in line)
    assert f"<{TERMS}runsOn> {iri}" in nquads


@pytest.mark.parametrize(
    ("row", "rule", "place"),
    [
        (["", "Kenya to Fiji", "Kenia-Land", "country:FJI"], "unknown-record", "C2"),
        (["", "Kenya to Fiji", "=A1", "country:FJI"], "formula", "C2"),
        (["", "", "country:KEN", "country:FJI"], "nameless-row", "C2"),
        (["not an iri", "Kenya to Fiji", "country:KEN", "country:FJI"], "unknown-record", "A2"),
    ],
)
def test_a_finding_names_sheet_row_and_column(row: list[object], rule: str, place: str, base: MemoryGraph) -> None:
    filler = [None, "Kenya to Japan", "country:KEN", "country:JPN"]
    book, _ = workbook([ROWS[0], row, filler], "Corridors")  # type: ignore[list-item]
    report = corridor(base, saved(book), "faulty.xlsx")
    found = [each for each in report.findings if each.rule == rule]
    assert [each.place for each in found] == [Place(sheet="Corridors", cell=place)]
    shapes = [each for each in report.findings if each.rule.endswith("Corridor-hasOrigin")]
    assert all(each.place == Place(sheet="Corridors", cell="B2") for each in shapes)


def test_unknown_heads_codes_and_dates_are_said_with_what_was_perhaps_meant(base: MemoryGraph) -> None:
    rows = [
        ["scheme", "label [en]", "has theme", "valid from", "has scheme kynd"],
        ["", "Nurses for Fiji", "Harmonising skils recognition", "03/04/2024", "programme"],
    ]
    found = {each.rule: each for each in corridor(base, as_text(rows).encode(), "schemes.csv").findings}
    assert found["unknown-column"].value == "“has scheme kynd” (perhaps: has scheme kind)"
    assert "perhaps: Harmonising skills recognition" in found["unknown-code"].value
    assert found["unreadable-date"].place == Place(cell="D2")


@pytest.mark.parametrize(
    ("text", "value", "datatype"),
    [
        ("2024-04-03", "2024-04-03", "date"),
        ("2024-04-03T00:00:00", "2024-04-03", "date"),
        ("3.4.2024", "2024-04-03", "date"),
        ("2024-04", "2024-04", "gYearMonth"),
        ("4/2024", "2024-04", "gYearMonth"),
        ("2024", "2024", "gYear"),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, value: str, datatype: str) -> None:
    assert date_literal(text) == Literal(value, datatype=NamedNode(XSD + datatype))


@pytest.mark.parametrize("text", ["03/04/2024", "31.2.2024", "2024-13", "April 2024", "24", "soon", "20245"])
def test_dates_that_say_nothing_or_two_things_are_none(text: str) -> None:
    assert date_literal(text) is None


@pytest.mark.parametrize(
    ("name", "body", "kind"),
    [
        ("empty.csv", b"", UnreadableData),
        ("heads.csv", as_text(ROWS[:1]).encode(), UnreadableData),
        ("nothing.csv", b"a,b\n1,2\n", UnreadableData),
        ("broken.xlsx", b"PK\x03\x04 and nothing more", UnreadableData),
        ("wide.csv", b"corridor," + b"x," * 400, UploadTooLarge),
        ("long.csv", b"corridor,label\n" + b",a\n" * 20_001, UploadTooLarge),
    ],
)
def test_what_is_no_sheet_is_refused_in_words(
    name: str, body: bytes, kind: type[SkillGraphError], base: MemoryGraph
) -> None:
    with pytest.raises(kind) as caught:
        corridor(base, body, name)
    assert caught.value.remedy.endswith(".")


def test_a_workbook_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(base: MemoryGraph) -> None:
    import zipfile

    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"\0" * (129 * 2**20))
    with pytest.raises(UploadTooLarge):
        corridor(base, written.getvalue(), "bomb.xlsx")


def test_a_name_that_two_records_bear_is_none(base: MemoryGraph) -> None:
    text = """PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?name {
        ?one a ?kind ; skos:prefLabel ?name . ?other a ?kind ; skos:prefLabel ?name .
        FILTER(STR(?one) < STR(?other) && LANG(?name) = "en")
    } LIMIT 1"""
    rows = base.select(Query(text))
    (row,) = rows
    assert isinstance(row["name"], Literal)
    sheet = [["participation", "label [en]", "sg:participant"], ["", "Somebody", row["name"].value.replace(",", " ")]]
    assert "unknown-record" in {each.rule for each in corridor(base, as_text(sheet).encode()).findings}
