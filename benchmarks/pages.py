"""Times pages, answers and search over the published data, alone and with further statements loaded beside it."""

from __future__ import annotations

import http.client
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.dataset import WORDS, nquads
from benchmarks.measure import Timing, in_turn
from benchmarks.services import first_answer, free_port, running
from skillgraph.baseline import base_files, publish_base
from skillgraph.ledger import Change, Ledger, open_ledger
from skillgraph.search import Named, NameIndex
from skillgraph.settings import Settings

PAGES = {
    "scheme": "/page/id/scheme/triple-win",
    "country": "/resource?iri=" + quote("http://publications.europa.eu/resource/authority/country/DEU", safe=""),
    "list of schemes": "/kind/Scheme",
    "partnership": "/questions/partnership?occupation=isco:C2221&origin=country:PHL&destination=country:DEU",
    "equivalence": "/questions/equivalence?qualification=id:qualification/hu-nurse-general-assistant"
    "&destination=country:DEU",
    "search": "/search?q=nurs&kind=Occupation&format=json",
    "tiny query": "/sparql?query=ASK%7B%7D",
}
NAMES = 500_000
_CLIENTS = 4
_SECONDS = 5.0


@dataclass(frozen=True)
class PageTimes:
    """What pages cost beside so many further statements: milliseconds, and requests a second where remembered."""

    further_quads: int
    medians_ms: dict[str, float]
    p99_ms: dict[str, float]
    remembered_ms: dict[str, float]
    per_second: dict[str, float]


def measure(further: int, folder: Path, runs: int, say: Callable[[str], None]) -> PageTimes:
    """Serve the published data with further statements, and time each page written anew and remembered."""
    settings = Settings(home=folder)
    ledger = open_ledger(settings.ledger_url)
    publish_base(ledger, base_files())
    if further:
        _load(ledger, further)
    port = free_port()
    command = [sys.executable, "-m", "skillgraph", "serve", "--port", str(port)]
    with running(command, SKILLGRAPH_HOME=str(folder), SKILLGRAPH_REQUESTS_PER_MINUTE=str(10**9)):
        first_answer(port, "/sparql")
        _await_names(port)
        say(f"pages beside {further:,} further quads")
        anew = in_turn({name: _getter(port, path, anew=True) for name, path in PAGES.items()}, runs)
        kept = in_turn({name: _getter(port, path, anew=False) for name, path in PAGES.items()}, runs)
        rates = {name: _rate(port, path) for name, path in PAGES.items()}
    return PageTimes(
        further,
        {name: 1e3 * each.median for name, each in anew.items()},
        {name: 1e3 * each.p99 for name, each in anew.items()},
        {name: 1e3 * each.median for name, each in kept.items()},
        rates,
    )


def search_times(say: Callable[[str], None], names: int = NAMES) -> Timing:
    """Time searches for beginnings and slips of words in an index of many names."""
    chance = random.Random(names)  # noqa: S311 - no secret, but the same each time
    records = list(_names(names, chance))
    with tempfile.TemporaryDirectory() as folder:
        index = NameIndex(Path(folder) / "names")
        start = time.perf_counter()
        index.fill(records)
        say(f"{names:,} names indexed in {time.perf_counter() - start:.1f} s")
        typed = iter([_typed(chance.choice(records).name, chance) for _ in range(2300)])
        return in_turn({"search": lambda: index.find(next(typed))}, 2000)["search"]


def _names(count: int, chance: random.Random) -> Iterator[Named]:
    syllables = [first + second for first in "bcdfglmnprstv" for second in "aeiou"]
    words = [*WORDS, *("".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(30_000))]
    kinds = frozenset({"https://w3id.org/skillgraph/ns#Occupation"})
    for number in range(count):
        name = " ".join(chance.choices(words, k=chance.randint(1, 5)))
        yield Named(f"https://example.org/{number // 2}", name, "en", 3 - 2 * (number % 2), kinds, kinds)


def _typed(name: str, chance: random.Random) -> str:
    """Return what somebody may have typed on the way to a name: its beginning, sometimes with two letters swapped."""
    typed = name[: chance.randint(1, len(name))]
    place = chance.randrange(len(typed))
    if chance.random() < 0.2 and place + 1 < len(typed):
        typed = typed[:place] + typed[place + 1] + typed[place] + typed[place + 2 :]
    return typed


def _load(ledger: Ledger, further: int) -> None:
    graphs: dict[str, list[str]] = {}
    for line in nquads(further):
        graphs.setdefault(line[line.rindex(" <") + 2 : line.rindex(">")], []).append(line)
    changes = [Change(graph, "".join(sorted(lines)).encode(), "") for graph, lines in graphs.items()]
    ledger.publish("benchmark", lambda _: changes)


def _await_names(port: int) -> None:
    get = _getter(port, PAGES["search"], anew=True)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            get()
        except RuntimeError:
            time.sleep(0.2)
        else:
            return


def _getter(port: int, path: str, *, anew: bool) -> Callable[[], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    kind = (
        "application/json, application/sparql-results+json"
        if "format=json" in path or "sparql" in path
        else "text/html"
    )
    headers = {"Accept": kind, **({"Cache-Control": "no-cache"} if anew else {})}

    def get() -> bytes:
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        body = reply.read()
        if reply.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path}: {reply.status} {body[:200]!r}")
        return body

    return get


def _rate(port: int, path: str) -> float:
    """Return how many requests a second several clients get answered."""
    counts: list[int] = []

    def ask() -> None:
        get, count = _getter(port, path, anew=False), 0
        while time.perf_counter() < end:
            get()
            count += 1
        counts.append(count)

    end = time.perf_counter() + _SECONDS
    threads = [threading.Thread(target=ask) for _ in range(_CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / _SECONDS
