"""Tools for language models, over the Model Context Protocol: search, describe, ask and query, always with sources.

It needs the extra ``agents``: ``pip install 'skillgraph[agents]'``.
"""

from __future__ import annotations

from typing import Any, Final

from mcp.server.mcpserver import MCPServer

from skillgraph import __version__
from skillgraph.citation import Citation, citations
from skillgraph.client import Client
from skillgraph.errors import SkillGraphError
from skillgraph.graph import Query
from skillgraph.graph.protocol import Term

MOST_ROWS: Final = 200
_ABOUT: Final = (
    "A knowledge graph of occupations, qualifications, recognition decisions, agreements, schemes and actors for "
    "labour mobility. Name the sources and the dataset version of whatever you use. Nothing here is advice to recruit, "
    "or a decision about a qualification; what is not stated is not known: the absence of an assertion is no refusal."
)


def server(client: Client) -> MCPServer[Any]:
    """Return a server whose tools read a running service."""
    tools: MCPServer[Any] = MCPServer("SkillGraph", instructions=_ABOUT, version=__version__)

    @tools.tool()
    def search(text: str, kind: str = "", limit: int = 10) -> dict[str, Any]:
        """Find things by name, in any language, though misspelt. kind is a class such as Occupation or Scheme."""
        return _said(lambda: client.get("/search", q=text, kind=(kind,) if kind else (), limit=str(limit)))

    @tools.tool()
    def describe(iri: str) -> dict[str, Any]:
        """Say what is known of a thing, by IRI or compact IRI such as id:scheme/eps, with the sources it rests on."""
        return _said(lambda: _described(client, iri))

    @tools.tool()
    def questions() -> dict[str, Any]:
        """List the ready questions, with the parameters that each wants."""
        return _said(lambda: {"questions": client.questions().to_dict("records")})

    @tools.tool()
    def ask(question: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Answer a ready question about things given by IRI, compact IRI or name; every row names its sources."""
        return _said(lambda: _with_sources(client, client.get(f"/questions/{question}", **parameters)))

    @tools.tool()
    def query(sparql: str) -> dict[str, Any]:
        """Answer a SPARQL 1.1 SELECT query, read only. The first rows come back; select dct:source to have sources."""
        return _said(lambda: _rows(client, sparql))

    return tools


def _said(answer: Any) -> dict[str, Any]:  # noqa: ANN401 - a function without arguments
    """Return an answer, or what is wrong and what to do about it, which a model can act on."""
    try:
        found: dict[str, Any] = answer()
    except SkillGraphError as fault:
        return {"error": fault.message, "remedy": fault.remedy}
    return found


def _described(client: Client, iri: str) -> dict[str, Any]:
    entity = client.describe(iri)
    return {
        "iri": entity.iri,
        "name": entity.label.text,
        "classes": [kind.text for kind in entity.kinds],
        "statements": {each.name: [one.value.text for one in each.statements[:50]] for each in entity.outgoing},
        "referred_to_by": {
            f"{each.kind}: {each.name}": [one.value.text for one in each.statements[:20]] for each in entity.incoming
        },
        "sources": _cited(client, [source.iri or "" for source in entity.sources]),
        "version": entity.version,
    }


def _with_sources(client: Client, answer: dict[str, Any]) -> dict[str, Any]:
    values = (value for part in answer["parts"] for row in part["rows"] for value in row.get("source", ()))
    return {**answer, "sources": _cited(client, [value["iri"] for value in values if "iri" in value])}


def _cited(client: Client, sources: list[str]) -> list[dict[str, str]]:
    return [_citation(each) for each in citations(client.graph, sources)]


def _citation(citation: Citation) -> dict[str, str]:
    known = {"title": citation.title, "publisher": citation.publisher, "date": citation.issued, "url": citation.address}
    return {"iri": citation.iri, **{name: text for name, text in known.items() if text}}


def _rows(client: Client, sparql: str) -> dict[str, Any]:
    rows = client.graph.select(Query(sparql))
    found = [{name: _text(term) for name, term in row.items()} for row in rows[:MOST_ROWS]]
    sources = [text for row in found for text in row.values() if "/id/source/" in text]
    return {"rows": found, "total": len(rows), "sources": _cited(client, sources), "version": client.graph.version()}


def _text(term: Term) -> str:
    return str(getattr(term, "value", term))
