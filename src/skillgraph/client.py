"""A client of a running service: queries and questions as data frames, things as records with their sources.

It needs the extra ``client``: ``pip install 'skillgraph[client]'``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

import pandas
from pyoxigraph import Literal, NamedNode

from skillgraph.citation import Citation, citations
from skillgraph.entity import Entity, describe
from skillgraph.errors import RemoteFault
from skillgraph.graph import Query
from skillgraph.graph.protocol import Term
from skillgraph.graph.remote import RemoteGraph
from skillgraph.vocabulary import compact, expand, prefix_lines

_NUMBERS = ("integer", "decimal", "double", "float", "int", "long")


@dataclass(frozen=True)
class PartFrame:
    """The rows of one part of an answer: names in columns, IRIs in columns that end with ``_iri``; empty if nothing."""

    title: str
    nothing_found: str
    table: pandas.DataFrame


@dataclass(frozen=True)
class AnswerFrames:
    """The answer to a question: what to mind, its parts by key, its sources, and the dataset version."""

    title: str
    caution: str
    version: int
    parts: Mapping[str, PartFrame]
    sources: tuple[Citation, ...]

    def __getitem__(self, part: str) -> pandas.DataFrame:
        return self.parts[part].table


class Client:
    """A service at an address such as ``http://127.0.0.1:8000``."""

    def __init__(self, address: str = "http://127.0.0.1:8000", seconds: float = 60.0) -> None:
        self.address = address.rstrip("/")
        self.graph = RemoteGraph(f"{self.address}/sparql", seconds)
        self._seconds = seconds

    def query(self, text: str) -> pandas.DataFrame:
        """Return the rows of a SELECT query; the graph's prefixes need no declaration, and numbers are numbers."""
        rows = self.graph.select(Query(text if "PREFIX" in text.upper() else prefix_lines() + text))
        return pandas.DataFrame([{name: _plain(term) for name, term in row.items()} for row in rows])

    def ask(self, question: str, **given: str) -> AnswerFrames:
        """Answer a question of the catalogue about things given by IRI, compact IRI or name.

        Raise ``RemoteFault`` where the question or a thing is not known; it says what comes near.
        """
        said = self.get(f"/questions/{quote(question)}", **given)
        parts = {each["part"]: _part(each) for each in said["parts"]}
        iris = {value for each in parts.values() for value in _iris(each.table)}
        return AnswerFrames(said["title"], said["caution"], said["version"], parts, tuple(citations(self.graph, iris)))

    def describe(self, iri: str, language: str = "en") -> Entity:
        """Return what the graph says about a thing, each statement with its graphs and sources."""
        return describe(self.graph, expand(iri), language)

    def search(self, text: str, *kinds: str, limit: int = 20) -> pandas.DataFrame:
        """Return things by name, the best first; kinds are names of classes, such as ``Occupation``."""
        said = self.get("/search", q=text, kind=kinds, limit=str(limit))
        return pandas.DataFrame(said["results"])

    def questions(self) -> pandas.DataFrame:
        """Return the questions of the catalogue, with what each wants to know."""
        paths = self.get("/openapi.json")["paths"].items()
        asked = [(path, each["get"]) for path, each in paths if path.startswith("/questions/")]
        return pandas.DataFrame(
            {
                "question": path.removeprefix("/questions/"),
                "title": each["summary"],
                "parameters": ", ".join(one["name"] for one in each["parameters"] if "name" in one),
            }
            for path, each in asked
        )

    def get(self, path: str, **given: str | tuple[str, ...]) -> Any:  # noqa: ANN401 - whatever JSON there is
        """Return the JSON at a path; raise ``RemoteFault`` with what the service says is wrong."""
        address = f"{self.address}{path}?{urlencode({**given, 'format': 'json'}, doseq=True)}"
        try:
            with urlopen(Request(address), timeout=self._seconds) as reply:  # noqa: S310 - the caller's own address
                return json.load(reply)
        except HTTPError as fault:
            raise _fault(fault) from None
        except (URLError, OSError) as fault:
            raise RemoteFault(f"{self.address} cannot be reached ({fault}).", "Check whether it runs.") from None


def _fault(fault: HTTPError) -> RemoteFault:
    try:
        said = json.load(fault)
    except ValueError:
        said = {}
    near = ", ".join(f"{each['name']} ({compact(each['iri'])})" for each in said.get("suggestions") or ())
    remedy = str(said.get("remedy", "Try again later."))
    return RemoteFault(str(said.get("detail", f"Status {fault.code}.")), f"{remedy} {near}".strip())


def _part(said: Mapping[str, Any]) -> PartFrame:
    rows = []
    for row in said["rows"]:
        flat: dict[str, str] = {}
        for column, values in row.items():
            flat[column] = "; ".join(each["text"] for each in values)
            if any("iri" in each for each in values):
                flat[f"{column}_iri"] = " ".join(each["iri"] for each in values if "iri" in each)
        rows.append(flat)
    return PartFrame(said["title"], said["nothing_found"] or "", pandas.DataFrame(rows))


def _iris(table: pandas.DataFrame) -> set[str]:
    if "source_iri" not in table:
        return set()
    return {iri for cell in table["source_iri"].dropna() for iri in str(cell).split()}


def _plain(term: Term) -> str | float | int:
    if isinstance(term, Literal) and term.datatype.value.rsplit("#", 1)[-1] in _NUMBERS:
        number = float(term.value)
        return int(number) if number.is_integer() and "." not in term.value else number
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
