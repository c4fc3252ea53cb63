"""``skillgraph template``."""

from __future__ import annotations

from pathlib import Path

import click

from skillgraph.contribution.blank_sheets import as_csv, as_workbook
from skillgraph.contribution.columns import class_names, find_class
from skillgraph.contribution.columns import template as template_of
from skillgraph.errors import UnreadableData
from skillgraph.opening import published_graph
from skillgraph.settings import read_settings
from skillgraph.vocabulary import TERMS


@click.command(epilog="Example: skillgraph template Scheme --language fr --output schemes.xlsx")
@click.argument("name", required=False)
@click.option("--output", type=click.Path(path_type=Path), help="File to write, .xlsx or .csv; NAME.xlsx by default.")
@click.option("--language", type=click.Choice(["en", "fr", "es"]), default="en", show_default=True)
def template(name: str | None, output: Path | None, language: str) -> None:
    """Write an empty spreadsheet for records of the class NAME; without NAME, list the classes."""
    graph = published_graph(read_settings())
    if name is None:
        for iri, label in class_names(graph, language).items():
            click.echo(f"{iri.removeprefix(TERMS):24} {label}")
        return
    kind = find_class(graph, name)
    found = template_of(graph, kind, language)
    output = output or Path(f"{kind.removeprefix(TERMS)}.xlsx")
    write = as_csv if output.suffix.lower() == ".csv" else as_workbook
    try:
        output.write_bytes(write(found, language))
    except OSError as fault:
        raise UnreadableData(f"{output} cannot be written: {fault.strerror or fault}.", "Name another file.") from None
    click.echo(f"{output}: {len(found.columns)} columns. When it is filled in: skillgraph validate {output}")
