"""Accounts and tokens: opened only by what belongs to them, locked after failures, and never kept in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from skillgraph.account import (
    LEAST_LETTERS,
    MOST_FAILURES,
    by_token,
    make_account,
    make_token,
    require_scope,
    sign_in,
)
from skillgraph.errors import AccountConflict, InvalidParameter, NotAllowed, SignInFailed, UnknownToken
from skillgraph.ledger import Account, Accounts, Role, open_database
from skillgraph.ledger.schema import token as token_table
from skillgraph.settings import Settings

PASSWORD = "correct horse battery"
ORGANISATION = "https://w3id.org/skillgraph/id/actor/dmw"


@pytest.fixture
def accounts(database: str) -> Accounts:
    return Accounts(open_database(database))


@pytest.fixture
def ana(accounts: Accounts) -> Account:
    return make_account(accounts, "ana", "Ana", Role.CONTRIBUTOR, ORGANISATION, PASSWORD)


def test_an_account_is_opened_by_its_password_alone(accounts: Accounts, ana: Account) -> None:
    assert sign_in(accounts, "ana", PASSWORD).id == ana.id
    for name, password in (("ana", "correct horse batterx"), ("ana", ""), ("bo", PASSWORD), ("ANA", PASSWORD)):
        with pytest.raises(SignInFailed) as caught:
            sign_in(accounts, name, password)
        assert caught.value.message == "Name and password do not open an account."


def test_failures_lock_an_account_even_for_its_password(accounts: Accounts, ana: Account) -> None:
    for _ in range(MOST_FAILURES):
        with pytest.raises(SignInFailed):
            sign_in(accounts, "ana", "wrong")
    with pytest.raises(SignInFailed):
        sign_in(accounts, "ana", PASSWORD)
    found = accounts.by_id(ana.id)
    assert found is not None
    assert found.is_locked()
    accounts.change(ana.id, "unlocked", None, locked_until="2000-01-01T00:00:00+00:00")
    assert sign_in(accounts, "ana", PASSWORD).failures == 0


def test_a_good_sign_in_forgets_failures(accounts: Accounts, ana: Account) -> None:
    for _ in range(3):
        for _ in range(MOST_FAILURES - 1):
            with pytest.raises(SignInFailed):
                sign_in(accounts, "ana", "wrong")
        sign_in(accounts, "ana", PASSWORD)
    assert not accounts.all()[0].is_locked()
    assert ana.id == accounts.all()[0].id


def test_a_disabled_account_stays_shut(accounts: Accounts, ana: Account) -> None:
    _, secret = make_token(accounts, ana, "upload", ["contribute"], 30)
    accounts.change(ana.id, "disabled", None, active=False)
    with pytest.raises(SignInFailed):
        sign_in(accounts, "ana", PASSWORD)
    with pytest.raises(SignInFailed):
        by_token(accounts, secret)


@pytest.mark.parametrize(
    ("name", "display_name", "organisation", "password", "parameter"),
    [
        ("Ana", "Ana", ORGANISATION, PASSWORD, "name"),
        ("a", "Ana", ORGANISATION, PASSWORD, "name"),
        ("../ana", "Ana", ORGANISATION, PASSWORD, "name"),
        ("ana", " ", ORGANISATION, PASSWORD, "display-name"),
        ("ana", "A\u202ena", ORGANISATION, PASSWORD, "display-name"),
        ("ana", "Ana", "not an iri", PASSWORD, "organisation"),
        ("ana", "Ana", ORGANISATION, "x" * (LEAST_LETTERS - 1), "password"),
        ("ana", "Ana", ORGANISATION, "a" * 20, "password"),
        ("mariana", "Ana", ORGANISATION, "mariana123456", "password"),
        ("ana", "Ana", ORGANISATION, "x" * 1001, "password"),
    ],
)
def test_what_makes_no_account_is_named(
    name: str, display_name: str, organisation: str, password: str, parameter: str, accounts: Accounts
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        make_account(accounts, name, display_name, Role.CONTRIBUTOR, organisation, password)
    assert caught.value.parameter == parameter
    assert accounts.all() == []


def test_a_name_is_given_once(accounts: Accounts, ana: Account) -> None:
    with pytest.raises(AccountConflict):
        make_account(accounts, ana.name, "Another", Role.ADMIN, ORGANISATION, PASSWORD)


def test_a_token_opens_its_account_for_what_it_is_good_for(accounts: Accounts, ana: Account) -> None:
    token, secret = make_token(accounts, ana, "upload", ["contribute"], 30)
    account, scopes = by_token(accounts, secret)
    assert (account.id, scopes) == (ana.id, ("contribute",))
    with pytest.raises(NotAllowed):
        require_scope(scopes, "review")
    require_scope(None, "review")
    for wrong in (secret[:-1], secret.upper(), "", token.digest):
        with pytest.raises(SignInFailed):
            by_token(accounts, wrong)


def test_a_token_ends_when_it_expires_or_is_revoked(accounts: Accounts, ana: Account, database: str) -> None:
    token, secret = make_token(accounts, ana, "upload", ["contribute"], 30)
    with pytest.raises(UnknownToken):
        accounts.revoke_token(token.id, ana.id + 1)
    accounts.revoke_token(token.id, ana.id)
    with pytest.raises(SignInFailed):
        by_token(accounts, secret)
    _, other = make_token(accounts, ana, "upload", ["contribute"], 1)
    with open_database(database).begin() as connection:
        connection.execute(update(token_table).values(expires_at="2000-01-01T00:00:00+00:00"))
    with pytest.raises(SignInFailed):
        by_token(accounts, other)


@pytest.mark.parametrize(
    ("label", "scopes", "days", "parameter"),
    [
        ("", ["contribute"], 1, "label"),
        ("x", [], 1, "scope"),
        ("x", ["admin"], 1, "scope"),
        ("x", ["review"], 0, "days"),
        ("x", ["review"], 10**6, "days"),
    ],
)
def test_what_makes_no_token_is_named(
    label: str, scopes: list[str], days: int, parameter: str, accounts: Accounts, ana: Account
) -> None:
    with pytest.raises(InvalidParameter) as caught:
        make_token(accounts, ana, label, scopes, days)
    assert caught.value.parameter == parameter


def test_no_secret_stands_in_the_ledger(tmp_path: Path) -> None:
    accounts = Accounts(open_database(Settings(home=tmp_path).ledger_url))
    ana = make_account(accounts, "ana", "Ana", Role.CONTRIBUTOR, ORGANISATION, PASSWORD)
    _, secret = make_token(accounts, ana, "upload", ["contribute"], 30)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"$argon2id$" in files
    assert PASSWORD.encode() not in files
    assert secret.encode() not in files


def test_the_log_says_who_did_what(accounts: Accounts, ana: Account) -> None:
    make_token(accounts, ana, "upload", ["contribute"], 30)
    sign_in(accounts, "ana", PASSWORD)
    with pytest.raises(SignInFailed):
        sign_in(accounts, "ana", "wrong")
    lines = [(each.account, each.act, each.about) for each in reversed(accounts.audit_log())]
    assert lines == [
        (None, "account-made", "ana"),
        (ana.id, "token-made", "upload"),
        (ana.id, "signed-in", "ana"),
        (ana.id, "sign-in-failed", "ana"),
    ]


def test_roles_include_those_below() -> None:
    assert Role.ADMIN.may_act_as(Role.CURATOR)
    assert Role.CURATOR.may_act_as(Role.CURATOR)
    assert not Role.CONTRIBUTOR.may_act_as(Role.CURATOR)
