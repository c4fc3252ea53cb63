"""Signing in at an issuer of OpenID Connect, where the operator named one."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from flask import Blueprint, Flask, redirect, request, session, url_for
from werkzeug.wrappers import Response

from skillgraph.account import enter_as
from skillgraph.errors import SignInFailed, ToolMissing
from skillgraph.settings import Settings
from skillgraph.web.visitor import Visitors, local_address

_NEXT = "next"
_SECONDS = 10
_LOG = logging.getLogger(__name__)


def blueprint(app: Flask, settings: Settings, visitors: Visitors) -> Blueprint:
    """Return the way to the issuer and back; the issuer is first asked when somebody goes there."""
    routes = Blueprint("oidc", __name__, url_prefix="/sign-in")
    issuer = _client(app, settings)

    @routes.get("/oidc")
    def go() -> Response:
        session[_NEXT] = local_address(request.args.get("next"))
        try:
            answer: Response = issuer.authorize_redirect(url_for("oidc.come_back", _external=True))
        except Exception as fault:
            raise _failed(settings, fault) from fault
        return answer

    @routes.get("/oidc/back")
    def come_back() -> Response:
        target = local_address(session.get(_NEXT))
        try:
            claims: Mapping[str, str] = issuer.authorize_access_token()["userinfo"]
        except Exception as fault:
            raise _failed(settings, fault) from fault
        visitors.begin(enter_as(visitors.accounts(), settings.oidc_issuer, claims["sub"]))
        return redirect(target, 303)

    return routes


def _client(app: Flask, settings: Settings) -> Any:  # noqa: ANN401 - the library has no types
    if not (find_spec("authlib") and find_spec("requests")):
        raise ToolMissing("OpenID Connect needs Authlib.", 'Install it: pip install "skillgraph[oidc]".')
    from authlib.integrations.flask_client import OAuth

    return OAuth(app).register(
        "issuer",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid", "code_challenge_method": "S256", "timeout": _SECONDS},
    )


def _failed(settings: Settings, fault: Exception) -> SignInFailed:
    _LOG.warning("sign-in at %s failed: %s: %s", settings.oidc_issuer, type(fault).__name__, fault)
    return SignInFailed(
        f"Signing in by {settings.oidc_name} did not succeed.",
        "Begin anew from the page to sign in; if it fails again, tell your administrator.",
    )
