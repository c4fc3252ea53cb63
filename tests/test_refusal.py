"""SERVICE is refused in every disguise, and nothing else is."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryBoolean, Store

from skillgraph.errors import RefusedQuery
from skillgraph.graph import Query, ResultFormats
from skillgraph.graph.grammar import uses
from skillgraph.graph.memory import MemoryGraph
from skillgraph.graph.refusal import refuse_service

CASES = Path(__file__).parent / "cases" / "refusal"
ELSEWHERE = "<http://127.0.0.1:9/>"
"""An endpoint that the engine refuses to call, by its port: it says so instead of calling."""


def texts(kind: str) -> list[object]:
    return [pytest.param(path.read_bytes().decode(), id=path.stem) for path in sorted((CASES / kind).glob("*.rq"))]


@pytest.mark.parametrize("text", texts("refused"))
def test_a_call_is_refused(text: str) -> None:
    assert is_query(text), "the case must be one that the engine would run"
    with pytest.raises(RefusedQuery, match="SERVICE"):
        refuse_service(text)


@pytest.mark.parametrize("text", texts("allowed"))
def test_an_innocent_query_is_answered(text: str) -> None:
    refuse_service(text)
    MemoryGraph(0, []).answer(Query(text), ResultFormats())


def is_query(text: str) -> bool:
    """Tell whether the engine can parse a text; what it meets while it runs does not matter."""
    try:
        Store().query(text)
    except SyntaxError:
        return False
    except (OSError, RuntimeError):
        return True
    return True


def calls(text: str) -> bool:
    """Tell whether the engine, left alone, tries to call the endpoint (cases with SILENT hide it)."""
    store = Store()
    store.add(Quad(NamedNode("a:s"), NamedNode("a:p"), Literal(1)))
    try:
        results = store.query(text, use_default_graph_as_union=True)
        if not isinstance(results, QueryBoolean):
            list(results)
    except OSError as fault:
        return "port 9 is not allowed" in str(fault)
    except (SyntaxError, RuntimeError):
        return False
    return False


GAPS = st.sampled_from(["", " ", "\n", "\t", "#c\n", "# SERVICE <a:> {\n", "#'\r", '#"""\n', "#>\n", " #<\n "])
NAMES = st.sampled_from(["service", "Service", "SERVICE", "servicé", "x·", "、"])
ENDPOINTS = st.sampled_from(
    [
        ELSEWHERE,
        "<http://127.0.0.1:9/\\u0023>",
        "<http://127.0.0.1:9/\\u0027#>",
        "p:",
        "p:x",
        "p:、",
        "p:\\#",
        "service:",
        ":x",
    ]
)
SPELLINGS = st.sampled_from(
    ["SERVICE", "service", "sErViCe", "SERVICESILENT", "SERVICE SILENT", "\\u0053ERVICE", "ſervice"]
)
STRINGS = st.sampled_from(
    [
        "'x'",
        '"x"',
        "'''x'''",
        '"""x"""',
        "'\\''",
        '"\\""',
        "'#'",
        '"""""x"""',
        "'SERVICE p:x {}'",
        '"\\u0022"',
        "'<'",
        "'a'@service",
    ]
)
IRIS = st.sampled_from(
    ["<a:#>", "<a:'>", "<a:\\u0027#>", "<a:service>", "<service:x#'>", "p:service", "service:x", "p:\\'", "<a:p>"]
)
WORDS = st.sampled_from(
    ["service", "{", "}", "'", '"""', "#", "<", ">", ":", '?a<b:c#>"""', "FILTER(", ")", ".", ELSEWHERE, "?x"]
)


@st.composite
def calls_in_disguise(draw: st.DrawFn) -> str:
    return f"{draw(SPELLINGS)}{draw(GAPS)}{draw(ENDPOINTS)}{draw(GAPS)}{{{draw(GAPS)}}}"


@st.composite
def innocents(draw: st.DrawFn) -> str:
    patterns = [
        f"VALUES ?{draw(NAMES)} {{ {draw(STRINGS)}{draw(GAPS)}{draw(IRIS)} }}",
        f"OPTIONAL {{ ?s ?p {draw(STRINGS)}{draw(GAPS)}}}",
        f"FILTER(1<2{draw(GAPS)}&& {draw(STRINGS)} != {draw(IRIS)})",
        f"FILTER(?a<p:c{draw(GAPS)}|| true)",
        f"FILTER(?a{draw(GAPS)}<{draw(GAPS)}p:c#>{draw(STRINGS)}\n|| true)",
        f"{{}} UNION {{ {draw(IRIS)} {draw(IRIS)} {draw(STRINGS)} }}",
        f"OPTIONAL {{ GRAPH {draw(IRIS)}{draw(GAPS)}{{ ?s ?p ?{draw(NAMES)} }} }}",
        f"{{ {draw(st.lists(WORDS, max_size=4).map(' '.join))} }}",
    ]
    return draw(st.sampled_from(patterns))


@st.composite
def queries(draw: st.DrawFn) -> str:
    elements = draw(st.lists(innocents() | calls_in_disguise(), min_size=1, max_size=4))
    body = "".join(element + draw(GAPS) for element in elements)
    form = draw(st.sampled_from(["SELECT * WHERE", "ASK", "CONSTRUCT { ?a <a:p> 1 } WHERE", "SELECT*"]))
    prefixes = "PREFIX p: <http://127.0.0.1:9/>PREFIX service: <http://127.0.0.1:9/>PREFIX : <http://127.0.0.1:9/>"
    return f"{prefixes}{draw(GAPS)}\n{form}{draw(GAPS)}{{{body}\n}}"


@given(queries())
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_would_call_is_refused(text: str) -> None:
    if calls(text):
        with pytest.raises(RefusedQuery):
            refuse_service(text)


@given(st.lists(innocents(), min_size=1, max_size=3).map(lambda parts: "\n".join(parts)))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_holds_no_call_is_not_refused(body: str) -> None:
    prefixes = "PREFIX p: <urn:x:> PREFIX service: <urn:x:> "
    if "service {" not in body.lower():
        refuse_service(f"{prefixes}SELECT * WHERE {{ {body} }}")


def test_the_property_is_not_idle() -> None:
    """Keep the property above from passing because nothing that is drawn calls."""
    found = find(queries(), lambda text: calls(text) and "#" in text and "'" in text and "<a:" in text)
    assert "service" in found.lower()


@pytest.mark.parametrize("text", texts("refused"))
def test_the_look_at_a_text_sends_nothing(text: str) -> None:
    with listener() as (port, connections):
        assert uses(text.replace("127.0.0.1:9/", f"127.0.0.1:{port}/"), "service")
    assert connections == []


@contextmanager
def listener() -> Iterator[tuple[int, list[object]]]:
    """Listen on loopback; yield the port and a list of the connections made."""
    connections: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def accept() -> None:
            while server.fileno() >= 0:
                try:
                    connection, address = server.accept()
                except OSError:
                    continue
                connections.append(address)
                connection.close()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], connections
    thread.join()


HOSTILE = {
    "calls": "SERVICE" * 37_000,
    "calls in comments": "#SERVICE" * 32_000,
    "comments": "SERVICE" + "#\n" * 120_000,
    "gap": "SERVICE" + " " * 250_000,
    "brackets": "<" * 250_000 + "service",
    "comparisons": "service ASK { FILTER(" + "?a<b:c#>" * 30_000,
    "quotes": "service '" + "''' " * 60_000,
    "escapes": "service " + "\\u0073" * 40_000,
    "innocents": "SELECT * WHERE { VALUES ?service { " + "'SERVICE <x> {' " * 14_000 + "} }",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_long_hostile_text_is_looked_at_in_passing(text: str) -> None:
    """A look whose time grew with the square of the length would take hours; the limit only ends such a hang."""
    code = (
        "import sys\nfrom skillgraph.graph.refusal import refuse_service\n"
        "try:\n refuse_service(sys.stdin.read())\nexcept Exception as fault:\n print(type(fault).__name__)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, timeout=60, check=True
    )
    assert result.stdout.strip() in ("", "RefusedQuery")
