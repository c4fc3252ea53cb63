"""``skillgraph validate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from skillgraph.cli.output import print_findings
from skillgraph.contribution import validate_file
from skillgraph.contribution.report import as_github, as_json, as_turtle
from skillgraph.opening import published_graph
from skillgraph.settings import read_settings


@click.command(epilog="Example: skillgraph validate our-agreements.ttl --format json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "name",
    type=click.Choice(["text", "json", "turtle", "github"]),
    default="text",
    show_default=True,
    help="turtle is a SHACL report; github annotates the lines of the file in a workflow.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "es"]),
    default="en",
    show_default=True,
    help="Language of the messages.",
)
def validate(file: Path, name: str, language: str) -> None:
    """Check a file of data before contributing it.

    FILE is a filled template (.xlsx, .csv), or Turtle, TriG, N-Triples, N-Quads, JSON-LD or RDF/XML, perhaps compressed
    (.gz, .zst). Exit code 0: it can be contributed; 1: there are violations; 2: it cannot be read.
    """
    report = validate_file(file, published_graph(read_settings()), language)
    if name == "json":
        click.echo(as_json(report))
    elif name == "turtle":
        click.echo(as_turtle(report), nl=False)
    elif name == "github":
        click.echo(as_github(report, str(file)), nl=False)
    else:
        print_findings(report.findings, nothing=f"{file.name}: nothing to mend.")
        if report.left_out:
            click.echo(f"{report.left_out:,} more findings are not listed.")
    sys.exit(not report.is_acceptable)
