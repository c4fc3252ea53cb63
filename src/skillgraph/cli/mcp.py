"""``skillgraph mcp``."""

from __future__ import annotations

import click


@click.command(epilog="Example: skillgraph mcp --address http://127.0.0.1:8000")
@click.option("--address", default="http://127.0.0.1:8000", show_default=True, help="The running service to read.")
def mcp(address: str) -> None:
    """Serve tools for language models over the Model Context Protocol, on standard input and output."""
    try:
        from skillgraph.agents import server
        from skillgraph.client import Client
    except ImportError as fault:
        raise click.ClickException(f"{fault.name} is missing; install it: pip install 'skillgraph[agents]'.") from None
    server(Client(address)).run()
