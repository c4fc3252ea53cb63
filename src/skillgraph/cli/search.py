"""``skillgraph search``."""

from __future__ import annotations

import json
import sys

import click

from skillgraph.browse import Asked, as_records
from skillgraph.browse import search as search_names
from skillgraph.opening import published_graph
from skillgraph.search import GraphNames
from skillgraph.settings import read_settings
from skillgraph.vocabulary import compact


@click.command(epilog="Example: skillgraph search tripple win --kind Scheme")
@click.argument("text", nargs=-1, required=True)
@click.option("--kind", "kinds", multiple=True, help="Name of a class to find things of, such as Occupation.")
@click.option("--limit", default=20, show_default=True, help="How many to show.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def search(text: tuple[str, ...], kinds: tuple[str, ...], limit: int, form: str) -> None:
    """Find things by name, in any language, though misspelt; exit with 1 where no name comes near."""
    graph = published_graph(read_settings())
    hits = search_names(graph, GraphNames(graph), Asked(" ".join(text), kinds, limit))
    if form == "json":
        click.echo(json.dumps({"results": as_records(hits)}, ensure_ascii=False, indent=1))
    else:
        for each in hits:
            kind = f"  ({each.kind.text})" if each.kind else ""
            click.echo(f"{each.thing.text}{kind}  {compact(each.thing.iri or '')}")
    if not hits:
        click.echo("No name comes near. Try fewer words, another language, or a code such as 2221.", err=True)
        sys.exit(1)
