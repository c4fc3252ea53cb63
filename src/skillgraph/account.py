"""Opens accounts by name and password or by a token; passwords are kept as argon2 hashes, tokens as digests."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pyoxigraph import NamedNode

from skillgraph.errors import InvalidParameter, NotAllowed, SignInFailed
from skillgraph.ledger import Account, Accounts, Role, Token

SCOPES: Final = ("contribute", "review")
"""What a token may be good for: steps of authors, steps of curators. Reading needs none."""
LEAST_LETTERS: Final = 12
"""Letters that a password must have."""
MOST_LETTERS: Final = 1000
MOST_FAILURES: Final = 5
"""Failed attempts in a row that shut an account."""
LOCKED_MINUTES: Final = 15
MOST_DAYS: Final = 366
"""Days for which a token may be good."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_TOKEN_START: Final = "sg_"  # noqa: S105 - what every token begins with, so that scanners know one that leaked
_HASHER: Final = PasswordHasher()


def make_account(
    accounts: Accounts,
    name: str,
    display_name: str,
    role: Role,
    organisation: str,
    password: str | None,
    by: int | None = None,
) -> Account:
    """Make an account that is opened with a password, or only by a link to an issuer of OpenID Connect.

    ``organisation`` is the IRI of an actor.
    """
    if not _NAME.fullmatch(name):
        raise InvalidParameter(
            f"{name!r} cannot be the name of an account.",
            "Use 2 to 64 of a–z, 0–9, dot, hyphen and underscore, beginning with a letter or digit.",
            "name",
        )
    if not display_name.strip() or not display_name.isprintable():
        raise InvalidParameter(
            "The display name is empty.", "Give what others shall see, such as Ana or Desk 3.", "display-name"
        )
    try:
        NamedNode(organisation)
    except ValueError:
        raise InvalidParameter(
            f"{organisation!r} is not the IRI of an organisation.",
            "Search for it at /search and copy its IRI.",
            "organisation",
        ) from None
    secret = hashed(name, password) if password is not None else None
    return accounts.add(
        name, by, display_name=display_name.strip(), role=role, organisation=organisation, secret=secret
    )


def enter_as(accounts: Accounts, issuer: str, subject: str) -> Account:
    """Return the account that is linked to somebody known to an issuer of OpenID Connect."""
    found = accounts.by_subject(issuer, subject)
    if found is None or not found.active:
        raise SignInFailed(
            "No open account is linked to who you are there.",
            f"Send your administrator this line: skillgraph account link NAME --issuer {issuer} --subject {subject}",
        )
    return accounts.change(found.id, "signed-in", found.id, failures=0, locked_until=None)


def hashed(name: str, password: str) -> str:
    """Return the hash to keep of a password that is good enough."""
    if not LEAST_LETTERS <= len(password) <= MOST_LETTERS:
        raise InvalidParameter(
            f"The password has {len(password)} letters.",
            f"Use at least {LEAST_LETTERS}; four words are a good start.",
            "password",
        )
    if len(set(password)) < 5 or name in password.lower():
        raise InvalidParameter(
            "The password is easily guessed.", "Use other words, without the account's name.", "password"
        )
    return _HASHER.hash(password)


def sign_in(accounts: Accounts, name: str, password: str) -> Account:
    """Return the account that a name and a password open.

    Whether the name, the password or the account's state is at fault is not told; the work is the same for each.
    """
    found = accounts.by_name(name)
    fits = _verified(found.secret if found and found.secret else _nobodys_secret(), password)
    if found is None or found.secret is None or not found.active or found.is_locked() or not fits:
        if found is not None and not fits and not found.is_locked():
            accounts.failed(found.id, MOST_FAILURES, LOCKED_MINUTES)
        raise SignInFailed(
            "Name and password do not open an account.",
            f"Type both again. After {MOST_FAILURES} failures an account stays shut for {LOCKED_MINUTES} minutes; "
            "a forgotten password is reset by your administrator.",
        )
    changes: dict[str, object] = {"failures": 0, "locked_until": None}
    if _HASHER.check_needs_rehash(found.secret):
        changes["secret"] = _HASHER.hash(password)
    return accounts.change(found.id, "signed-in", found.id, **changes)


def make_token(accounts: Accounts, owner: Account, label: str, scopes: Sequence[str], days: int) -> tuple[Token, str]:
    """Return a new token with its secret, which is shown this once and kept as a digest only."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidParameter(f"A token cannot be good for {days} days.", f"Give 1 to {MOST_DAYS}.", "days")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise InvalidParameter("The token is good for nothing known.", f"Choose among: {', '.join(SCOPES)}.", "scope")
    if not label.strip():
        raise InvalidParameter(
            "The token has no label.", "Say where it will be used, such as “nightly upload”.", "label"
        )
    secret = _TOKEN_START + secrets.token_urlsafe(32)
    return accounts.add_token(owner.id, _digest(secret), label.strip()[:100], scopes, days), secret


def by_token(accounts: Accounts, secret: str) -> tuple[Account, tuple[str, ...]]:
    """Return the account of a token and what the token is good for."""
    token = accounts.token_by_digest(_digest(secret))
    owner = accounts.by_id(token.account) if token is not None and token.is_valid() else None
    if token is None or owner is None or not owner.active:
        raise SignInFailed("The token is unknown, expired or revoked.", "Make a new one on your account's page.")
    return owner, tuple(token.scopes.split())


def require_scope(scopes: Iterable[str] | None, needed: str) -> None:
    """Raise ``NotAllowed`` where a token is not good for something; ``None`` stands for a person who is signed in."""
    if scopes is not None and needed not in scopes:
        raise NotAllowed(f"The token is not good for “{needed}”.", "Make a token with that scope.")


def _verified(secret: str, password: str) -> bool:
    try:
        return _HASHER.verify(secret, password[:MOST_LETTERS])
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys_secret() -> str:
    """Return a hash to hold a password against where there is no account, so that both cases take as long."""
    return _HASHER.hash(secrets.token_urlsafe())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
