"""Who is asking: the account behind a session or a token, and the guard against forms of other sites."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, g, request, session
from flask_wtf.csrf import CSRFProtect

from skillgraph.account import by_token, require_scope
from skillgraph.errors import NotAllowed, SignInNeeded
from skillgraph.ledger import Account, Accounts, Role
from skillgraph.settings import Settings


@dataclass(frozen=True)
class Visitor:
    """Somebody who is known; ``scopes`` is what a token is good for, ``None`` for a person who signed in."""

    account: Account
    scopes: tuple[str, ...] | None

    def may(self, scope: str, role: Role = Role.CONTRIBUTOR) -> None:
        """Raise ``NotAllowed`` where the token or the role does not suffice."""
        require_scope(self.scopes, scope)
        if not self.account.role.may_act_as(role):
            raise NotAllowed(f"This is for accounts with the role {role}.", "Ask your administrator.")


@dataclass(frozen=True)
class Visitors:
    """Finds out who is asking; the ledger is opened when somebody first claims to be known."""

    accounts: Callable[[], Accounts]
    csrf: CSRFProtect

    def known(self) -> Visitor | None:
        """Return who is asking, ``None`` for anybody."""
        if "visitor" not in g:
            g.visitor = self._by_token() or self._by_session()
        found: Visitor | None = g.visitor
        return found

    def require(self, scope: str = "contribute", role: Role = Role.CONTRIBUTOR) -> Visitor:
        """Return who is asking; raise ``SignInNeeded`` for nobody known, ``NotAllowed`` where it does not suffice."""
        found = self.known()
        if found is None:
            raise SignInNeeded("This needs an account.", "Sign in, or send a token: Authorization: Bearer sg_….")
        found.may(scope, role)
        if found.scopes is None and request.method not in ("GET", "HEAD"):
            self.csrf.protect()
        return found

    def begin(self, account: Account) -> None:
        """Begin a session for an account that was just opened."""
        session.clear()
        session.permanent = True
        session.update(account=account.id, era=account.era, since=int(time.time()))

    def _by_token(self) -> Visitor | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not secret:
            return None
        account, scopes = by_token(self.accounts(), secret.strip())
        return Visitor(account, scopes)

    def _by_session(self) -> Visitor | None:
        if "account" not in session:
            return None
        account = self.accounts().by_id(session["account"])
        if account is None or not account.active or account.era != session["era"]:
            session.clear()
            return None
        return Visitor(account, None)


def keep_sessions(app: Flask, settings: Settings, key: bytes) -> CSRFProtect:
    """Give an application sessions in signed cookies and tokens in its forms."""
    app.config.update(
        SECRET_KEY=key,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        SESSION_COOKIE_NAME="skillgraph",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=settings.session_hours * 3600,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
    )
    return CSRFProtect(app)


def local_address(address: str | None) -> str:
    """Return an address of this site to go on to; others would let a link lead people away."""
    parts = urlsplit(address or "")
    path = parts.path.replace("\\", "/")
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//"):
        return "/contributions"
    return f"{path}?{parts.query}" if parts.query else path
