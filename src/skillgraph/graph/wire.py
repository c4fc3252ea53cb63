"""What clients, workers and the replica's parent say to each other over Unix sockets.

A frame is a length (4 bytes, big endian) and as many bytes. A job is one connection: the client sends a request frame;
the worker acknowledges with a frame naming its process; then come a head frame (JSON) and, for results, a body frame.
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

_LENGTH = struct.Struct(">I")
_NAMES: dict[QueryResultsFormat | RdfFormat | None, str | None] = {
    **{each: name for name, each in SOLUTION_FORMATS.items()},
    **{each: name for name, each in GRAPH_FORMATS.items()},
    None: None,
}


def send_frame(connection: socket.socket, *payloads: bytes) -> None:
    """Send one or more frames in one go."""
    connection.sendall(b"".join(part for payload in payloads for part in (_LENGTH.pack(len(payload)), payload)))


def receive_frame(connection: socket.socket) -> bytes:
    """Receive one frame; raise ``EOFError`` when the other side is gone."""
    return _receive(connection, _LENGTH.unpack(_receive(connection, _LENGTH.size))[0])


def _receive(connection: socket.socket, length: int) -> bytes:
    buffer = bytearray(length)
    view, filled = memoryview(buffer), 0
    while filled < length:
        received = connection.recv_into(view[filled:])
        if received == 0:
            raise EOFError
        filled += received
    return bytes(buffer)


def encode_request(query: Query, formats: ResultFormats) -> bytes:
    """Write a query and the formats it may be answered in."""
    request = {
        "text": query.text,
        "bindings": {name: _encode_term(term) for name, term in query.bindings.items()},
        "default": query.default_graphs,
        "named": query.named_graphs,
        "solutions": _NAMES[formats.solutions],
        "graph": _NAMES[formats.graph],
    }
    return json.dumps(request).encode()


def decode_request(payload: bytes) -> tuple[Query, ResultFormats]:
    """Read a query and the formats it may be answered in."""
    request = json.loads(payload)
    query = Query(
        request["text"],
        {name: _decode_term(term) for name, term in request["bindings"].items()},
        tuple(request["default"]),
        tuple(request["named"]),
    )
    return query, ResultFormats(SOLUTION_FORMATS.get(request["solutions"]), GRAPH_FORMATS.get(request["graph"]))


def encode_error(fault: errors.SkillGraphError) -> bytes:
    """Write an error so that the client can raise it again."""
    return json.dumps({"error": type(fault).__name__, **vars(fault)}).encode()


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
