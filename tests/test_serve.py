"""``skillgraph serve`` as an operator meets it: it starts, answers, survives deaths, and stops without a trace."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from skillgraph.graph.place import Place
from skillgraph.graph.workers import WorkerGraph
from skillgraph.serving.replica_process import limits
from skillgraph.settings import Settings
from tests.replicas import PATIENCE, descendants, eventually, is_running
from tests.services import free_port

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
NUMBERS = " ".join(map(str, range(100)))
ENDLESS = f"SELECT (COUNT(*) AS ?n) {{ {' '.join(f'VALUES ?{name} {{ {NUMBERS} }}' for name in 'abcdef')} }}"
STOP_SECONDS = 30.0


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """A running ``skillgraph serve``."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path
    place: Path
    log: Path

    def get(self, path: str, accept: str = "*/*", method: str = "GET") -> Response:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, headers={"Accept": accept})
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Response(response.status, headers, response.read())
        finally:
            connection.close()

    def ask(self, query: str) -> Response:
        return self.get(f"/sparql?query={quote(query)}")

    def answers(self) -> bool:
        try:
            return self.ask("ASK {}").status == 200
        except OSError:
            return False

    def said(self) -> str:
        return " ".join(self.log.read_text(encoding="utf-8").split())

    def processes(self) -> list[int]:
        return descendants(self.process.pid)

    def process_of(self, module: str) -> int:
        """Return the process that runs a module of ``skillgraph.serving`` and is nobody's worker."""
        (found,) = [
            each
            for each in descendants(self.process.pid)
            if module in Path(f"/proc/{each}/cmdline").read_text()
            and Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()[1] == str(self.process.pid)
        ]
        return found

    def is_busy(self) -> bool:
        """Tell whether a query is being answered."""
        (folder,) = self.place.iterdir()
        return bool(WorkerGraph(Place(folder), limits(Settings()), 1.0).status()["busy"])

    def leaves_nothing(self, processes: list[int]) -> bool:
        """Tell whether neither a process, nor a socket, nor the use of the port is left."""
        return not any(map(is_running, processes)) and list(self.place.iterdir()) == [] and is_free(self.port)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def serving(home: Path, *, place: Path | None = None, **choices: object) -> Iterator[Service]:
    """Run the service with some settings and a folder of its own for temporary files; wait until it answers."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="sg-") as folder, (home.parent / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "skillgraph", "serve", "--port", str(port), "--home", str(home)],
            env=environment(TMPDIR=str(place or folder), **choices),
            stdout=log,
            stderr=log,
        )
        service = Service(process, port, home, Path(folder), home.parent / "log")
        try:
            assert eventually(lambda: process.poll() is not None or "Open http" in service.said())
            assert process.poll() is None, service.said()
            yield service
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(PATIENCE)


def environment(**choices: object) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SKILLGRAPH_")}
    return {
        **inherited,
        "SKILLGRAPH_REQUESTS_PER_MINUTE": str(10**6),
        **{name if name == "TMPDIR" else f"SKILLGRAPH_{name.upper()}": str(value) for name, value in choices.items()},
    }


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Return a service that tests may ask but not harm; its queries may take a second."""
    home = tmp_path_factory.mktemp("service") / "home"
    with serving(home, query_seconds=1.0, query_workers=2, queue_length=1, queue_seconds=0.5) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_it_says_what_to_open(service: Service) -> None:
    assert f"Open http://127.0.0.1:{service.port}/" in service.said()
    assert f"SPARQL at http://127.0.0.1:{service.port}/sparql" in service.said()
    assert "Ctrl-C stops" in service.said()


def test_it_answers_people_and_programs(service: Service) -> None:
    page = service.get("/", accept="text/html")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.body.decode()):
        asset = service.get(address)
        assert (asset.status, bool(asset.body)) == (200, True)
        assert asset.headers["x-content-type-options"] == "nosniff"
    answer = service.ask("ASK { ?s ?p ?o }")
    assert json.loads(answer.body)["boolean"] is True
    assert int(answer.headers["skillgraph-version"]) > 0
    head = service.get("/sparql?query=ASK%7B%7D", method="HEAD")
    assert (head.status, head.body) == (200, b"")


def test_its_health_can_be_watched(home: Path) -> None:
    with serving(home, query_workers=1, query_seconds=600.0, queue_length=1, queue_seconds=0.2) as service:
        healthy = service.get("/healthz")
        assert healthy.status == 200
        assert json.loads(healthy.body).items() >= {"live": True, "ready": True}.items()
        assert str(json.loads(healthy.body)["version"]) == service.ask("ASK {}").headers["skillgraph-version"]
        with (
            ThreadPoolExecutor() as executor,
            socket.create_connection(("127.0.0.1", service.port), PATIENCE) as client,
        ):
            client.sendall(f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert eventually(service.is_busy)
            crowded = executor.submit(service.get, "/healthz").result()
        assert crowded.status == 503
        assert json.loads(crowded.body).items() >= {"live": True, "ready": False}.items()
        assert "worker" in json.loads(crowded.body)["reason"]
        assert eventually(lambda: service.get("/healthz").status == 200)


def test_an_endless_query_gets_an_honest_error(service: Service) -> None:
    response = service.ask(ENDLESS)
    assert (response.status, response.headers["content-type"]) == (503, "application/problem+json")
    assert json.loads(response.body)["type"] == "/problems#query-timeout"
    assert service.answers()


@linux
def test_a_client_that_leaves_takes_its_query_with_it(home: Path) -> None:
    request = f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with serving(home, query_seconds=600.0, query_workers=2) as service:
        clients = [socket.create_connection(("127.0.0.1", service.port), PATIENCE) for _ in range(4)]
        for client in clients:  # two run, two wait
            client.sendall(request)
        assert eventually(service.is_busy)
        for client in clients:
            client.close()
        assert eventually(lambda: not service.is_busy() and service.answers(), 20.0)
        assert "Traceback" not in service.said()


@linux
def test_a_client_that_sends_its_next_request_early_is_served_both(home: Path) -> None:
    two = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n" * 2
    with serving(home) as service, socket.create_connection(("127.0.0.1", service.port), PATIENCE) as client:
        client.sendall(two)
        received = b""
        while received.count(b'"boolean":true') < 2:
            part = client.recv(65536)
            assert part, received
            received += part


def test_pressure_is_answered_with_a_time_to_return(service: Service) -> None:
    with ThreadPoolExecutor(12) as executor:
        responses = list(executor.map(service.ask, [ENDLESS] * 12))
    assert {response.status for response in responses} == {503}
    kinds = {json.loads(response.body)["type"] for response in responses}
    assert "/problems#too-busy" in kinds
    assert kinds <= {"/problems#too-busy", "/problems#query-timeout"}
    for response in responses:
        busy = json.loads(response.body)["type"] == "/problems#too-busy"
        assert ("retry-after" in response.headers) is busy
    assert eventually(service.answers)


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /sparql?query=" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: nonsense\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /sparql HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
    ids=["a long address", "nonsense", "another protocol", "a version", "a length", "two lengths", "a long header"],
)
def test_what_is_no_http_harms_nobody(service: Service, sent: bytes) -> None:
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE)
    with connection, contextlib.suppress(ConnectionError):
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        received = connection.recv(65536)
        assert not received.startswith((b"HTTP/1.1 200", b"HTTP/1.1 5"))
    assert service.answers()


def test_slow_clients_keep_nobody_waiting(service: Service) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE))
            connection.sendall(b"GET /sparql?query=ASK HTTP/1.1\r\nHost: ")
        assert service.answers()


def test_clients_that_stall_are_given_up(home: Path) -> None:
    """As many as there are threads, in the middle of a header and of a body."""
    header = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    with serving(home, web_processes=1, web_threads=2) as service, contextlib.ExitStack() as stack:
        for sent in (header, header + b"Content-Length: 9\r\n\r\nASK"):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=PATIENCE))
            connection.sendall(sent)
        assert eventually(service.answers)
        assert "Traceback" not in service.said()


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_stops_everything_but_what_is_being_answered(home: Path, number: signal.Signals) -> None:
    with serving(home, query_seconds=2.0) as service, ThreadPoolExecutor() as executor:
        assert eventually(lambda: len(service.processes()) == 8), (
            "a replica with three workers, an inspector, a web process with two"
        )
        processes = service.processes()
        asked = executor.submit(service.ask, ENDLESS)
        assert eventually(service.is_busy)
        service.process.send_signal(number)
        assert service.process.wait(STOP_SECONDS) == 0
        assert service.leaves_nothing(processes)
        assert json.loads(asked.result().body)["type"] == "/problems#query-timeout"
    assert "Traceback" not in service.said()


def test_a_second_start_changes_nothing(home: Path) -> None:
    with serving(home) as service:
        first = service.ask("ASK {}").headers["skillgraph-version"]
    with serving(home) as service:
        assert "up to date" in service.said()
        assert service.ask("ASK {}").headers["skillgraph-version"] == first


@linux
def test_it_recovers_when_the_replica_is_killed(home: Path) -> None:
    with serving(home) as service:
        replica = service.process_of("replica_process")
        workers = descendants(replica)
        os.kill(replica, signal.SIGKILL)
        assert eventually(service.answers)
        assert service.process_of("replica_process") != replica
        assert eventually(lambda: not any(map(is_running, workers)))
        assert service.process.poll() is None
        assert "it is started again" in service.said()


@linux
def test_it_recovers_when_a_web_process_is_killed(home: Path) -> None:
    with serving(home, web_processes=1) as service:
        (worker,) = descendants(service.process_of("web_process"))
        os.kill(worker, signal.SIGKILL)
        assert eventually(service.answers)


@linux
def test_it_gives_up_when_the_whole_web_part_is_killed(home: Path) -> None:
    with serving(home) as service:
        processes = service.processes()
        os.kill(service.process_of("web_process"), signal.SIGKILL)
        assert service.process.wait(STOP_SECONDS) == 2
        assert eventually(lambda: service.leaves_nothing(processes))
        assert "start again" in service.said()


@linux
def test_nothing_outlives_a_supervisor_that_is_killed(home: Path) -> None:
    with serving(home) as service:
        processes = service.processes()
        service.process.kill()
        service.process.wait(PATIENCE)
        assert eventually(lambda: not any(map(is_running, processes)), STOP_SECONDS)
        assert is_free(service.port)
    with serving(home) as service:
        assert service.answers()


def test_a_long_path_for_temporary_files_is_no_hindrance(home: Path) -> None:
    place = home.parent / ("x" * 100)
    place.mkdir()
    with serving(home, place=place) as service:
        assert service.answers()


def test_an_occupied_port_is_named_and_nothing_is_touched(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as occupant:
        port = occupant.getsockname()[1]
        result = start(home, port)
        assert_refused(result, f"Port {port} on 127.0.0.1 is already in use", f"--port {port + 1}")
    assert not home.exists()


def start(home: Path, port: int, **choices: object) -> subprocess.CompletedProcess[str]:
    """Start the service where it is expected to give up."""
    command = [sys.executable, "-m", "skillgraph", "serve", "--port", str(port), "--home", str(home)]
    return subprocess.run(
        command, env=environment(**choices), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def assert_refused(result: subprocess.CompletedProcess[str], *parts: str) -> None:
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    for part in parts:
        assert part in said
    assert "Traceback" not in said
    assert len(result.stderr.strip().splitlines()) == 2, "one line says what is wrong, one what to do"


def scribble(home: Path) -> None:
    home.mkdir()
    (home / "ledger.sqlite").write_bytes(b"This is not a database. " * 100)


def put_a_folder(home: Path) -> None:
    (home / "ledger.sqlite").mkdir(parents=True)


def put_a_file(home: Path) -> None:
    home.write_text("not a folder", encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [(scribble, "damaged"), (put_a_folder, "cannot be opened"), (put_a_file, "cannot be created")],
)
def test_a_ledger_that_cannot_be_used_is_named(home: Path, harm: Callable[[Path], None], complaint: str) -> None:
    harm(home)
    before = contents(home)
    port = free_port()
    assert_refused(start(home, port), complaint, "SKILLGRAPH_HOME")
    assert contents(home) == before
    assert is_free(port)


def contents(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in [home, *home.rglob("*")] if path.is_file()}


@pytest.mark.parametrize(
    ("name", "value"),
    [("query_workers", "0"), ("query_seconds", "soon"), ("port", "70000"), ("base", "example.org")],
)
def test_a_setting_that_cannot_be_used_is_named(home: Path, name: str, value: str) -> None:
    command = [sys.executable, "-m", "skillgraph", "serve", "--home", str(home)]
    result = subprocess.run(
        command, env=environment(**{name: value}), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert_refused(result, f"SKILLGRAPH_{name.upper()}", value)
    assert not home.exists()


def test_an_address_of_another_machine_is_named(home: Path) -> None:
    result = start(home, free_port(), host="203.0.113.1")
    assert_refused(result, "Cannot listen on 203.0.113.1")
    assert not home.exists()
