"""The guarded workers: no query, publication or death of a process keeps the others from being answered."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from pyoxigraph import Literal, QueryResultsFormat

from skillgraph.errors import (
    QueryTimeout,
    QueryTooComplex,
    QueryTooLarge,
    ReplicaUnavailable,
    ResultTooLarge,
    SkillGraphError,
    TooBusy,
)
from skillgraph.graph import Answer, Graph, Query, ResultFormats
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.workers import WorkerGraph
from tests.replicas import RunningReplica, children, eventually, is_running, running_replica

CASES = Path(__file__).parent / "cases" / "limits"
GRAPH = "https://example.org/graph/counter"
CHAIN = "@prefix : <https://example.org/> .\n" + "\n".join(
    f":n{start} :next :n{(start * 7 + step) % 60} ." for start in range(60) for step in range(8)
)
NUMBERS = " ".join(map(str, range(100)))
ENDLESS = Query(
    f"SELECT (COUNT(*) AS ?rows) WHERE {{ {' '.join(f'VALUES ?{name} {{ {NUMBERS} }}' for name in 'abcdef')} }}"
)
SMALL = Query("SELECT ?value WHERE { ?counter <https://example.org/value> ?value }")
TWO_WORKERS: dict[str, object] = {"query_workers": 2, "query_depth": 10**6, "query_steps": 10**6}
"""They read every query, however deep, and are to survive it."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def texts(kind: str) -> list[object]:
    return [
        pytest.param(path.read_text(encoding="utf-8"), id=path.stem) for path in sorted((CASES / kind).glob("*.rq"))
    ]


def counter(value: int) -> str:
    return f"<https://example.org/counter> <https://example.org/value> {value} ."


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReplica]:
    """Return a replica whose queries may take one second."""
    home = tmp_path_factory.mktemp("hurried")
    with running_replica(home, {GRAPH: CHAIN + counter(1)}, query_seconds=1.0, **TWO_WORKERS) as replica:
        yield replica
        accounted_for(replica)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningReplica]:
    """Return a replica whose queries may take 64 MiB."""
    home = tmp_path_factory.mktemp("narrow")
    with running_replica(home, {GRAPH: counter(1)}, query_memory_mb=64, **TWO_WORKERS) as replica:
        yield replica
        accounted_for(replica)


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[RunningReplica]:
    """Return a replica of one's own that counts to 1."""
    with running_replica(tmp_path, {GRAPH: counter(1)}, query_workers=2, query_seconds=60.0) as running:
        yield running


def accounted_for(replica: RunningReplica) -> None:
    """Assert that the replica has as many workers as it should, and no other children, dead or alive."""
    status = replica.graph.status()
    assert len(status["workers"]) == 2
    assert eventually(lambda: replica.graph.status()["busy"] == [])
    if sys.platform == "linux":
        assert eventually(lambda: children(replica.process.pid) == replica.workers())


@pytest.mark.parametrize("text", texts("time"))
def test_a_query_over_its_time_is_stopped(hurried: RunningReplica, text: str) -> None:
    with pytest.raises(QueryTimeout, match="longer than the 1 seconds"):
        hurried.graph.answer(Query(text), ResultFormats())
    assert hurried.graph.select(SMALL) == [{"value": Literal(1)}]


def test_a_query_gets_no_more_time_than_its_caller_grants(replica: RunningReplica) -> None:
    with pytest.raises(QueryTimeout, match=r"longer than the 0\.2 seconds"):
        replica.graph.answer(replace(ENDLESS, seconds=0.2), ResultFormats())
    assert replica.graph.select(replace(SMALL, seconds=1000.0)) == [{"value": Literal(1)}]


def test_a_query_gets_no_more_time_than_the_service_grants(hurried: RunningReplica) -> None:
    with pytest.raises(QueryTimeout):
        hurried.graph.answer(replace(ENDLESS, seconds=1000.0), ResultFormats())


@pytest.mark.parametrize(
    "form", [QueryResultsFormat.JSON, QueryResultsFormat.XML, QueryResultsFormat.CSV, QueryResultsFormat.TSV]
)
def test_rows_over_the_limit_are_an_error(tmp_path: Path, form: QueryResultsFormat) -> None:
    with running_replica(tmp_path, {GRAPH: counter(1)}, result_rows=10) as replica:
        text = "SELECT * {{ VALUES ?x {{ {} }} }}".format(" ".join(["1"] * 11))
        with pytest.raises(ResultTooLarge, match="11 rows; 10 is the most"):
            replica.graph.answer(Query(text), ResultFormats(form))
        assert replica.graph.answer(Query(text + " LIMIT 10"), ResultFormats(form)).body


def test_a_query_that_nests_too_deep_is_refused_before_it_is_read(replica: RunningReplica) -> None:
    with pytest.raises(QueryTooComplex):
        replica.graph.answer(Query(DEEP["groups"]), ResultFormats())


@pytest.mark.parametrize("text", texts("memory"))
def test_a_query_over_its_memory_is_stopped(narrow: RunningReplica, text: str) -> None:
    with pytest.raises(QueryTooLarge, match="64 MiB"):
        narrow.graph.answer(Query(text), ResultFormats())
    assert narrow.graph.select(SMALL) == [{"value": Literal(1)}]


DEEP = {
    "groups": "SELECT * WHERE " + "{" * 20_000 + "}" * 20_000,
    "brackets": "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }",
    "negations": "ASK { FILTER(" + "!" * 100_000 + "true) }",
    "subqueries": "ASK " + "{ SELECT * WHERE " * 10_000 + "{}" + "}" * 10_000,
    "lists": "ASK { ?s ?p " + "(" * 50_000 + ")" * 50_000 + " }",
    "triples": "ASK { ?s ?p " + ", ".join(["?o"] * 60_000) + " }",
    "service": "ASK { # service\n" + "{" * 20_000 + "}" * 20_000 + "}",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_deep_query_ends_in_an_error_that_says_so(narrow: RunningReplica, text: str) -> None:
    with pytest.raises(QueryTooLarge):
        narrow.graph.answer(Query(text), ResultFormats())
    assert narrow.graph.select(SMALL) == [{"value": Literal(1)}]


def test_hostile_queries_do_not_keep_honest_ones_from_being_answered(hurried: RunningReplica) -> None:
    hostile = [Query(str(case.values[0])) for case in texts("memory")]  # type: ignore[attr-defined]
    hostile += [Query(text) for text in DEEP.values()]
    with ThreadPoolExecutor(2) as executor:
        attacks = [executor.submit(outcome, hurried.graph, query) for query in hostile]
        while not all(attack.done() for attack in attacks):
            assert hurried.graph.select(SMALL) == [{"value": Literal(1)}]
    assert {type(attack.result()) for attack in attacks} <= {QueryTimeout, QueryTooLarge}


def outcome(graph: WorkerGraph, query: Query) -> Answer | SkillGraphError:
    try:
        return graph.answer(query, ResultFormats())
    except SkillGraphError as fault:
        return fault


def start(executor: ThreadPoolExecutor, replica: RunningReplica, query: Query) -> Future[Answer | SkillGraphError]:
    """Start a query and wait until a worker is at it."""
    busy = len(replica.graph.status()["busy"])
    future = executor.submit(outcome, replica.graph, query)
    assert eventually(lambda: len(replica.graph.status()["busy"]) > busy)
    return future


def test_an_idle_worker_that_dies_is_replaced(replica: RunningReplica) -> None:
    before = replica.workers()
    os.kill(before[0], signal.SIGKILL)
    assert eventually(lambda: len(replica.workers()) == 2 and before[0] not in replica.workers())
    assert replica.graph.select(SMALL)


def test_a_query_whose_worker_dies_is_told_so(replica: RunningReplica) -> None:
    with ThreadPoolExecutor() as executor:
        running = start(executor, replica, ENDLESS)
        (worker,) = replica.graph.status()["busy"]
        os.kill(worker, signal.SIGKILL)
        fault = running.result()
    assert isinstance(fault, ReplicaUnavailable)
    assert "worker" in fault.message
    assert worker not in replica.workers()
    accounted_for(replica)


def test_a_full_queue_is_said_at_once_and_a_long_wait_in_time(tmp_path: Path) -> None:
    contents = {GRAPH: counter(1)}
    with (
        running_replica(
            tmp_path, contents, query_workers=1, query_seconds=60.0, queue_length=2, queue_seconds=1.0
        ) as replica,
        ThreadPoolExecutor(12) as executor,
    ):
        running = start(executor, replica, ENDLESS)
        waiting = [executor.submit(outcome, replica.graph, SMALL) for _ in range(10)]
        faults = [future.result() for future in waiting]
        assert {type(fault) for fault in faults} == {TooBusy}
        messages = Counter(fault.message for fault in faults if isinstance(fault, TooBusy))
        assert messages["All workers are busy and the waiting queue is full."] >= 5
        assert messages["No worker became free within 1 seconds."] >= 2
        assert not running.done()
        (worker,) = replica.workers()
        os.kill(worker, signal.SIGKILL)
        assert isinstance(running.result(), ReplicaUnavailable)
        assert eventually(lambda: isinstance(outcome(replica.graph, SMALL), Answer)), "it recovers"


def test_a_job_whose_client_gave_up_is_not_done(tmp_path: Path) -> None:
    with (
        running_replica(tmp_path, {}, query_workers=1, query_seconds=60.0, queue_seconds=1.0) as replica,
        ThreadPoolExecutor() as executor,
    ):
        running = start(executor, replica, ENDLESS)
        assert isinstance(outcome(replica.graph, ENDLESS), TooBusy)
        (worker,) = replica.workers()
        os.kill(worker, signal.SIGKILL)
        assert isinstance(running.result(), ReplicaUnavailable)
        assert replica.graph.ask(Query("ASK {}"))


def test_a_publication_appears_and_what_is_removed_vanishes(replica: RunningReplica) -> None:
    assert (replica.graph.version(), replica.graph.select(SMALL)) == (1, [{"value": Literal(1)}])
    other = "https://example.org/graph/other"
    assert replica.publish(other, counter(2)) == 2
    assert eventually(lambda: replica.graph.version() == 2)
    assert {row["value"] for row in replica.graph.select(SMALL)} == {Literal(1), Literal(2)}
    replica.publish(GRAPH, counter(3))
    replica.publish(other, "")
    assert replica.graph.follow() == 4
    answer = replica.graph.answer(SMALL, ResultFormats())
    assert (answer.version, replica.graph.select(SMALL)) == (4, [{"value": Literal(3)}])
    accounted_for(replica)


def test_a_triple_in_two_graphs_stays_until_both_let_it_go(replica: RunningReplica) -> None:
    other = "https://example.org/graph/other"
    replica.publish(other, counter(1))
    replica.publish(GRAPH, "")
    replica.graph.follow()
    assert replica.graph.select(SMALL) == [{"value": Literal(1)}]
    replica.publish(other, "")
    replica.graph.follow()
    assert replica.graph.select(SMALL) == []


def test_differences_add_up_to_the_ledger(replica: RunningReplica) -> None:
    """What a replica holds after many publications is what a new one would load."""
    chance = random.Random(7)  # noqa: S311 - the same changes at every run
    everything = Query("SELECT ?graph ?s ?p ?o WHERE { GRAPH ?graph { ?s ?p ?o } }")
    for step in range(25):
        chosen = chance.sample(range(12), chance.randrange(8))
        turtle = "\n".join(f"<urn:s{number % 3}> <urn:p> {number}, [ <urn:q> {number} ] ." for number in chosen)
        replica.publish(f"{GRAPH}/{chance.randrange(3)}", f"{turtle}\n<urn:s> <urn:step> {step} .")
        if chance.random() < 0.6:
            replica.graph.follow()
    replica.graph.follow()
    heads = replica.ledger.heads().values()
    fresh = MemoryGraph(0, [replica.ledger.content(head.digest) for head in heads])
    assert rows(replica.graph, everything) == rows(fresh, everything)


def rows(graph: Graph, query: Query) -> list[list[tuple[str, str]]]:
    return sorted(sorted((name, str(term)) for name, term in row.items()) for row in graph.select(query))


def test_a_query_in_flight_ends_on_the_version_it_began_on(replica: RunningReplica) -> None:
    some = " ".join(map(str, range(60)))
    lengthy = Query(
        "SELECT ?value (COUNT(*) AS ?rows) WHERE { ?counter <https://example.org/value> ?value "
        + " ".join(f"VALUES ?{name} {{ {some} }}" for name in "abcd")
        + " } GROUP BY ?value"
    )
    with ThreadPoolExecutor() as executor:
        running = start(executor, replica, lengthy)
        replica.publish(GRAPH, counter(2))
        assert replica.graph.follow() == 2
        assert replica.graph.status()["busy"], "the query must outlast the publication"
        fresh = replica.graph.answer(SMALL, ResultFormats())
        assert (fresh.version, b'"2"' in fresh.body) == (2, True)
        old = running.result()
    assert isinstance(old, Answer)
    assert (old.version, b'"1"' in old.body) == (1, True)
    accounted_for(replica)


def test_queries_among_publications_all_see_one_version_whole(replica: RunningReplica) -> None:
    done = threading.Event()

    def publish() -> None:
        for value in range(2, 12):
            replica.publish(GRAPH, counter(value))
            replica.graph.follow()
        done.set()

    def ask() -> tuple[int, bytes]:
        answer = replica.graph.answer(SMALL, ResultFormats())
        return answer.version, answer.body

    with ThreadPoolExecutor(9) as executor:
        publishing = executor.submit(publish)
        asked = [executor.submit(ask) for _ in range(200)]
        while not done.is_set() and not publishing.done():
            asked.append(executor.submit(ask))
            time.sleep(0.002)
        publishing.result()
        answers = [future.result() for future in asked]
    assert len({version for version, _ in answers}) > 1
    assert all(f'"value":"{version}"' in body.decode() for version, body in answers)
    assert replica.graph.select(SMALL) == [{"value": Literal(11)}]
    accounted_for(replica)


def test_publications_are_taken_in_while_every_worker_is_busy(replica: RunningReplica) -> None:
    with ThreadPoolExecutor() as executor:
        running = [start(executor, replica, ENDLESS) for _ in range(2)]
        for value in range(2, 5):
            replica.publish(GRAPH, counter(value))
            assert replica.graph.follow() == value
            assert replica.graph.select(SMALL) == [{"value": Literal(value)}]
        for worker in replica.graph.status()["busy"]:
            os.kill(worker, signal.SIGKILL)
        assert {type(future.result()) for future in running} == {ReplicaUnavailable}
    assert eventually(lambda: replica.graph.status()["leaving"] == [])
    accounted_for(replica)


def test_a_ledger_that_cannot_be_read_stops_no_query(replica: RunningReplica, tmp_path: Path) -> None:
    ledger, aside = tmp_path / "ledger.sqlite", tmp_path / "aside.sqlite"
    ledger.rename(aside)
    ledger.mkdir()
    assert replica.graph.follow() == 1
    assert replica.graph.select(SMALL) == [{"value": Literal(1)}]
    ledger.rmdir()
    aside.rename(ledger)
    replica.publish(GRAPH, counter(2))
    assert eventually(lambda: replica.graph.version() == 2)
    assert replica.process.poll() is None


def holds(descriptors: Path, count: int) -> bool:
    return len(list(descriptors.iterdir())) == count


@linux
def test_a_worker_holds_nothing_of_its_parents(replica: RunningReplica) -> None:
    replica.publish(GRAPH, counter(2))
    replica.graph.follow()
    before = replica.workers()
    os.kill(before[0], signal.SIGKILL)
    assert eventually(lambda: len(replica.workers()) == 2 and before[0] not in replica.workers())
    for worker in replica.workers():
        descriptors = Path(f"/proc/{worker}/fd")
        assert eventually(partial(holds, descriptors, 4)), "standard input, output and error, and the socket for jobs"


@linux
def test_without_its_parent_no_worker_stays(replica: RunningReplica) -> None:
    with ThreadPoolExecutor() as executor:
        running = start(executor, replica, ENDLESS)
        workers = replica.workers()
        replica.kill()
        assert isinstance(running.result(), ReplicaUnavailable)
    assert eventually(lambda: not any(is_running(worker) for worker in workers))
    with pytest.raises(ReplicaUnavailable):
        replica.graph.select(SMALL)
    with pytest.raises(ReplicaUnavailable):
        replica.graph.status()
    assert replica.graph.version() == 1, "what was served last"


def in_a_process(code: str, *arguments: object) -> str:
    """Run Python code in a process of its own and return what it prints."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


CONNECT = """
import socket, sys
from skillgraph.graph.confinement import cut_network
if sys.argv[2] == "cut" and not cut_network():
    print("refused")
else:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()
        print("connected")
    except OSError:
        print("no network")
"""


def test_a_worker_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert in_a_process(CONNECT, port, "keep") == "connected"
        found = in_a_process(CONNECT, port, "cut")
        if found == "refused":
            pytest.skip("this system lets no process leave the network")
        assert found == "no network"


CALL = """
import sys
from pyoxigraph import Store
from skillgraph.graph.confinement import one_job
text = "SELECT * WHERE { SERVICE <http://127.0.0.1:%s/> { ?s ?p ?o } }" % sys.argv[1]
with one_job(30.0):
    try:
        list(Store().query(text))
    except OSError as fault:
        print(fault)
open(sys.executable, "rb").close()
"""


def test_a_job_can_open_no_connection_even_where_there_is_a_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert "Too many open files" in in_a_process(CALL, server.getsockname()[1])
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


MEMORY = """
import resource
from skillgraph.graph.confinement import limit_memory
most = 4 * 2**30
resource.setrlimit(resource.RLIMIT_AS, (most, most))
limit_memory(2**40)
print(resource.getrlimit(resource.RLIMIT_AS) == (most, most), resource.getrlimit(resource.RLIMIT_CORE))
"""


@linux
def test_a_limit_of_the_operators_is_not_exceeded() -> None:
    assert in_a_process(MEMORY) == "True (0, 0)"
