"""``skillgraph coverage``."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from skillgraph.coverage import as_markdown
from skillgraph.coverage import coverage as counted
from skillgraph.opening import published_graph
from skillgraph.settings import read_settings


@click.command(epilog="Example: skillgraph coverage > coverage.md")
@click.option("--format", "name", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
def coverage(name: str) -> None:
    """Count records by class, theme, region, role, source and language."""
    tables = counted(published_graph(read_settings()))
    if name == "json":
        click.echo(json.dumps([asdict(each) for each in tables], ensure_ascii=False, indent=1))
    else:
        click.echo(as_markdown(tables), nl=False)
