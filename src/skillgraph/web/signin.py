"""Signing in and out, and the page of one's own account with its tokens."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from skillgraph.account import MOST_DAYS, SCOPES, make_token, sign_in
from skillgraph.errors import InvalidParameter, SignInFailed
from skillgraph.web.visitor import Visitors, local_address


def blueprint(visitors: Visitors, issuer: str) -> Blueprint:
    """Return the pages; ``issuer`` is what an issuer of OpenID Connect is called, empty where there is none."""
    routes = Blueprint("signin", __name__)

    @routes.get("/sign-in")
    def form() -> str:
        return render_template("sign_in.html", fault=None, issuer=issuer, next=local_address(request.args.get("next")))

    @routes.post("/sign-in")
    def enter() -> AnyResponse | tuple[str, int]:
        visitors.csrf.protect()
        target = local_address(request.form.get("next"))
        try:
            account = sign_in(visitors.accounts(), request.form.get("name", ""), request.form.get("password", ""))
        except SignInFailed as fault:
            return render_template("sign_in.html", fault=fault, issuer=issuer, next=target), fault.status
        visitors.begin(account)
        return redirect(target, 303)

    @routes.post("/sign-out")
    def leave() -> AnyResponse:
        visitors.csrf.protect()
        session.clear()
        return redirect("/", 303)

    @routes.get("/account")
    def account() -> str:
        visitor = visitors.require()
        return _page(visitors, visitor.account.id)

    @routes.post("/account/tokens")
    def add_token() -> str:
        visitor = visitors.require()
        days = request.form.get("days", "90")
        if not days.isdecimal() or len(days) > 4:
            raise InvalidParameter("The number of days is not a number.", f"Give 1 to {MOST_DAYS}.", "days")
        label, scopes = request.form.get("label", ""), request.form.getlist("scope")
        _, secret = make_token(visitors.accounts(), visitor.account, label, scopes, int(days))
        return _page(visitors, visitor.account.id, secret)

    @routes.post("/account/tokens/<int:number>/revoke")
    def revoke_token(number: int) -> AnyResponse:
        visitor = visitors.require()
        visitors.accounts().revoke_token(number, visitor.account.id, visitor.account.id)
        return redirect(url_for("signin.account"), 303)

    return routes


def _page(visitors: Visitors, number: int, secret: str = "") -> str:
    account = visitors.accounts().by_id(number)
    tokens = visitors.accounts().tokens_of(number)
    return render_template(
        "account.html", account=account, tokens=tokens, secret=secret, scopes=SCOPES, most_days=MOST_DAYS
    )
