"""``skillgraph ask``."""

from __future__ import annotations

from collections.abc import Mapping

import click

from skillgraph.answer_text import WRITERS
from skillgraph.errors import InvalidRequest
from skillgraph.label import Value
from skillgraph.opening import published_graph
from skillgraph.part import Row
from skillgraph.question import QuestionAnswer, catalogue, find_question
from skillgraph.question import ask as answer_question
from skillgraph.settings import read_settings


@click.command(
    epilog="Example: skillgraph ask partnership occupation=isco:C2221 origin=country:PHL destination=country:DEU"
)
@click.argument("question", required=False)
@click.argument("given", nargs=-1)
@click.option("--format", "name", type=click.Choice(["text", *WRITERS]), default="text", show_default=True)
def ask(question: str | None, given: tuple[str, ...], name: str) -> None:
    """Answer a question of the catalogue; without arguments, list the questions.

    Parameters are given as NAME=THING: an IRI, one shortened with the prefixes of the graph, or a name that only one
    thing bears.
    """
    if question is None:
        _print_catalogue()
        return
    answer = answer_question(published_graph(read_settings()), find_question(question), _pairs(given))
    if name == "text":
        _print_answer(answer)
    else:
        click.echo(WRITERS[name](answer), nl=False)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise InvalidRequest(f"{each!r} is not NAME=THING.", "Write for example origin=country:PHL.")
        pairs[name] = value
    return pairs


def _print_catalogue() -> None:
    for each in catalogue().values():
        click.echo(f"{each.key}: {each.title}")
        for parameter in each.parameters:
            click.echo(f"    {parameter.name}=…  {parameter.label}, for example {parameter.example}")


def _print_answer(answer: QuestionAnswer) -> None:
    click.echo(answer.question.title)
    for name, value in answer.given.items():
        click.echo(f"  {name}: {value.text} <{value.iri}>")
    for each in answer.parts:
        click.echo(f"\n{each.part.title}")
        if not each.rows:
            click.echo(f"  {each.part.nothing}")
            continue
        for row in each.rows:
            _print_row(each.part.columns, row)
    click.echo(f"\n{answer.question.caution}\nDataset version {answer.version}.")


def _print_row(columns: Mapping[str, str], row: Row) -> None:
    """Print a row as a short paragraph: what it is about, then each further column by name."""
    head, *others = [column for column in columns if column in row]
    click.echo(f"- {_texts(row[head])}")
    for column in others:
        line = f"{columns[column]}: {_texts(row[column])}"
        click.echo(click.wrap_text(line, width=100, initial_indent="    ", subsequent_indent="      "))


def _texts(values: tuple[Value, ...]) -> str:
    return "; ".join(value.text for value in values)
