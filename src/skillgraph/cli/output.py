"""Prints tables and findings for people, and findings as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from skillgraph.finding import NOWHERE, Finding, Severity

_STYLES = {Severity.VIOLATION: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under column heads."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def print_findings(findings: Sequence[Finding], nothing: str) -> None:
    """Print findings as a list that a person can work through."""
    console = Console(soft_wrap=True, highlight=False)
    if not findings:
        console.print(Text(nothing))
    for each in findings:
        where = f"{each.place}: " if each.place != NOWHERE else ""
        console.print(Text(f"{each.severity.upper()} {where}{each.focus}", style=_STYLES[each.severity]))
        console.print(Text(f"  {each.message}"))
        details = {"property": each.path, "value": each.value, "rule": each.rule}
        console.print(Text("".join(f"  {name}: {value}\n" for name, value in details.items() if value), style="dim"))
    counts = {severity: sum(each.severity is severity for each in findings) for severity in Severity}
    if findings:
        console.print(Text(", ".join(f"{count} × {severity}" for severity, count in counts.items() if count) + "."))


def findings_json(findings: Sequence[Finding]) -> str:
    """Return findings as a JSON document."""
    return json.dumps({"findings": [asdict(each) for each in findings]}, ensure_ascii=False, indent=1)
