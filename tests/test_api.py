"""The description of the service for programs says what the service does, and Schemathesis finds nothing against it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from skillgraph.graph.memory import MemoryGraph
from skillgraph.settings import Settings
from skillgraph.web import create_app
from skillgraph.web.description import description
from tests.test_contributing import Site, site

__all__ = ["site"]

FOR_PEOPLE = {
    "/", "/account", "/account/tokens", "/account/tokens/{}/revoke", "/contributions/new", "/contributions/{}/revise",
    "/contributions/form", "/contributions/form/{}", "/contributions/{}/answers",
    "/kind/{}", "/ns", "/ns/{}", "/page/{}", "/problems", "/questions", "/sign-in", "/sign-in/oidc",
    "/sign-in/oidc/back", "/sign-out", "/static/{}", "/templates", "/data/{}", "/id/{}", "/code/{}", "/graph/{}",
    "/shape/{}", "/questions/{}", "/robots.txt", "/opensearch.xml", "/sitemap.xml", "/sitemap-{}.xml",
}  # fmt: skip
"""Addresses of pages, for harvesters, of IRIs that lead on, and of questions, which are described one by one."""
CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance, unsupported_method,
)  # fmt: skip


@schemathesis.serializer(
    "application/sparql-query", "application/n-quads", "application/n-triples", "application/trig", "text/turtle",
    "application/rdf+xml", "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)  # fmt: skip
def as_bytes(_: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


schema = schemathesis.openapi.from_dict(description())


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_does_what_its_description_says(case: Case[Any], site: Site) -> None:
    for token in ("", site.tokens["ana"]):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = case.call(base_url=site.address, headers=headers, timeout=60)
        case.validate_response(answer, checks=list(CHECKS))


def addresses() -> Iterator[str]:
    app = create_app(Settings(oidc_issuer="https://example.org"), MemoryGraph(0, []))
    for rule in app.url_map.iter_rules():
        yield re.sub(r"<[^>]+>", "{}", rule.rule)


def test_every_address_is_described_or_is_for_people() -> None:
    described = {re.sub(r"{[^}]+}", "{}", path) for path in description()["paths"]}
    questions = {path for path in described if path.startswith("/questions/")}
    assert set(addresses()) == (described - questions - {"/data/id/{}/{}"}) | FOR_PEOPLE
