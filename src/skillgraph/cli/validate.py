"""``skillgraph validate``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from skillgraph.cli.output import findings_json, print_findings
from skillgraph.contribution import validate_file
from skillgraph.finding import Severity
from skillgraph.opening import published_graph
from skillgraph.settings import read_settings


@click.command(epilog="Example: skillgraph validate our-agreements.ttl --format json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "es"]),
    default="en",
    show_default=True,
    help="Language of the messages.",
)
def validate(file: Path, name: str, language: str) -> None:
    """Check a file of data before contributing it.

    FILE is Turtle, TriG, N-Triples, N-Quads or RDF/XML. Exit code 0: it can be contributed; 1: there are violations;
    2: it cannot be read.
    """
    findings = validate_file(file, published_graph(read_settings()), language)
    if name == "json":
        click.echo(findings_json(findings))
    else:
        print_findings(findings, nothing=f"{file.name}: nothing to mend.")
    sys.exit(any(each.severity is Severity.VIOLATION for each in findings))
