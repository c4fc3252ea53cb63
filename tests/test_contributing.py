"""Contributing over HTTP, on the real service: drafts, review, publication, withdrawal; sessions, tokens and forms."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.services import running_service

PASSWORD = "correct horse battery"
GOOD = b"""@prefix country: <http://publications.europa.eu/resource/authority/country/> .
@prefix sg: <https://w3id.org/skillgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<corridor/%s> a sg:Corridor ; skos:prefLabel "Kenya to Fiji (%s)"@en ;
    sg:hasOrigin country:KEN ; sg:hasDestination country:FJI .
"""
BAD = GOOD.replace(b"sg:hasDestination country:FJI", b"sg:hasGoal country:FJI")
PROVENANCE = 'SELECT * WHERE { GRAPH ?g { ?s ?p ?o } FILTER(CONTAINS(STR(?g), "provenance")) }'
COUNT = "SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH ?g {{ <https://w3id.org/skillgraph/id/corridor/{}> ?p ?o }} }}"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - a document of whatever form
        return json.loads(self.body)


@dataclass
class Client:
    """Somebody who talks to the service, with a token or with cookies."""

    address: str
    token: str = ""
    accept: str = "application/json"
    cookies: CookieJar = field(default_factory=CookieJar)

    def send(self, method: str, path: str, body: bytes | dict[str, str] | None = None, **headers: str) -> Answer:
        data = urllib.parse.urlencode(body).encode() if isinstance(body, dict) else body
        sent = {"Accept": self.accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.address + path, data, sent, method=method)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _Stay())
        try:
            with opener.open(request, timeout=60) as reply:
                return Answer(reply.status, dict(reply.headers), reply.read())
        except urllib.error.HTTPError as reply:
            with reply:
                return Answer(reply.code, dict(reply.headers), reply.read())

    def upload(self, body: bytes, title: str = "Corridors", media_type: str = "text/turtle", **headers: str) -> Answer:
        path = "/contributions?" + urllib.parse.urlencode({"title": title})
        return self.send("POST", path, body, Content_Type=media_type, **headers)

    def count(self, key: str) -> int:
        query = urllib.parse.urlencode({"query": COUNT.format(key)})
        return int(self.send("GET", f"/sparql?{query}").json()["results"]["bindings"][0]["n"]["value"])

    def csrf(self, path: str) -> str:
        page = self.send("GET", path).body.decode()
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found is not None
        return found[1]

    def sign_in(self, name: str, password: str = PASSWORD) -> Answer:
        form = {"csrf_token": self.csrf("/sign-in"), "name": name, "password": password}
        return self.send("POST", "/sign-in", form)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass
class Site:
    """A service with two organisations and a curator."""

    address: str
    tokens: dict[str, str]

    def client(self, name: str = "") -> Client:
        return Client(self.address, self.tokens.get(name, ""))

    def browser(self) -> Client:
        return Client(self.address, accept="text/html")


PEOPLE = {
    "ana": ("contributor", "dmw", ["contribute"]),
    "ben": ("contributor", "giz", ["contribute"]),
    "cy": ("curator", "iom", ["contribute", "review"]),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("contributing")
    with running_service(folder=folder, upload_mb=1, validations_per_hour=1000) as address:
        tokens = {}
        for name, (role, actor, scopes) in PEOPLE.items():
            given = ["--role", role, "--organisation", f"id:actor/{actor}", "--display-name", name.title()]
            _run(folder, "account", "add", name, *given, "--password-stdin", text=PASSWORD)
            chosen = [part for scope in scopes for part in ("--scope", scope)]
            tokens[name] = _run(folder, "token", "add", name, "--label", "test", *chosen).strip()
        yield Site(address, tokens)


def _run(folder: Path, *arguments: str, text: str = "") -> str:
    command = [sys.executable, "-m", "skillgraph", *arguments]
    return subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True, check=True).stdout


def draft(site: Site, key: str, by: str = "ana") -> dict[str, Any]:
    answer = site.client(by).upload(GOOD % (key.encode(), key.encode()), title=key)
    assert answer.status == 201
    found: dict[str, Any] = answer.json()
    return found


def act(site: Site, key: str, step: str, by: str, **form: str) -> Answer:
    return site.client(by).send("POST", f"/contributions/{key}/{step}", form)


def test_from_a_file_to_the_endpoint_and_back(site: Site) -> None:
    made = draft(site, "whole-way")
    ana, cy = site.client("ana"), site.client("cy")
    assert (made["state"], made["report"]["acceptable"], made["report"]["statements"]) == ("draft", True, 4)
    assert ana.count("whole-way") == 0
    assert act(site, made["key"], "submit", "ana").json()["state"] == "submitted"
    accepted = act(site, made["key"], "accept", "cy").json()
    version = accepted["steps"][-1]["version"]
    assert (accepted["state"], ana.count("whole-way")) == ("accepted", 4)
    for part, expected in ((".author", b"Ana"), (".reviewer", b"Cy"), (".author", b"Department of Migrant Workers")):
        page = site.browser().send("GET", f"/page/id/contribution/{made['key']}{part}")
        assert (page.status, expected in page.body) == (200, True)
    record = site.browser().send("GET", "/page/id/corridor/whole-way").body.decode()
    assert "Contributed by" in record
    assert f'href="/contributions/{made["key"]}"' in record
    assert "reviewed by <bdi>Cy</bdi>" in record
    withdrawn = act(site, made["key"], "withdraw", "ana").json()
    assert withdrawn["steps"][-1]["version"] == version + 1
    assert cy.count("whole-way") == 0
    gone = ana.send("GET", "/data/id/corridor/whole-way")
    assert (gone.status, gone.json()["last_version"]) == (410, version)
    page = site.browser().send("GET", "/page/id/corridor/whole-way")
    assert page.status == 410
    assert f'href="/page/id/corridor/whole-way?version={version}"'.encode() in page.body
    assert site.browser().send("GET", f"/page/id/corridor/whole-way?version={version}").status == 200


PARTICIPATION = b"""@prefix role: <https://w3id.org/skillgraph/code/role/> .
@prefix sg: <https://w3id.org/skillgraph/ns#> .
<participation/trial> a sg:Participation ; sg:participant <actor/iom> ;
    sg:participatesIn <scheme/triple-win> ; sg:inRole role:training .
"""


def test_answers_are_compared_with_and_without_a_draft(site: Site) -> None:
    browser = site.browser()
    browser.sign_in("ana")
    key = site.client("ana").upload(PARTICIPATION).json()["key"]
    assert "Questions that look at this" in browser.send("GET", f"/contributions/{key}").body.decode()
    page = browser.send("GET", f"/contributions/{key}/answers").body.decode()
    assert "missing in a scheme" in page
    assert "Triple Win" in page
    nothing = site.client("ana").upload(b"<scheme/x> <urn:p> <urn:o> .").json()["key"]
    assert "No answer would change" in browser.send("GET", f"/contributions/{nothing}/answers").body.decode()
    assert site.client().send("GET", f"/contributions/{key}/answers").status == 401
    assert site.client("ben").send("GET", f"/contributions/{key}/answers").status == 404
    count = "ASK { <https://w3id.org/skillgraph/id/participation/trial> ?p ?o }"
    present = site.client().send("GET", f"/sparql?{urllib.parse.urlencode({'query': count})}").json()
    assert present["boolean"] is False


def test_a_spreadsheet_goes_the_same_way(site: Site) -> None:
    sheet = b"corridor,label [en],has origin,has destination\n,Kenya to Samoa,Kenya,country:WSM\n"
    answer = site.client("ana").upload(sheet, title="Sheet", media_type="text/csv")
    assert answer.status == 201
    assert answer.json()["report"]["acceptable"]
    template = site.client().send("GET", "/templates/Corridor.csv?language=en")
    assert template.body.decode("utf-8-sig").startswith("corridor,label [en]")


def test_violations_are_told_with_their_line_and_stand_in_the_way(site: Site) -> None:
    made = site.client("ana").upload(BAD % (b"bad", b"bad")).json()
    places = {finding["rule"].rsplit("/", 1)[-1]: finding["place"] for finding in made["report"]["findings"]}
    assert places == {"undeclared-term": {"line": 5}, "Corridor-hasDestination": {"line": 4}}
    refused = act(site, made["key"], "submit", "ana")
    assert (refused.status, refused.json()["type"]) == (422, "/problems#invalid-contribution")


@pytest.mark.parametrize(
    ("step", "by", "status"),
    [("submit", "ben", 404), ("accept", "ana", 403), ("reject", "ana", 403), ("submit", "", 401), ("fly", "ana", 400)],
)
def test_who_may_not_is_told_so(step: str, by: str, status: int, site: Site) -> None:
    made = draft(site, f"not-{step}-{by or 'anybody'}")
    answer = act(site, made["key"], step, by, text="Because.")
    assert answer.status == status
    assert answer.json()["remedy"]


def test_what_is_not_published_is_seen_by_those_concerned_only(site: Site) -> None:
    made = draft(site, "unseen")
    for path in (f"/contributions/{made['key']}", f"/contributions/{made['key']}/data?format=nq"):
        assert [site.client(name).send("GET", path).status for name in ("ana", "cy", "ben", "")] == [200, 200, 404, 404]
    listed = site.client("ben").send("GET", "/contributions").json()["contributions"]
    assert made["key"] not in {each["key"] for each in listed}
    assert b"unseen" not in site.client().send("GET", "/contributions").body


def test_a_step_on_an_older_state_is_refused(site: Site) -> None:
    made = draft(site, "stale")
    act(site, made["key"], "comment", "ana", text="A thought.")
    for sent in ({"serial": "1"}, {}):
        headers = {} if sent else {"If_Match": '"1"'}
        answer = site.client("ana").send("POST", f"/contributions/{made['key']}/submit", sent, **headers)
        assert (answer.status, answer.json()["type"]) == (409, "/problems#stale-contribution")


def test_the_same_request_again_makes_nothing_anew(site: Site) -> None:
    ana, body = site.client("ana"), GOOD % (b"again", b"again")
    first, second = (ana.upload(body, title="again", Idempotency_Key="k-1") for _ in range(2))
    assert first.json()["key"] == second.json()["key"]
    other = ana.upload(body, title="another", Idempotency_Key="k-1")
    assert (other.status, other.json()["type"]) == (422, "/problems#idempotency-conflict")


def test_a_browser_signs_in_contributes_and_signs_out(site: Site) -> None:
    browser = site.browser()
    assert browser.send("GET", "/contributions/new").headers["Location"] == "/sign-in?next=/contributions/new"
    failed = browser.sign_in("ana", "wrong password")
    assert (failed.status, b"do not open an account" in failed.body) == (401, True)
    assert browser.sign_in("ana").headers["Location"] == "/contributions"
    form = {
        "csrf_token": browser.csrf("/contributions/new"),
        "title": "From a form",
        "text": (GOOD % (b"form", b"form")).decode(),
        "type": "text/turtle",
    }
    made = browser.send("POST", "/contributions", form)
    assert (made.status, made.headers["Location"][:15]) == (303, "/contributions/")
    page = browser.send("GET", made.headers["Location"])
    assert b"Submit for review" in page.body
    left = browser.send("POST", "/sign-out", {"csrf_token": browser.csrf("/account")})
    assert left.status == 303
    assert browser.send("GET", made.headers["Location"]).status == 404


@pytest.mark.parametrize("path", ["/contributions", "/sign-out", "/account/tokens", "/sign-in"])
def test_a_form_without_its_token_does_nothing(path: str, site: Site) -> None:
    browser = site.browser()
    browser.sign_in("ana")
    answer = browser.send("POST", path, {"title": "Forged", "text": "x", "name": "ana", "password": PASSWORD})
    assert answer.status == 400
    assert b"CSRF" in answer.body
    assert browser.send("GET", "/account").status == 200


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    cookie = site.browser().sign_in("ana").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    forged = site.browser()
    page = forged.send("GET", "/account", Cookie=cookie.split(";")[0][:-3] + "xyz")
    assert page.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(target: str, site: Site) -> None:
    browser = site.browser()
    form = {"csrf_token": browser.csrf("/sign-in"), "name": "ana", "password": PASSWORD, "next": target}
    assert browser.send("POST", "/sign-in", form).headers["Location"] == "/contributions"


@pytest.mark.parametrize("token", ["sg_wrong", "", "Bearer"])
def test_a_wrong_token_is_told_so(token: str, site: Site) -> None:
    answer = site.client().send(
        "POST", "/contributions", b"x", Authorization=f"Bearer {token}", Content_Type="text/turtle"
    )
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("form", "expected"),
    [("json", b'"acceptable": false'), ("turtle", b"sh:ValidationReport"), ("html", b"Must be mended")],
)
def test_anybody_may_validate(form: str, expected: bytes, site: Site) -> None:
    types = {"json": "application/json", "turtle": "text/turtle", "html": "text/html"}
    client = Client(site.address, accept=types[form])
    answer = client.send("POST", "/validate?language=fr", BAD % (b"x", b"x"), Content_Type="text/turtle")
    assert answer.status == 200
    assert expected in answer.body
    assert "L’ontologie n’a pas de terme".encode() in answer.body or form == "json"


def test_what_is_too_large_or_of_no_known_kind_is_refused(site: Site) -> None:
    client = site.client("ana")
    assert client.upload(b"#" * (3 * 2**20)).status == 413
    assert client.upload(b"x", media_type="image/png").status == 415
    assert client.upload(b"").status == 400
    connection = HTTPConnection(site.address.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/validate")
    connection.putheader("Content-Type", "text/turtle")
    connection.putheader("Content-Length", str(200 * 2**20))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


BOMB = (
    b"@prefix sg: <https://w3id.org/skillgraph/ns#> .\n"
    + b"<urn:a:x> a sg:Scheme .\n"
    + b"".join(b"<urn:a:%d> a sg:Scheme ; sg:runsOn <urn:a:x> .\n" % number for number in range(20_000))
)


def test_a_file_that_takes_too_long_costs_a_time_out_only(tmp_path: Path) -> None:
    with running_service(folder=tmp_path, inspection_seconds=1.0, inspections=1) as address:
        client = Client(address)
        answers: list[Answer] = []
        sent = threading.Thread(
            target=lambda: answers.append(client.send("POST", "/validate", BOMB, Content_Type="text/turtle"))
        )
        sent.start()
        sent.join()
        assert (answers[0].status, answers[0].json()["type"]) == (422, "/problems#validation-stopped")
        after = client.send("POST", "/validate", GOOD % (b"x", b"x"), Content_Type="text/turtle")
        assert after.json()["acceptable"]


def test_nothing_about_a_person_but_a_name_is_public(site: Site) -> None:
    made = draft(site, "privacy")
    act(site, made["key"], "submit", "ana", text="Confidential words.")
    act(site, made["key"], "accept", "cy", text="Other words.")
    for anybody, path in product(
        (site.client(), site.client("ben")),
        (
            f"/contributions/{made['key']}",
            f"/data/id/contribution/{made['key']}?format=nt",
            f"/sparql?{urllib.parse.urlencode({'query': PROVENANCE})}",
        ),
    ):
        body = anybody.send("GET", path).body
        assert b"onfidential" not in body
        assert b"Other words" not in body
        assert b'"ana"' not in body
