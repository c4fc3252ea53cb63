"""A client that asks too often is told when to come back; others are not held up by it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from skillgraph.graph.memory import MemoryGraph
from skillgraph.settings import Settings
from skillgraph.web import create_app


def client_of(**choices: object) -> FlaskClient:
    settings = Settings(requests_per_minute=3, **choices)  # type: ignore[arg-type]
    return create_app(settings, MemoryGraph(1, [])).test_client()


def ask(
    client: FlaskClient, address: str = "192.0.2.1", path: str = "/sparql?query=ASK%7B%7D", **headers: str
) -> TestResponse:
    return client.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers)


def test_requests_over_the_limit_are_refused_with_a_time_to_return() -> None:
    client = client_of()
    assert [ask(client).status_code for _ in range(4)] == [200, 200, 200, 429]
    response = ask(client)
    assert response.mimetype == "application/problem+json"
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    problem = response.get_json(force=True)
    assert problem["type"] == "/problems#too-many-requests"
    assert "3 requests" in problem["detail"]
    assert problem["remedy"]
    page = ask(client, Accept="text/html")
    assert (page.status_code, page.mimetype) == (429, "text/html")


def test_all_pages_count_together_and_files_do_not() -> None:
    client = client_of()
    for path in ("/", "/sparql", "/ns"):
        assert ask(client, path=path).status_code == 200
    assert ask(client).status_code == 429
    with ask(client, path="/static/dist/site.css") as file:
        assert file.status_code == 200


@pytest.mark.parametrize(("first", "second"), [("192.0.2.1", "192.0.2.2"), ("2001:db8:0:1::1", "2001:db8:0:2::1")])
def test_another_client_is_not_held_up(first: str, second: str) -> None:
    client = client_of()
    for _ in range(4):
        ask(client, first)
    assert ask(client, first).status_code == 429
    assert ask(client, second).status_code == 200


def test_all_addresses_of_one_network_are_one_client() -> None:
    client = client_of()
    assert [ask(client, f"2001:db8::{each}").status_code for each in range(1, 5)] == [200, 200, 200, 429]


def test_a_forwarded_address_counts_only_from_a_trusted_proxy() -> None:
    for proxies, expected in ((0, 429), (1, 200)):
        client = client_of(trusted_proxies=proxies)
        statuses = [ask(client, **{"X-Forwarded-For": f"198.51.100.{each}"}).status_code for each in range(4)]
        assert statuses[-1] == expected
