"""``skillgraph query``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, RdfFormat, parse_query_results

from skillgraph.cli.output import print_table
from skillgraph.errors import InvalidQuery, InvalidRequest
from skillgraph.graph import Answer, Query, ResultFormats
from skillgraph.graph.protocol import ResultKind, Term
from skillgraph.opening import published_graph
from skillgraph.settings import read_settings
from skillgraph.vocabulary import PREFIXES

_FORMATS = {
    "table": ResultFormats(QueryResultsFormat.JSON, RdfFormat.TURTLE),
    "json": ResultFormats(QueryResultsFormat.JSON, RdfFormat.JSON_LD),
    "xml": ResultFormats(QueryResultsFormat.XML, RdfFormat.RDF_XML),
    "csv": ResultFormats(QueryResultsFormat.CSV, None),
    "tsv": ResultFormats(QueryResultsFormat.TSV, None),
    "ttl": ResultFormats(None, RdfFormat.TURTLE),
    "nt": ResultFormats(None, RdfFormat.N_TRIPLES),
}


@click.command(epilog="Example: skillgraph query 'SELECT ?s WHERE { ?s a sg:Scheme }' --format csv")
@click.argument("query")
@click.option("--format", "name", type=click.Choice(list(_FORMATS)), default="table", show_default=True)
def query(query: str, name: str) -> None:
    """Run a SPARQL query on the graph.

    QUERY is the text of a query, the name of a file that holds it, or - for standard input. The prefixes of the
    graph (sg:, id:, country:, isco:, skos: …) are declared already.
    """
    answer = _answer(_read(query), _FORMATS[name])
    if name == "table" and answer.kind is not ResultKind.GRAPH:
        _print(answer)
    else:
        sys.stdout.buffer.write(answer.body.rstrip(b"\n") + b"\n")


def _read(query: str) -> str:
    if query == "-":
        return sys.stdin.read()
    if "{" in query:
        return query
    try:
        return Path(query).read_text(encoding="utf-8")
    except OSError as fault:
        raise InvalidRequest(
            f"{query} is neither a query nor a file that can be read ({fault.strerror}).",
            "Give a query in quotes, a file, or - for standard input.",
        ) from None


def _answer(text: str, formats: ResultFormats) -> Answer:
    """Run a query behind one line of prefixes that it need not declare; errors count its own lines."""
    missing = [f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items() if f"{name}: <" not in text]
    try:
        return published_graph(read_settings()).answer(Query("".join(missing) + "\n" + text), formats)
    except InvalidQuery as fault:
        if fault.line is None:
            raise
        message = fault.message.replace(f"Line {fault.line},", f"Line {fault.line - 1},")
        raise InvalidQuery(message, fault.remedy, fault.line - 1, fault.column) from None


def _print(answer: Answer) -> None:
    results = parse_query_results(answer.body, format=QueryResultsFormat.JSON)
    if isinstance(results, QueryBoolean):
        click.echo("yes" if results else "no")
        return
    names = [variable.value for variable in results.variables]
    print_table(names, [["" if term is None else _text(term) for term in row] for row in results])


def _text(term: Term) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else str(term)
