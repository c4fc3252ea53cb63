"""Times the validation of a small contribution beside growing bases, and its way from acceptance to the endpoint."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyshacl
from pyoxigraph import NamedNode, Triple
from rdflib import Graph

from benchmarks.measure import in_turn
from benchmarks.services import first_answer, free_port, replica, running
from skillgraph.account import make_account, make_token
from skillgraph.baseline import base_files
from skillgraph.ledger import Accounts, Change, Ledger, Role, open_database
from skillgraph.rdfio import canonical_nquads, read_triples
from skillgraph.resources import turtle_files
from skillgraph.settings import Settings
from skillgraph.validation import load_shapes, validate_content
from skillgraph.vocabulary import BASE, graph_iri

ORGANISATION = f"{BASE}id/actor/giz"
PASSWORD = "correct horse battery"  # noqa: S105 - of an account that lives as long as the measurement
MOST_FOR_PLAIN = 100_000
"""Statements up to which plain pySHACL over the whole is waited for; at a million it takes minutes."""
_ACCEPTANCES = 15


@dataclass(frozen=True)
class Validations:
    """What a contribution costs at a size of the base: milliseconds; ``None`` where it was not waited for."""

    quads: int
    contributed: int
    median_ms: float
    p99_ms: float
    plain_ms: float | None
    visible_ms: float | None = None
    visible_p99_ms: float | None = None


def measure(quads: int, folder: Path, say: Callable[[str], None]) -> Validations:
    """Fill a base with about as many statements as asked for, and contribute to it."""
    settings = Settings(home=folder)
    database = open_database(settings.ledger_url)
    contents = base_of(quads)
    Ledger(database).publish("benchmark", lambda _: [Change(graph, each, "") for graph, each in contents.items()])
    held = sum(each.count(b"\n") for each in contents.values())
    triples = renamed(scheme("data/schemes/sant-egidio-labour-corridors"), "contributed")
    say(f"{held:,} quads: validating {len(triples)} statements")
    load_shapes().prepare()
    gc.collect()
    gc.freeze()
    with replica(settings) as published:
        timing = in_turn(
            {"ours": lambda: validate_content(triples, graph_iri("contribution/giz/palim"), published)}, 40
        )["ours"]
    plain = plain_seconds(b"".join(contents.values())) if held < 2 * MOST_FOR_PLAIN else None
    visible = sorted(acceptances(settings, database, say))
    return Validations(
        held, len(triples), 1e3 * timing.median, 1e3 * timing.p99, None if plain is None else 1e3 * plain,
        1e3 * visible[len(visible) // 2], 1e3 * visible[-1],
    )  # fmt: skip


def base_of(quads: int) -> dict[str, bytes]:
    """Return graphs of ontology, codes and records, these copied under other names as often as is needed."""
    files = [(file.key, list(read_triples(file.path))) for file in base_files()]
    first = [each for each in files if not each[0].startswith("data/")]
    records = [each for each in files if each[0].startswith("data/")]
    found: dict[str, bytes] = {}
    total = 0
    for number, (key, triples) in enumerate(chain(first, _endless(records))):
        if total >= quads and number >= len(first):
            break
        found[graph_iri(key).value] = canonical_nquads(triples, graph_iri(key))
        total += len(triples)
    return found


def _endless(records: list[tuple[str, list[Triple]]]) -> Iterator[tuple[str, list[Triple]]]:
    yield from records
    copy = 0
    while True:
        copy += 1
        for key, triples in records:
            yield f"{key}-{copy}", renamed(triples, str(copy))


def scheme(key: str) -> list[Triple]:
    """Return the statements of a file of the base."""
    (file,) = (each for each in turtle_files("data") if each.key == key)
    return list(read_triples(file.path))


def renamed(triples: list[Triple], suffix: str) -> list[Triple]:
    """Return statements about other records of the same form: their own names get a suffix."""
    own = {each.subject for each in triples if str(each.subject).startswith(f"<{BASE}id/")}

    def other(term: Any) -> Any:  # noqa: ANN401 - any term
        return NamedNode(f"{term.value}-{suffix}") if term in own else term

    return [Triple(other(each.subject), each.predicate, other(each.object)) for each in triples]


def plain_seconds(nquads: bytes) -> float:
    """Return how long pySHACL takes to hold the whole against the shapes."""
    lines = {line[: line.rindex(b" <")] + b" ." for line in nquads.splitlines()}
    data = Graph().parse(b"\n".join(lines), format="nt11")
    shapes = Graph()
    for file in turtle_files("shapes"):
        shapes.parse(file.path, format="turtle")
    start = time.perf_counter()
    pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    return time.perf_counter() - start


def acceptances(settings: Settings, database: Any, say: Callable[[str], None]) -> Iterator[float]:  # noqa: ANN401
    """Yield the seconds from sending “accept” until ``/sparql`` has the statements, for several contributions."""
    accounts = Accounts(database)
    tokens = {}
    for name, role, scope in (("author", Role.CONTRIBUTOR, "contribute"), ("curator", Role.CURATOR, "review")):
        made = make_account(accounts, name, name, role, ORGANISATION, PASSWORD)
        tokens[name] = make_token(accounts, made, "benchmark", [scope], 1)[1]
    port = free_port()
    command = [sys.executable, "-m", "skillgraph", "serve", "--port", str(port)]
    with running(command, SKILLGRAPH_HOME=str(settings.home), SKILLGRAPH_REQUESTS_PER_MINUTE=str(10**9)):
        first_answer(port, "/sparql")
        say("accepting contributions")
        for number in range(_ACCEPTANCES + 1):
            seconds = _acceptance(HTTPConnection("127.0.0.1", port), tokens, number)
            if number:
                yield seconds


def _acceptance(server: HTTPConnection, tokens: dict[str, str], number: int) -> float:
    corridor = f"{BASE}id/corridor/benchmark-{number}"
    turtle = f"""@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix sg: <https://w3id.org/skillgraph/ns#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<{corridor}> a sg:Corridor ; skos:prefLabel "Kenya to Fiji ({number})"@en ;
  sg:hasOrigin country:KEN ; sg:hasDestination country:FJI ."""
    title = urlencode({"title": f"Benchmark {number}"})
    key = _send(server, f"/contributions?{title}", tokens["author"], turtle, "text/turtle")["key"]
    _send(server, f"/contributions/{key}/submit", tokens["author"])
    query = urlencode({"query": f"ASK {{ <{corridor}> ?p ?o }}"})
    start = time.perf_counter()
    _send(server, f"/contributions/{key}/accept", tokens["curator"])
    while not _send(server, f"/sparql?{query}")["boolean"]:
        pass
    return time.perf_counter() - start


def _send(
    server: HTTPConnection,
    path: str,
    token: str = "",
    body: str = "",
    media_type: str = "application/x-www-form-urlencoded",
) -> Any:  # noqa: ANN401 - a document of whatever form
    headers = {"Accept": "application/json", "Content-Type": media_type}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    server.request("POST" if token else "GET", path, body.encode(), headers)
    answer = server.getresponse()
    document = json.load(answer)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise RuntimeError(f"{answer.status} {document}")
    return document
