"""``skillgraph check``."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import track

from skillgraph.check import steps
from skillgraph.cli.output import findings_json, print_findings
from skillgraph.finding import Finding, Severity
from skillgraph.reasoning import java


@click.command(epilog="Example: skillgraph check --format json")
@click.option("--format", "name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--reasoner/--no-reasoner", default=None, help="Run HermiT (needs Java; by default where Java is there).")
def check(name: str, reasoner: bool | None) -> None:
    """Check the ontology, the shapes and the curated data.

    Exit code 0: all is well; 1: there are violations; 2: the check could not run.
    """
    console = Console(stderr=True)
    with_reasoner = java() is not None if reasoner is None else reasoner
    if reasoner is None and not with_reasoner:
        console.print("Skipped: the reasoner, which needs Java (apt-get install default-jre-headless).")
    findings: list[Finding] = []
    for step in track(steps(with_reasoner), "Checking", console=console, transient=True):
        findings += step.run()
    if name == "json":
        click.echo(findings_json(findings))
    else:
        print_findings(findings, nothing="Nothing to mend.")
    sys.exit(any(each.severity is Severity.VIOLATION for each in findings))
