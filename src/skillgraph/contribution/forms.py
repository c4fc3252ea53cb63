"""A record as the fields of a form: made of the columns of its class, read from statements and turned into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from skillgraph.contribution.columns import Holds, Template
from skillgraph.contribution.house import house_rules
from skillgraph.contribution.minting import minted_iri
from skillgraph.contribution.references import References
from skillgraph.contribution.values import Unread, value_of
from skillgraph.graph import Graph, Query
from skillgraph.label import Label, labels
from skillgraph.resources import query_text
from skillgraph.vocabulary import RDF_TYPE, SKOS

MOST_ENTRIES: Final = 100
"""Values that one property may have in a form."""
_LABEL: Final = SKOS + "prefLabel"


@dataclass(frozen=True)
class Choice:
    """A record to choose for a field: its IRI and its name."""

    iri: str
    name: str


@dataclass(frozen=True)
class Entry:
    """What stands in one field: a text, its language where it is in one, records to choose among, and what is wrong."""

    text: str = ""
    language: str = "en"
    choices: tuple[Choice, ...] = ()
    fault: str = ""


@dataclass(frozen=True)
class Form:
    """A record of a class while it is filled in; ``entries`` are those of the template's columns, in their order."""

    template: Template
    iri: str = ""
    entries: tuple[tuple[Entry, ...], ...] = field(default=())

    def with_blanks(self) -> Form:
        """Return the form with a field for each property that has none."""
        given = self.entries or ((),) * len(self.template.columns)
        return replace(self, entries=tuple(each or (Entry(),) for each in given))

    def with_another(self, column: int) -> Form:
        """Return the form with one more field for a property."""
        entries = list(self.entries)
        if len(entries[column]) < MOST_ENTRIES:
            entries[column] = (*entries[column], Entry())
        return replace(self, entries=tuple(entries))

    def with_entry(self, column: int, place: int, entry: Entry) -> Form:
        """Return the form with another entry in a field."""
        entries = list(self.entries)
        entries[column] = (*entries[column][:place], entry, *entries[column][place + 1 :])
        return replace(self, entries=tuple(entries))

    @property
    def is_right(self) -> bool:
        """Tell whether nothing is wrong with any field."""
        return not any(entry.fault for column in self.entries for entry in column)


def filled(template: Template, iri: str, given: Mapping[tuple[int, int], tuple[str, str]]) -> Form:
    """Return a form with what was sent: texts and their languages by column and place."""
    entries: list[tuple[Entry, ...]] = []
    for number in range(len(template.columns)):
        places = sorted(place for column, place in given if column == number)[:MOST_ENTRIES]
        sent = (given[number, place] for place in places)
        entries.append(tuple(Entry(text.strip(), language or "en") for text, language in sent))
    return Form(template, iri, tuple(entries)).with_blanks()


def with_names(form: Form, content: bytes, published: Graph) -> Form:
    """Return the form in which records that were chosen can be told by their names."""
    chosen = {
        (number, place): entry.text
        for number, (column, given) in enumerate(zip(form.template.columns, form.entries, strict=True))
        for place, entry in enumerate(given)
        if column.holds is Holds.RECORD and is_chosen(entry.text) and not entry.choices
    }
    names = labels(published, set(chosen.values())) | names_in(content)
    for (number, place), iri in chosen.items():
        entry = form.entries[number][place]
        form = form.with_entry(number, place, replace(entry, choices=(Choice(iri, names[iri].text),)))
    return form


def is_chosen(text: str) -> bool:
    """Tell whether the text of a field is the IRI of a record that was chosen."""
    return text.startswith(("http://", "https://", "urn:"))


def of_record(template: Template, iri: str, content: bytes, published: Graph) -> Form:
    """Return the form of a record of a contribution's content (canonical N-Quads)."""
    own = [quad for quad in parse(content, format=RdfFormat.N_QUADS) if quad.subject == NamedNode(iri)]
    values: dict[str, list[object]] = {column.path: [] for column in template.columns}
    for quad in own:
        values.get(quad.predicate.value, []).append(quad.object)
    entries = (tuple(_entry(value) for value in values[column.path]) for column in template.columns)
    return with_names(Form(template, iri, tuple(entries)), content, published).with_blanks()


def _entry(value: object) -> Entry:
    if isinstance(value, Literal):
        return Entry(value.value, value.language or "en")
    assert isinstance(value, NamedNode)
    return Entry(value.value)


def stated(
    form: Form, graph: NamedNode, content: bytes, published: Graph, language: str = "en"
) -> tuple[Form, frozenset[Triple]]:
    """Return the form with what is wrong in its fields, and the statements of its record.

    Names of other records are looked up among those of the content and those published. A record without an IRI is
    given one, made of its class and name.
    """
    references = _references(form, content, published)
    entries: list[tuple[Entry, ...]] = []
    values: list[tuple[str, NamedNode | Literal]] = []
    for column, given in zip(form.template.columns, form.entries, strict=True):
        read = []
        for entry in given:
            value = value_of(column, entry.text, entry.language, references) if entry.text else None
            if isinstance(value, Unread):
                rule = "record-to-find" if value.rule == "unknown-record" else value.rule
                said = house_rules()[rule].found(language, "", column.path, value.said)
                choices = found_records(entry.text, column.kind, content, published) if column.kind else ()
                read.append(replace(entry, fault=said.message, choices=choices))
            else:
                read.append(replace(entry, fault=""))
                values += [] if value is None else [(column.path, value)]
        entries.append(tuple(read))
    iri = form.iri or _minted(form, graph)
    if not iri:
        entries = _with_fault(form, entries, language)
    read_form = replace(form, iri=iri, entries=tuple(entries))
    if not iri:
        return read_form, frozenset()
    subject = NamedNode(iri)
    kind = Triple(subject, RDF_TYPE, NamedNode(form.template.kind))
    return read_form, frozenset([kind, *(Triple(subject, NamedNode(path), value) for path, value in values)])


def _references(form: Form, content: bytes, published: Graph) -> References:
    references = References(published)
    triples = [quad.triple for quad in parse(content, format=RdfFormat.N_QUADS)]
    kinds = {each.subject: each.object for each in triples if each.predicate == RDF_TYPE}
    for each in triples:
        kind, name = kinds.get(each.subject), each.object
        if each.predicate.value == _LABEL and isinstance(name, Literal) and isinstance(kind, NamedNode):
            references.learn([(str(each.subject).strip("<>"), [name.value], kind.value)])
    pairs = zip(form.template.columns, form.entries, strict=True)
    references.ask(
        entry.text for column, given in pairs if column.holds is Holds.RECORD for entry in given if entry.text
    )
    return references


def _minted(form: Form, graph: NamedNode) -> str:
    names = [
        (entry.language != "en", entry.text)
        for column, given in zip(form.template.columns, form.entries, strict=True)
        if column.path == _LABEL
        for entry in given
        if entry.text
    ]
    return minted_iri(graph, form.template.kind, min(names)[1]) if names else ""


def _with_fault(form: Form, entries: Sequence[tuple[Entry, ...]], language: str) -> list[tuple[Entry, ...]]:
    """Say at the name that it is missing, or at the first field of a class without names."""
    paths = [column.path for column in form.template.columns]
    place = paths.index(_LABEL) if _LABEL in paths else 0
    said = house_rules()["nameless-record"].found(language, "", _LABEL)
    changed = list(entries)
    changed[place] = (replace(entries[place][0], fault=said.message), *entries[place][1:])
    return changed


def found_records(text: str, kind: str, content: bytes, published: Graph) -> tuple[Choice, ...]:
    """Return records of a class whose name holds some letters, those of the content before those published."""
    members = {iri for iri, own in records_in(content).items() if own == kind}
    found: dict[str, str] = {}
    for quad in parse(content, format=RdfFormat.N_QUADS):
        iri, name = str(quad.subject).strip("<>"), quad.object
        if (
            iri in members
            and quad.predicate.value == _LABEL
            and isinstance(name, Literal)
            and text.casefold() in name.value.casefold()
        ):
            found.setdefault(iri, name.value)
    letters = f"FILTER(CONTAINS(LCASE(STR(?label)), {Literal(text.lower())}))"
    query = query_text("contributions/find").replace("# letters", letters)
    for row in published.select(Query(query, {"class": NamedNode(kind)})):
        record, label = row["record"], row["label"]
        if isinstance(record, NamedNode) and isinstance(label, Literal):
            found.setdefault(record.value, label.value)
    return tuple(Choice(iri, name) for iri, name in found.items())


def exchanged(content: bytes, record: str, triples: Iterable[Triple]) -> list[Triple]:
    """Return the statements of a content in which those about one record are replaced."""
    kept = (quad.triple for quad in parse(content, format=RdfFormat.N_QUADS))
    return [*(each for each in kept if not record or each.subject != NamedNode(record)), *triples]


def records_in(content: bytes) -> dict[str, str]:
    """Return the records of a content with the class of each."""
    quads = parse(content, format=RdfFormat.N_QUADS)
    return {
        str(quad.subject).strip("<>"): quad.object.value
        for quad in quads
        if quad.predicate == RDF_TYPE and isinstance(quad.object, NamedNode)
    }


def names_in(content: bytes) -> dict[str, Label]:
    """Return the names that a content gives its records, an English one where there is one."""
    found: dict[str, Label] = {}
    for quad in parse(content, format=RdfFormat.N_QUADS):
        iri, name = str(quad.subject).strip("<>"), quad.object
        if quad.predicate.value == _LABEL and isinstance(name, Literal) and (name.language == "en" or iri not in found):
            found[iri] = Label(name.value, name.language or "")
    return found
