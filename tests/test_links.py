"""Addresses of pages lead back to their IRIs, and only addresses of the web are offered as links."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillgraph.vocabulary import TERMS
from skillgraph.web.links import Links

BASE = "https://data.example/"
LINKS = Links(BASE)


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        (f"{BASE}id/scheme/palim", "/page/id/scheme/palim"),
        (f"{BASE}code/outcome/full", "/page/code/outcome/full"),
        (f"{BASE}graph/data/schemes/palim", "/page/graph/data/schemes/palim"),
        (f"{BASE}shape/Scheme", "/page/shape/Scheme"),
        (f"{BASE}id/a b?c#d%20&é", "/page/id/a%20b%3Fc%23d%2520%26%C3%A9"),
        (f"{TERMS}Scheme", "/ns/Scheme"),
        (f'{TERMS}a"><b', "/ns/a%22%3E%3Cb"),
        (BASE, "/resource?iri=https%3A%2F%2Fdata.example%2F"),
        (f"{BASE}id", "/page/id"),
        (f"{BASE}id/../x", "/resource?iri=https%3A%2F%2Fdata.example%2Fid%2F..%2Fx"),
        (f"{BASE}id//x", "/resource?iri=https%3A%2F%2Fdata.example%2Fid%2F%2Fx"),
        (f"{BASE}other/x", "/resource?iri=https%3A%2F%2Fdata.example%2Fother%2Fx"),
        ("https://data.example.evil/id/x", "/resource?iri=https%3A%2F%2Fdata.example.evil%2Fid%2Fx"),
        (
            "https://elsewhere.example/a?b=c&iri=d#e",
            "/resource?iri=https%3A%2F%2Felsewhere.example%2Fa%3Fb%3Dc%26iri%3Dd%23e",
        ),
        ("javascript:alert(1)", "/resource?iri=javascript%3Aalert%281%29"),
        ("data:text/html,<b>", "/resource?iri=data%3Atext%2Fhtml%2C%3Cb%3E"),
        ("//evil.example", "/resource?iri=%2F%2Fevil.example"),
        ("", "/resource?iri="),
    ],
)
def test_an_iri_has_an_address_on_the_site(iri: str, address: str) -> None:
    assert LINKS.page(iri) == address


IRIS = st.text(min_size=1).map(lambda text: text.encode("utf-8", "replace").decode())


@given(IRIS)
def test_an_address_leads_back_to_its_iri(text: str) -> None:
    for iri in (f"{BASE}id/{text}", f"{BASE}{text}", text):
        address = urlsplit(LINKS.page(iri))
        assert (address.scheme, address.netloc) == ("", "")
        if address.path == "/resource":
            assert parse_qs(address.query, keep_blank_values=True)["iri"] == [iri]
        else:
            assert address.path.startswith("/page/")
            assert LINKS.iri(unquote(address.path).removeprefix("/page/")) == iri


@given(IRIS)
def test_an_address_cannot_break_out_of_an_attribute(text: str) -> None:
    for iri in (text, f"{BASE}id/{text}", TERMS + text):
        address = LINKS.page(iri)
        assert address.startswith(("/page/", "/resource?", "/ns/"))
        assert not address.startswith("//")
        assert address.isascii()
        assert not set(address) & set("\"'<>\\ \n\r\t")


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/",
        "http://example.org",
        "HTTPS://EXAMPLE.ORG/a?b=c&d#e",
        "https://example.org:8080/%20",
        "https://[::1]/",
        "https://example.org/é",
        "https://пример.example/",
    ],
)
def test_an_address_of_the_web_is_a_link(address: str) -> None:
    assert LINKS.external(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "//example.org/",
        "/page/id/x",
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://example.org",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "mailto:a@example.org",
        "tel:+1",
        "urn:isbn:1",
        "https:",
        "https://",
        "https:///path",
        "http:example.org",
        "https://[::1",
        "https://[x]/",
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https://example.org/\u202etxt.exe",
        "https://example.org/\u2066x",
        "https://example.org/\u200b",
        "https://example.org/\x7f",
        "https://example.org/\ud800",
        "https:\\\\example.org",
    ],
)
def test_anything_else_is_not(address: str) -> None:
    assert LINKS.external(address) is None


@given(st.text())
def test_whatever_the_text_a_link_is_of_the_web(text: str) -> None:
    for address in (text, f"https://{text}", f"javascript:{text}"):
        found = LINKS.external(address)
        assert found is None or found.lower().startswith(("http://", "https://"))


def test_names_of_graphs_are_short() -> None:
    assert LINKS.graph_name(f"{BASE}graph/data/schemes/palim") == "data/schemes/palim"
    assert LINKS.graph_name("https://elsewhere.example/graph/x") == "https://elsewhere.example/graph/x"
