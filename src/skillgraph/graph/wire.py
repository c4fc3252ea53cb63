"""What clients, workers and the replica's parent say to each other over Unix sockets.

A message is two lengths (head: 4 bytes, body: 8 bytes, big endian), a head in JSON and a body of bytes. A job is one
connection: the client sends a message, the worker answers with one. A message without a head tells a worker to leave.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Mapping
from typing import Any

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat

from skillgraph import errors
from skillgraph.graph.engine import GRAPH_FORMATS, SOLUTION_FORMATS
from skillgraph.graph.protocol import Query, ResultFormats

_LENGTHS = struct.Struct(">IQ")
_FIRST_READ = 65536
_NAMES: dict[QueryResultsFormat | RdfFormat | None, str | None] = {
    **{each: name for name, each in SOLUTION_FORMATS.items()},
    **{each: name for name, each in GRAPH_FORMATS.items()},
    None: None,
}


def send_message(connection: socket.socket, head: Mapping[str, Any] | None, body: bytes = b"") -> None:
    """Send a message: a small one in one go, a large one without copying its body."""
    encoded = b"" if head is None else json.dumps(head).encode()
    start = _LENGTHS.pack(len(encoded), len(body)) + encoded
    if len(body) <= _FIRST_READ:
        connection.sendall(start + body)
    else:
        connection.sendall(start)
        connection.sendall(body)


def receive_message(connection: socket.socket) -> tuple[dict[str, Any] | None, bytes]:
    """Receive a message; raise ``EOFError`` when the other side is gone."""
    data = _filled(connection, connection.recv(_FIRST_READ), _LENGTHS.size)
    head_length, body_length = _LENGTHS.unpack_from(data)
    body_start = _LENGTHS.size + head_length
    data = _filled(connection, data, body_start)
    head: dict[str, Any] | None = json.loads(data[_LENGTHS.size : body_start]) if head_length else None
    return head, bytes(_filled(connection, data[body_start:], body_length))


def _filled(connection: socket.socket, data: bytes | bytearray, length: int) -> bytes | bytearray:
    """Return the data, lengthened by what is received until there are as many bytes."""
    filled = len(data)
    if filled >= length:
        return data
    buffer = bytearray(length)
    buffer[:filled] = data
    view = memoryview(buffer)
    while filled < length:
        received = connection.recv_into(view[filled:])
        if received == 0:
            raise EOFError
        filled += received
    return buffer


def encode_request(query: Query, formats: ResultFormats) -> dict[str, Any]:
    """Write a query and the formats it may be answered in."""
    return {
        "text": query.text,
        "bindings": {name: _encode_term(term) for name, term in query.bindings.items()},
        "default": query.default_graphs,
        "named": query.named_graphs,
        "seconds": query.seconds,
        "solutions": _NAMES[formats.solutions],
        "graph": _NAMES[formats.graph],
    }


def decode_request(request: Mapping[str, Any]) -> tuple[Query, ResultFormats]:
    """Read a query and the formats it may be answered in."""
    query = Query(
        request["text"],
        {name: _decode_term(term) for name, term in request["bindings"].items()},
        tuple(request["default"]),
        tuple(request["named"]),
        request["seconds"],
    )
    return query, ResultFormats(SOLUTION_FORMATS.get(request["solutions"]), GRAPH_FORMATS.get(request["graph"]))


def encode_error(fault: errors.SkillGraphError) -> dict[str, Any]:
    """Write an error so that the client can raise it again."""
    return {"error": type(fault).__name__, **vars(fault)}


def decode_error(head: Mapping[str, Any]) -> errors.SkillGraphError:
    """Read an error back."""
    values = dict(head)
    kind: type[errors.SkillGraphError] = getattr(errors, values.pop("error"))
    fault = kind.__new__(kind)
    Exception.__init__(fault, values["message"])
    vars(fault).update(values)
    return fault


def _encode_term(term: NamedNode | Literal) -> list[str | None]:
    if isinstance(term, NamedNode):
        return [term.value]
    return [term.value, term.language, None if term.language else term.datatype.value]


def _decode_term(parts: list[str | None]) -> NamedNode | Literal:
    value = parts[0] or ""
    if len(parts) == 1:
        return NamedNode(value)
    if parts[1]:
        return Literal(value, language=parts[1])
    return Literal(value, datatype=NamedNode(parts[2] or ""))
