"""The rules of the house that hold for every contribution, whatever the shapes say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pyoxigraph import Literal, NamedNode, Triple

from skillgraph.batch import batches
from skillgraph.finding import Finding, Severity
from skillgraph.graph import Graph, Query
from skillgraph.resources import query_text
from skillgraph.vocabulary import BASE, LOCAL_KINDS, PREFIXES, RDF, RDF_TYPE, RDFS, SHACL, TERMS, compact

_RESERVED: Final = (
    TERMS,
    *(f"{BASE}{kind}/" for kind in LOCAL_KINDS if kind != "id"),
    f"{BASE}id/contribution/",
    f"{BASE}.well-known/",
)
_SCHEMA: Final = (PREFIXES["owl"], SHACL, RDFS, RDF, PREFIXES["prov"])
_ALLOWED_OF_SCHEMA: Final = {RDF_TYPE.value, RDFS + "label", RDFS + "comment", RDFS + "seeAlso"}
_PERSONS: Final = re.compile(
    r"http://xmlns\.com/foaf/0\.1/(Person|name|givenName|familyName|mbox|phone|birthday|.*[nN]ame)"
    r"|https?://schema\.org/(Person|givenName|familyName|birthDate|email|telephone)"
    r"|http://www\.w3\.org/(ns/prov#Person|2006/vcard/ns#.*|ns/person#.*)"
)
_SAFE_IRI: Final = re.compile(r"(https?://[^/\s]|urn:[a-z0-9])", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Controls, marks and overrides of direction; joiners stay, for scripts that need them."""
_PERSONAL: Final = (
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w"),
    re.compile(r"(?:\+|\b00)\d{1,3}[\s().-]*\d(?:[\s().-]*\d){6,11}\b"),
    re.compile(r"\b(?:tel|phone|mobile|fax)[.:\s]+\+?\d(?:[\s().-]*\d){5,}", re.IGNORECASE),
    re.compile(r"\b(?:born on|date of birth|née? le|nacid[oa] el)\b[^.]{0,20}\d{4}", re.IGNORECASE),
    re.compile(r"\b(?:Mr|Mrs|Ms|Mme|Sr|Sra|Herr|Frau|Dr|Prof)\.? [A-ZÀ-Þ][\w’'-]+(?: [A-ZÀ-Þ][\w’'-]+)+"),
)


@dataclass(frozen=True)
class HouseRule:
    """A rule by its name, with its severity and its messages by language."""

    name: str
    severity: Severity
    messages: dict[str, str]

    def found(self, language: str, focus: str, path: str = "", value: str = "") -> Finding:
        """Return that the rule is broken, in words."""
        message = self.messages.get(language) or self.messages["en"]
        return Finding(focus, path, self.name, self.severity, message.replace("{value}", value), value)


@cache
def house_rules() -> dict[str, HouseRule]:
    """Return the rules by name."""
    read = yaml.safe_load((Path(__file__).parent / "rules.yaml").read_text(encoding="utf-8"))
    return {
        name: HouseRule(name, Severity(said["severity"]), {key: said[key] for key in ("en", "fr", "es")})
        for name, said in read.items()
    }


def house_findings(triples: Iterable[Triple], published: Graph, language: str) -> Iterator[Finding]:
    """Yield what the rules of the house find in some triples, except duplicates."""
    listed = list(triples)
    rules = house_rules()
    declared = {str(row["term"]) for row in published.select(Query(query_text("pages/declared")))}
    for triple in listed:
        focus, path, value = _text(triple.subject), triple.predicate.value, _text(triple.object)
        for name, what in _broken(triple, focus, path, value, declared):
            yield rules[name].found(language, focus, path, what)
    typed = {each.subject for each in listed if each.predicate == RDF_TYPE}
    untyped = {_text(each.subject) for each in listed if each.subject not in typed}
    known = {
        _text(row["node"])
        for query in batches("contributions/typed", "node", untyped)
        for row in published.select(query)
    }
    for subject in sorted(untyped - known):
        yield rules["untyped-record"].found(language, subject, RDF_TYPE.value)


def _broken(triple: Triple, focus: str, path: str, value: str, declared: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the names of the rules that a statement breaks, with what breaks them."""
    if focus.startswith(_RESERVED):
        yield "reserved-record", focus
    if path.startswith(_SCHEMA) and path not in _ALLOWED_OF_SCHEMA:
        yield "schema-statement", compact(path)
    elif triple.predicate == RDF_TYPE and value.startswith(_SCHEMA):
        yield "schema-statement", compact(value)
    for iri in (path, value) if triple.predicate == RDF_TYPE else (path,):
        if _PERSONS.fullmatch(iri):
            yield "person-record", compact(iri)
        if iri.startswith(TERMS) and f"<{iri}>" not in declared:
            yield "undeclared-term", iri
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, NamedNode) and (not _SAFE_IRI.match(term.value) or _UNSEEN.search(term.value)):
            yield "unsafe-iri", _UNSEEN.sub("�", term.value)
    if isinstance(triple.object, Literal):
        yield from _broken_by_text(triple.object)


def _broken_by_text(literal: Literal) -> Iterator[tuple[str, str]]:
    text = literal.value
    if _UNSEEN.search(text):
        yield "control-character", _UNSEEN.sub("�", text)[:80]
    if literal.datatype.value == PREFIXES["xsd"] + "anyURI" and not _SAFE_IRI.match(text):
        yield "unsafe-iri", text
    for pattern in _PERSONAL:
        if found := pattern.search(text):
            yield "personal-data", found.group()


def _text(term: object) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
