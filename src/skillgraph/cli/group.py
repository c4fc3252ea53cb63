"""The command group; a command's module is imported only when that command runs, so that help is quick."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from skillgraph.errors import SkillGraphError

_COMMANDS = {
    "serve": "Build the graph and serve it to browsers and programs.",
    "query": "Run a SPARQL query on the graph.",
    "ask": "Answer a question of the catalogue.",
    "search": "Find things by name.",
    "validate": "Check a file of data before contributing it.",
    "template": "Write an empty spreadsheet for contributions.",
    "load": "Take files of RDF into the ledger.",
    "backup": "Copy the whole ledger into a file.",
    "restore": "Copy a backup into an empty ledger.",
    "verify": "Hold the ledger or a backup against its own digests.",
    "rebuild": "Build the running service's copy of the graph anew.",
    "export": "Write the dataset, as it is or as it was.",
    "account": "Manage the accounts of those who contribute and review.",
    "token": "Manage the tokens with which programs act for an account.",
    "explain": "Say why a statement stands in the graph.",
    "top": "Show the queries that run now, and end one of them.",
    "mcp": "Serve tools for language models.",
    "coverage": "Count what the graph holds.",
    "check": "Check the ontology, the shapes and the curated data.",
}


_MODULES = dict.fromkeys(("backup", "restore", "verify", "rebuild", "export"), "keeping")
"""Modules of the commands that do not have one of their own."""


class _Commands(click.Group):
    """Knows the commands by name and loads them late."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """Return the names in the order of the table above."""
        return list(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Load one command."""
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"skillgraph.cli.{_MODULES.get(name, name)}"), name)
        return command

    def format_commands(self, _context: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Commands, epilog="Example: skillgraph serve --port 8080")
@click.version_option(package_name="skillgraph")
def cli() -> None:
    """Serve, query and check a knowledge graph of skills, stakeholders and schemes for labour mobility.

    Exit codes: 0 all is well, 1 something was found that must be mended, 2 the command could not run.
    """


def main() -> None:
    """Run the command line and show errors as one sentence and a remedy."""
    try:
        cli()
    except SkillGraphError as fault:
        click.echo(f"{fault.title}. {fault.message}\n{fault.remedy}", err=True)
        sys.exit(2)
