"""Has contributions read and validated where a hostile one can cost a time-out but not the service.

An inspection is one connection to the inspector's socket: a request with the file as its body, then a report with the
canonical N-Quads as its body. The inspector forks a process for each, on which the kernel enforces time and memory.
"""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from pyoxigraph import NamedNode

from skillgraph.contribution.checked import Report, check_upload
from skillgraph.errors import ReplicaUnavailable, SkillGraphError, TooBusy, ValidationStopped
from skillgraph.finding import Finding, Place, Severity
from skillgraph.graph import Graph
from skillgraph.graph.wire import decode_error, encode_error, receive_message, send_message
from skillgraph.ledger import Upload


@dataclass(frozen=True)
class Request:
    """What is to be inspected: a file, the graph that it is for, and the language of the report.

    Without ``duplicates`` the report says all that stands in the way, but not which records the graph may have already.
    """

    upload: Upload
    graph: str
    language: str = "en"
    duplicates: bool = True


class Inspector(Protocol):
    """Reads and validates contributions."""

    def inspect(self, request: Request) -> Report:
        """Return the report on a contribution; raise where it cannot be read, or not within the limits."""


@dataclass(frozen=True)
class DirectInspector:
    """Inspects in this process: for the command line and tests, where nobody hostile sends files."""

    published: Graph

    def inspect(self, request: Request) -> Report:
        """Return the report on a contribution."""
        graph = NamedNode(request.graph)
        return check_upload(request.upload, graph, self.published, request.language, duplicates=request.duplicates)


@dataclass(frozen=True)
class RemoteInspector:
    """Inspects in a process of its own; waits up to ``seconds`` and a little for its turn."""

    place: Path
    seconds: float

    def inspect(self, request: Request) -> Report:
        """Return the report on a contribution."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(self.seconds * 2 + 5)
            try:
                connection.connect(str(self.place))
                send_message(connection, _encoded(request), request.upload.body)
                head, body = receive_message(connection)
            except TimeoutError:
                raise TooBusy("Too many files are being validated.", "Try again in a minute.") from None
            except (EOFError, ConnectionResetError, BrokenPipeError):
                raise ValidationStopped(
                    f"Reading or validating the file took more than {self.seconds:g} seconds or too much memory.",
                    "Divide the file, or simplify what nests deeply in it, and send the parts.",
                ) from None
            except OSError:
                raise ReplicaUnavailable("Files cannot be validated at the moment.", "Try again in a minute.") from None
        assert head is not None
        if "error" in head:
            raise decode_error(head)
        return decoded(head, body)


def reply(connection: socket.socket, inspector: Inspector) -> None:
    """Receive one request, inspect it and send the report, or the error that stands in its place."""
    head, body = receive_message(connection)
    assert head is not None
    name = head.pop("name")
    try:
        report = inspector.inspect(Request(Upload(name, body), **head))
        encoded, nquads = _encoded_report(report), report.nquads
    except SkillGraphError as fault:
        encoded, nquads = encode_error(fault), b""
    send_message(connection, encoded, nquads)


def decoded(document: dict[str, Any], nquads: bytes) -> Report:
    """Read a report back from its document and its content."""
    findings = (
        Finding(**{**each, "severity": Severity(each["severity"]), "place": Place(**each["place"])})
        for each in document["findings"]
    )
    counts = {Severity(name): count for name, count in document["counts"].items()}
    return Report(nquads, document["statements"], tuple(findings), counts)


def stored(report: Report) -> str:
    """Return a report as the ledger keeps it, without its content."""
    return json.dumps(_encoded_report(report), ensure_ascii=False)


def restored(text: str, nquads: bytes = b"") -> Report:
    """Read back a report that the ledger kept."""
    return decoded(json.loads(text), nquads)


def _encoded(request: Request) -> dict[str, Any]:
    return {
        "name": request.upload.name,
        "graph": request.graph,
        "language": request.language,
        "duplicates": request.duplicates,
    }


def _encoded_report(report: Report) -> dict[str, Any]:
    return {
        "statements": report.statements,
        "findings": [asdict(each) for each in report.findings],
        "counts": report.counts,
    }
