"""What a validation or a check found: where, what and how severe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: a violation stands in the way, the others do not."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, order=True)
class Place:
    """Where in a file or form something stands: a line, the cell of a sheet, or a field."""

    line: int = 0
    sheet: str = ""
    cell: str = ""
    field: str = ""

    def __str__(self) -> str:
        if self.cell:
            return f"{self.sheet}!{self.cell}" if self.sheet else f"cell {self.cell}"
        return f"line {self.line}" if self.line else self.field


NOWHERE = Place()


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as it should be, with the rule that says so."""

    focus: str
    path: str
    rule: str
    severity: Severity
    message: str
    value: str = ""
    place: Place = NOWHERE
