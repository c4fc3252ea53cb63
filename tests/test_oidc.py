"""Signing in at an issuer of OpenID Connect, over HTTP from end to end."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from skillgraph.errors import InvalidSetting
from skillgraph.settings import Settings
from tests.issuers import CLIENT, Issuer, running_issuer
from tests.services import running_service
from tests.test_contributing import Answer, Client

LINKED = "0000-0002-1825-0097"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as found:
        yield found


@pytest.fixture(scope="module")
def site(issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("oidc")
    settings: dict[str, Any] = {
        "oidc_issuer": issuer.address,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": "s",
        "oidc_name": "Here",
    }
    with running_service(folder=folder, **settings) as address:
        organisation = ["--organisation", "id:actor/giz"]
        run(folder, "account", "add", "ana", *organisation, "--without-password")
        run(folder, "account", "link", "ana", "--issuer", issuer.address, "--subject", LINKED)
        yield address


@pytest.fixture(autouse=True)
def as_it_should_be(issuer: Issuer) -> Iterator[None]:
    yield
    issuer.claims, issuer.subject, issuer.wrong_key = {}, LINKED, False


def run(folder: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "skillgraph", *arguments], cwd=folder, check=True, capture_output=True)


def come_back(client: Client, path: str = "/sign-in/oidc") -> Answer:
    """Go to the issuer and return what the service says to whom it sends back."""
    there = client.send("GET", path).headers["Location"]
    request = urllib.request.Request(there)
    opener = urllib.request.build_opener(_Stay())
    with pytest.raises(urllib.error.HTTPError) as sent:
        opener.open(request)
    sent.value.close()
    back = urllib.parse.urlsplit(sent.value.headers["Location"])
    return client.send("GET", f"{back.path}?{back.query}")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def test_a_linked_account_is_opened(site: str) -> None:
    client = Client(site, accept="text/html")
    assert "Sign in by Here" in client.send("GET", "/sign-in").body.decode()
    answer = come_back(client, "/sign-in/oidc?next=/account")
    assert (answer.status, answer.headers.get("Location")) == (303, "/account"), answer.body
    page = client.send("GET", "/account").body.decode()
    assert "ana" in page
    assert "Nobody's Business" not in page


def test_who_is_not_linked_is_told_what_to_send_the_administrator(site: str, issuer: Issuer) -> None:
    issuer.subject = "somebody-else"
    client = Client(site)
    answer = come_back(client)
    assert answer.status == 401
    assert f"--issuer {issuer.address} --subject somebody-else" in answer.json()["remedy"]
    assert client.send("GET", "/account").status == 401


@pytest.mark.parametrize("claims", [{"aud": "another"}, {"iss": "https://example.org"}, {"nonce": "old"}, {"exp": 1}])
def test_a_token_that_is_not_for_this_sign_in_opens_nothing(
    claims: dict[str, object], site: str, issuer: Issuer
) -> None:
    issuer.claims = claims
    client = Client(site)
    assert come_back(client).status == 401
    assert client.send("GET", "/account").status == 401


def test_a_token_signed_by_somebody_else_opens_nothing(site: str, issuer: Issuer) -> None:
    issuer.wrong_key = True
    assert come_back(Client(site)).status == 401


def test_whoever_did_not_go_there_does_not_come_back(site: str) -> None:
    assert Client(site).send("GET", "/sign-in/oidc/back?code=code-0&state=made-up").status == 401


def test_a_password_does_not_open_an_account_without_one(site: str) -> None:
    client = Client(site, accept="text/html")
    assert client.sign_in("ana", "None").status == 401


@pytest.mark.parametrize("address", ["http://example.org", "ftp://example.org", "orcid.org"])
def test_an_issuer_that_could_be_listened_to_is_refused(address: str) -> None:
    with pytest.raises(InvalidSetting, match="OIDC_ISSUER"):
        Settings(oidc_issuer=address)
