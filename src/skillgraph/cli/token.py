"""``skillgraph token``."""

from __future__ import annotations

import json

import click

from skillgraph.account import MOST_DAYS, SCOPES, make_token
from skillgraph.cli.account import named, open_accounts
from skillgraph.cli.output import print_table


@click.group(epilog="Example: skillgraph token add ana --label 'nightly upload' --days 90")
def token() -> None:
    """Manage the tokens with which programs act for an account."""


@token.command(epilog="Example: skillgraph token add ana --label 'nightly upload' --days 90")
@click.argument("name")
@click.option("--label", required=True, help="Where the token will be used.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, default=("contribute",), show_default=True)
@click.option("--days", default=90, show_default=True, help=f"Days until it expires, at most {MOST_DAYS}.")
def add(name: str, label: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token for the account NAME and print it, this once."""
    accounts = open_accounts()
    made, secret = make_token(accounts, named(accounts, name), label, scopes, days)
    click.echo(secret)
    click.echo(
        f"Token {made.id} is good for {made.scopes} until {made.expires_at[:10]}. Keep it: it is not shown again.",
        err=True,
    )


@token.command("list", epilog="Example: skillgraph token list ana --format json")
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_tokens(name: str, form: str) -> None:
    """List the tokens of the account NAME."""
    accounts = open_accounts()
    found = accounts.tokens_of(named(accounts, name).id)
    heads = ["number", "label", "scopes", "expires", "state"]
    rows = [
        [
            str(each.id),
            each.label,
            each.scopes,
            each.expires_at[:10],
            "good" if each.is_valid() else "expired or revoked",
        ]
        for each in found
    ]
    if form == "json":
        click.echo(
            json.dumps({"tokens": [dict(zip(heads, row, strict=True)) for row in rows]}, ensure_ascii=False, indent=1)
        )
    else:
        print_table(heads, rows)


@token.command(epilog="Example: skillgraph token revoke 3")
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Revoke the token with the NUMBER that the list shows."""
    revoked = open_accounts().revoke_token(number)
    click.echo(f"Token {revoked.id} ({revoked.label}) is good for nothing from now on.")
