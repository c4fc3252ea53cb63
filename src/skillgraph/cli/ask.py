"""``skillgraph ask``."""

from __future__ import annotations

import click

from skillgraph.answer_text import as_csv, as_json_text
from skillgraph.cli.output import print_table
from skillgraph.errors import InvalidRequest
from skillgraph.opening import published_graph
from skillgraph.question import QuestionAnswer, catalogue, find_question
from skillgraph.question import ask as answer_question
from skillgraph.settings import read_settings


@click.command(
    epilog="Example: skillgraph ask partnership occupation=isco:C2221 origin=country:PHL destination=country:DEU"
)
@click.argument("question", required=False)
@click.argument("given", nargs=-1)
@click.option("--format", "name", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
def ask(question: str | None, given: tuple[str, ...], name: str) -> None:
    """Answer a question of the catalogue; without arguments, list the questions.

    Parameters are given as NAME=IRI; IRIs may be shortened with the prefixes of the graph.
    """
    if question is None:
        _print_catalogue()
        return
    answer = answer_question(published_graph(read_settings()), find_question(question), _pairs(given))
    if name == "json":
        click.echo(as_json_text(answer), nl=False)
    elif name == "csv":
        click.echo(as_csv(answer), nl=False)
    else:
        _print_answer(answer)


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals:
            raise InvalidRequest(f"{each!r} is not NAME=IRI.", "Write for example origin=country:PHL.")
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
        rows = [[row[column].text if column in row else "" for column in each.used] for row in each.rows]
        print_table([each.part.columns[column] for column in each.used], rows)
    click.echo(f"\n{answer.question.caution}\nDataset version {answer.version}.")
