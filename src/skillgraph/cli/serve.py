"""``skillgraph serve``."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from skillgraph.baseline import base_files, publish_base
from skillgraph.ledger import open_ledger
from skillgraph.serving.supervisor import Supervisor, listen
from skillgraph.settings import read_settings


@click.command(epilog="Example: skillgraph serve --port 8080 --home /var/lib/skillgraph")
@click.option("--host", help="Address to listen on (SKILLGRAPH_HOST; 127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on (SKILLGRAPH_PORT; 8000).")
@click.option(
    "--home", type=click.Path(path_type=Path), help="Folder for the ledger (SKILLGRAPH_HOME; skillgraph-data)."
)
def serve(host: str | None, port: int | None, home: Path | None) -> None:
    """Build the graph and serve it to browsers and programs."""
    settings = read_settings(host=host, port=port, home=home)
    console = Console(stderr=True)
    with listen(settings) as listener:
        ledger = open_ledger(settings.ledger_url)
        files = base_files()
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("Reading the base", total=len(files))
            revisions = publish_base(ledger, files, lambda _: progress.advance(task))
        console.print(
            f"Ledger {settings.home / 'ledger.sqlite'}: version {ledger.version()}"
            + (f", {len(revisions)} graphs new or changed." if revisions else ", up to date.")
        )
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{settings.port}/"
        Supervisor(settings, listener).run(
            lambda: console.print(f"Open [link={address}]{address}[/link] (SPARQL at {address}sparql). Ctrl-C stops.")
        )
