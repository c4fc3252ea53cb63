"""Writes a report in the forms that programs read: JSON, SHACL in Turtle, and annotations of a GitHub workflow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from skillgraph.contribution.checked import Report
from skillgraph.finding import Finding, Severity
from skillgraph.vocabulary import PREFIXES, RDF_TYPE, SHACL, XSD

_GITHUB = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_HOUSE = "https://w3id.org/skillgraph/problem/"


def as_document(report: Report) -> dict[str, Any]:
    """Return a report as a JSON document."""
    return {
        "acceptable": report.is_acceptable,
        "statements": report.statements,
        "counts": {severity: report.counts.get(severity, 0) for severity in Severity},
        "leftOut": report.left_out,
        "findings": [as_finding(each) for each in report.findings],
    }


def as_finding(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object; its place names only what is known of it."""
    place = {name: value for name, value in asdict(finding.place).items() if value}
    return {**asdict(finding), "place": place}


def as_json(report: Report) -> str:
    """Return a report as JSON."""
    return json.dumps(as_document(report), ensure_ascii=False, indent=1)


def as_github(report: Report, file: str) -> str:
    """Return a report as workflow commands, one a line, that GitHub shows beside the lines of the file."""
    return "".join(_annotation(each, file) for each in report.findings)


def as_turtle(report: Report) -> str:
    """Return a report as a SHACL validation report."""
    written = serialize(
        _statements(report), format=RdfFormat.TURTLE, prefixes={"sh": SHACL, "xsd": XSD, "sg": PREFIXES["sg"]}
    )
    return (written or b"").decode()


def _annotation(finding: Finding, file: str) -> str:
    line = f",line={finding.place.line}" if finding.place.line else ""
    text = finding.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{_GITHUB[finding.severity]} file={_property(file)}{line}::{text}\n"


def _property(text: str) -> str:
    for sign, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(sign, code)
    return text


def _statements(report: Report) -> Iterator[Triple]:
    whole = BlankNode()
    yield Triple(whole, RDF_TYPE, _sh("ValidationReport"))
    yield Triple(whole, _sh("conforms"), Literal(value=not report.counts))
    for each in report.findings:
        result = BlankNode()
        yield Triple(whole, _sh("result"), result)
        yield Triple(result, RDF_TYPE, _sh("ValidationResult"))
        yield Triple(result, _sh("focusNode"), _node(each.focus))
        yield Triple(result, _sh("resultSeverity"), _sh(each.severity.capitalize()))
        yield Triple(result, _sh("resultMessage"), Literal(each.message))
        yield Triple(result, _sh("sourceShape"), _node(each.rule if ":" in each.rule else _HOUSE + each.rule))
        if each.path and "|" not in each.path:
            yield Triple(result, _sh("resultPath"), _node(each.path))
        if each.value:
            yield Triple(result, _sh("value"), _node(each.value))


def _node(text: str) -> NamedNode | Literal:
    try:
        return NamedNode(text)
    except ValueError:
        return Literal(text)


def _sh(name: str) -> NamedNode:
    return NamedNode(SHACL + name)
