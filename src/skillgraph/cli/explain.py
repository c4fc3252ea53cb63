"""``skillgraph explain``."""

from __future__ import annotations

import json
import sys

import click
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from skillgraph.entailment import Reason, Statement
from skillgraph.entailment import explain as explained
from skillgraph.errors import InvalidRequest
from skillgraph.opening import published_graph
from skillgraph.settings import read_settings
from skillgraph.vocabulary import RDF_TYPE, compact, expand


@click.command(epilog="Example: skillgraph explain isco:C2221 sg:fallsUnder isco:C2")
@click.argument("subject")
@click.argument("predicate")
@click.argument("object_", metavar="OBJECT")
@click.option("--format", "name", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(subject: str, predicate: str, object_: str, name: str) -> None:
    """Say why a statement stands in the graph: where it is stated, or by which rule it follows from what.

    IRIs may be shortened with the prefixes of the graph; an OBJECT in quotation marks is a literal, written as in
    Turtle. Exit code 0: the statement stands; 1: it does not.
    """
    statement = (_iri(subject), RDF_TYPE if predicate == "a" else _iri(predicate), _object(object_))
    reason = explained(published_graph(read_settings()), statement)
    if name == "json":
        click.echo(json.dumps(_as_json(reason) if reason else None, ensure_ascii=False, indent=1))
    elif reason is None:
        click.echo(f"{_words(statement)}: this does not stand in the graph. It does not follow that it is false.")
    else:
        _print(reason, "")
    sys.exit(reason is None)


def _print(reason: Reason, indent: str) -> None:
    click.echo(f"{indent}{_words(reason.statement)}")
    for graph in reason.graphs:
        click.echo(f"{indent}  stated in {compact(graph)}")
    for source in reason.sources:
        click.echo(f"{indent}  source {compact(source)}")
    if reason.rule:
        click.echo(f"{indent}  derived by the rule {reason.rule.name}: {reason.rule.words}")
    for premise in reason.premises:
        _print(premise, f"{indent}  ")


def _as_json(reason: Reason) -> dict[str, object]:
    subject, predicate, value = reason.statement
    return {
        "subject": subject.value,
        "predicate": predicate.value,
        "object": value.value,
        "graphs": reason.graphs,
        "sources": reason.sources,
        "rule": reason.rule.name if reason.rule else None,
        "premises": [_as_json(each) for each in reason.premises],
    }


def _words(statement: Statement) -> str:
    return " ".join(compact(each.value) if isinstance(each, NamedNode) else str(each) for each in statement)


def _iri(text: str) -> NamedNode:
    try:
        return NamedNode(expand(text))
    except ValueError:
        raise InvalidRequest(f"{text!r} is not an IRI.", "Give one such as isco:C2221 or id:scheme/palim.") from None


def _object(text: str) -> NamedNode | Literal:
    if not text.startswith('"'):
        return _iri(text)
    try:
        [triple] = parse(f"<x:s> <x:p> {text} .", format=RdfFormat.TURTLE, base_iri="x:")
    except (SyntaxError, ValueError):
        triple = None
    if triple is None or not isinstance(triple.object, Literal):
        raise InvalidRequest(f"{text} is not a literal.", "Write it as in Turtle, such as '\"PALIM\"@en'.")
    return triple.object
