"""``skillgraph account``."""

from __future__ import annotations

import json
import secrets
import sys

import click
from pyoxigraph import NamedNode

from skillgraph.account import hashed, make_account
from skillgraph.cli.output import print_table
from skillgraph.errors import InvalidParameter, UnknownAccount
from skillgraph.graph import Query
from skillgraph.ledger import Account, Accounts, Role, open_database
from skillgraph.opening import published_graph
from skillgraph.resources import query_text
from skillgraph.settings import read_settings
from skillgraph.vocabulary import expand


@click.group(epilog="Example: skillgraph account add ana --role curator --organisation id:actor/dmw")
def account() -> None:
    """Manage the accounts of those who contribute and review."""


@account.command(epilog="Example: skillgraph account add ana --role curator --organisation id:actor/dmw")
@click.argument("name")
@click.option("--display-name", help="What others see; the name by default.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.CONTRIBUTOR.value, show_default=True
)
@click.option("--organisation", required=True, help="IRI of the actor for which the account acts.")
@click.option("--unlisted", is_flag=True, help="Let it be an organisation that the graph does not have yet.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate", is_flag=True, help="Make up a password and print it once.")
@click.option("--without-password", is_flag=True, help="Let it be opened only by a link to OpenID Connect.")
def add(
    name: str,
    display_name: str | None,
    role: str,
    organisation: str,
    unlisted: bool,
    password_stdin: bool,
    generate: bool,
    without_password: bool,
) -> None:
    """Make an account named NAME."""
    if not unlisted:
        _require_actor(organisation)
    password = None if without_password else _password(password_stdin, generate)
    made = make_account(open_accounts(), name, display_name or name, Role(role), expand(organisation), password)
    click.echo(f"Account {made.name} ({made.role}) acts for {made.organisation}.")
    if generate:
        click.echo(f"Password, shown this once: {password}")


def _require_actor(organisation: str) -> None:
    """Refuse an organisation that is no actor of the graph; what is no IRI is refused later."""
    try:
        node = NamedNode(expand(organisation))
    except ValueError:
        return
    if not published_graph(read_settings()).ask(Query(query_text("pages/known-actor"), {"choice": node})):
        raise InvalidParameter(
            f"The graph has no actor {organisation}.",
            "Find it with /search, or publish its description first; --unlisted makes the account all the same.",
            "organisation",
        )


@account.command("list", epilog="Example: skillgraph account list --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_accounts(form: str) -> None:
    """List the accounts."""
    found = open_accounts().all()
    if form == "json":
        click.echo(json.dumps({"accounts": [_document(each) for each in found]}, ensure_ascii=False, indent=1))
        return
    rows = [[each.name, each.display_name, each.role, each.organisation, _state(each)] for each in found]
    print_table(["name", "shown as", "role", "organisation", "state"], rows)


@account.command(epilog="Example: skillgraph account change ana --role admin")
@click.argument("name")
@click.option("--display-name")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--organisation", help="IRI of the actor for which the account acts from now on.")
@click.option(
    "--enable/--disable", "active", default=None, help="Open or shut the account; shutting ends its sessions."
)
def change(
    name: str, display_name: str | None, role: str | None, organisation: str | None, active: bool | None
) -> None:
    """Change the account NAME; its sessions end."""
    if organisation:
        _require_actor(organisation)
    accounts = open_accounts()
    found = named(accounts, name)
    given = {
        "display_name": display_name,
        "role": role,
        "organisation": organisation and expand(organisation),
        "active": active,
    }
    values = {key: value for key, value in given.items() if value is not None}
    accounts.change(found.id, "account-changed", None, **values, era=found.era + 1, failures=0, locked_until=None)
    click.echo(f"Account {name} was changed; its sessions have ended.")


@account.command(epilog="Example: skillgraph account password ana --generate")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate", is_flag=True, help="Make up a password and print it once.")
def password(name: str, password_stdin: bool, generate: bool) -> None:
    """Give the account NAME a new password; its sessions end and it is no longer locked."""
    accounts = open_accounts()
    found = named(accounts, name)
    chosen = _password(password_stdin, generate)
    secret = hashed(found.name, chosen)
    accounts.change(found.id, "password-changed", None, secret=secret, era=found.era + 1, failures=0, locked_until=None)
    click.echo(f"Account {name} has a new password; its sessions have ended.")
    if generate:
        click.echo(f"Password, shown this once: {chosen}")


@account.command(epilog="Example: skillgraph account link ana --issuer https://orcid.org --subject 0000-0002-1825-0097")
@click.argument("name")
@click.option("--issuer", help="Issuer of OpenID Connect.")
@click.option("--subject", help="By what the issuer knows the person.")
def link(name: str, issuer: str | None, subject: str | None) -> None:
    """Let the account NAME be opened by signing in at an issuer; without options, no more. Its sessions end."""
    if (issuer is None) != (subject is None):
        raise click.UsageError("Give both --issuer and --subject, or neither to take the link away.")
    accounts = open_accounts()
    found = named(accounts, name)
    accounts.change(found.id, "account-linked", None, issuer=issuer, subject=subject, era=found.era + 1)
    click.echo(f"Account {name} is linked to {issuer}." if issuer else f"Account {name} has no link any more.")


@account.command(epilog="Example: skillgraph account log --most 50 --format json")
@click.option("--most", default=100, show_default=True, help="Lines to show, the newest first.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def log(most: int, form: str) -> None:
    """Show who did what with accounts and tokens."""
    accounts = open_accounts()
    names = {each.id: each.name for each in accounts.all()}
    lines = [
        (each.at, names.get(each.account or 0, "operator"), each.act, each.about) for each in accounts.audit_log(most)
    ]
    if form == "json":
        heads = ("at", "by", "act", "about")
        click.echo(
            json.dumps({"log": [dict(zip(heads, line, strict=True)) for line in lines]}, ensure_ascii=False, indent=1)
        )
    else:
        print_table(["at", "by", "act", "about"], lines)


def open_accounts() -> Accounts:
    """Return the accounts of the ledger that the settings name."""
    return Accounts(open_database(read_settings().ledger_url))


def named(accounts: Accounts, name: str) -> Account:
    """Return an account by its name; raise ``UnknownAccount`` where there is none."""
    found = accounts.by_name(name)
    if found is None:
        raise UnknownAccount(f"There is no account {name!r}.", "See: skillgraph account list.")
    return found


def _password(from_stdin: bool, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(15)
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    chosen: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return chosen


def _state(each: Account) -> str:
    return "locked" if each.is_locked() else "open" if each.active else "disabled"


def _document(each: Account) -> dict[str, str]:
    return {
        "name": each.name,
        "displayName": each.display_name,
        "role": each.role,
        "organisation": each.organisation,
        "state": _state(each),
    }
