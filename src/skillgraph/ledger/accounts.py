"""Accounts, their tokens, and who did what with them; secrets are kept as digests only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from skillgraph.errors import AccountConflict, UnknownAccount, UnknownToken
from skillgraph.ledger.ledger import Database, now
from skillgraph.ledger.schema import account, audit, token


class Role(StrEnum):
    """What an account may do; each role may also do what those before it may."""

    CONTRIBUTOR = "contributor"
    CURATOR = "curator"
    ADMIN = "admin"

    def may_act_as(self, needed: Role) -> bool:
        """Tell whether this role includes another."""
        roles = list(Role)
        return roles.index(self) >= roles.index(needed)


@dataclass(frozen=True)
class Account:
    """Somebody who may contribute, and the organisation, an IRI, in whose name; only ``display_name`` is public."""

    id: int
    name: str
    display_name: str
    role: Role
    organisation: str
    secret: str | None
    issuer: str | None
    subject: str | None
    active: bool
    failures: int
    locked_until: str | None
    era: int
    made_at: str

    def is_locked(self) -> bool:
        """Tell whether too many failed attempts keep the account shut at this moment."""
        return self.locked_until is not None and self.locked_until > now()


@dataclass(frozen=True)
class Token:
    """A key for programs; ``digest`` is the SHA-256 of what was shown once."""

    id: int
    account: int
    label: str
    digest: str
    scopes: str
    made_at: str
    expires_at: str
    revoked_at: str | None

    def is_valid(self) -> bool:
        """Tell whether the token is neither expired nor revoked."""
        return self.revoked_at is None and self.expires_at > now()


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit log; ``account`` is ``None`` for what the operator did."""

    id: int
    at: str
    account: int | None
    act: str
    about: str


class Accounts(Database):
    """The accounts in the ledger's database."""

    def by_name(self, name: str) -> Account | None:
        """Return the account that is signed in with a name."""
        return self._one(account.c.name == name)

    def by_id(self, number: int) -> Account | None:
        """Return an account by its number."""
        return self._one(account.c.id == number)

    def by_subject(self, issuer: str, subject: str) -> Account | None:
        """Return the account of a person known to an issuer of OpenID Connect."""
        return self._one((account.c.issuer == issuer) & (account.c.subject == subject))

    def all(self) -> list[Account]:
        """Return all accounts, sorted by name."""
        with self._reading() as connection:
            return [_account(row) for row in connection.execute(select(account).order_by(account.c.name))]

    def add(self, name: str, by: int | None = None, **values: object) -> Account:
        """Make an account; ``values`` are the other fields that are known (``display_name``, ``role`` and so on)."""
        fresh = {"active": True, "failures": 0, "era": 1, "made_at": now(), **values}
        with self._writing() as connection:
            try:
                row = connection.execute(account.insert().values(name=name, **fresh).returning(account)).one()
            except IntegrityError:
                raise AccountConflict(
                    f"There is an account {name!r} already, or one of that person.", "Choose another name."
                ) from None
            note(connection, by, "account-made", name)
        return _account(row)

    def change(self, number: int, act: str, by: int | None = None, **values: object) -> Account:
        """Change fields of an account and write down what was done; sessions and locks are fields too."""
        with self._writing() as connection:
            changed = update(account).where(account.c.id == number).values(**values).returning(account)
            row = connection.execute(changed).one_or_none()
            if row is None:
                raise UnknownAccount(f"There is no account number {number}.", "See: skillgraph account list.")
            note(connection, by, act, row.name)
        return _account(row)

    def failed(self, number: int, most: int, minutes: int) -> None:
        """Count a failed attempt to sign in; from ``most`` on the account is shut for some minutes."""
        with self._writing() as connection:
            counted = update(account).where(account.c.id == number).values(failures=account.c.failures + 1)
            row = connection.execute(counted.returning(account)).one()
            note(connection, number, "sign-in-failed", row.name)
            if row.failures >= most:
                until = (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat(timespec="seconds")
                locked = update(account).where(account.c.id == number).values(locked_until=until, failures=0)
                connection.execute(locked)
                note(connection, number, "locked", row.name)

    def add_token(self, owner: int, digest: str, label: str, scopes: Iterable[str], days: int) -> Token:
        """Keep the digest of a new token that is good for some days."""
        expires = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
        values = {"account": owner, "label": label, "digest": digest, "scopes": " ".join(scopes)}
        with self._writing() as connection:
            added = insert(token).values(**values, made_at=now(), expires_at=expires).returning(token)
            row = connection.execute(added).one()
            note(connection, owner, "token-made", label)
        return Token(**row._mapping)

    def token_by_digest(self, digest: str) -> Token | None:
        """Return a token by the digest of what its bearer showed."""
        with self._reading() as connection:
            row = connection.execute(select(token).where(token.c.digest == digest)).one_or_none()
        return Token(**row._mapping) if row is not None else None

    def tokens_of(self, owner: int) -> list[Token]:
        """Return the tokens of an account, the newest first."""
        query = select(token).where(token.c.account == owner).order_by(token.c.id.desc())
        with self._reading() as connection:
            return [Token(**row._mapping) for row in connection.execute(query)]

    def revoke_token(self, number: int, owner: int | None = None, by: int | None = None) -> Token:
        """Revoke a token for good; where ``owner`` is given it must be theirs."""
        mine = token.c.id == number if owner is None else (token.c.id == number) & (token.c.account == owner)
        with self._writing() as connection:
            row = connection.execute(select(token).where(mine)).one_or_none()
            if row is None:
                raise UnknownToken(f"There is no token number {number}.", "See the list of tokens.")
            if row.revoked_at is None:
                revoked = update(token).where(mine).values(revoked_at=now()).returning(token)
                row = connection.execute(revoked).one()
                note(connection, by, "token-revoked", row.label)
        return Token(**row._mapping)

    def log(self, act: str, about: str, by: int | None = None) -> None:
        """Write a line into the audit log."""
        with self._writing() as connection:
            note(connection, by, act, about)

    def audit_log(self, most: int = 1000) -> list[AuditEntry]:
        """Return the newest lines of the audit log, the newest first."""
        with self._reading() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.id.desc()).limit(most))
            return [AuditEntry(**row._mapping) for row in rows]

    def _one(self, condition: ColumnElement[bool]) -> Account | None:
        with self._reading() as connection:
            row = connection.execute(select(account).where(condition)).one_or_none()
        return _account(row) if row is not None else None


def note(connection: Connection, by: int | None, act: str, about: str) -> None:
    """Write a line into the audit log in the transaction of what it is about."""
    connection.execute(audit.insert().values(at=now(), account=by, act=act, about=about))


def _account(row: Row[tuple[object, ...]]) -> Account:
    values = dict(row._mapping)
    return Account(**{**values, "role": Role(values["role"])})
