"""Puts the blueprints together and gives every response its headers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from secrets import token_bytes

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from skillgraph import __version__
from skillgraph.absence import Absences
from skillgraph.contribution.inspection import DirectInspector, Inspector
from skillgraph.contribution.workflow import Workflow
from skillgraph.graph import Graph
from skillgraph.ledger import Accounts, Contributions, Ledger, SavedQueries, open_database
from skillgraph.search import GraphNames, Names
from skillgraph.settings import Settings
from skillgraph.web import (
    assets,
    blanks,
    contributing,
    contributions,
    description,
    descriptions,
    discovering,
    entities,
    filling,
    finding,
    health,
    home,
    oidc,
    questions,
    reconciling,
    saved,
    signin,
    sparql,
    terms,
    validating,
    versions,
)
from skillgraph.web.language import speak_languages
from skillgraph.web.links import Links
from skillgraph.web.memo import Memo
from skillgraph.web.pages import Pages
from skillgraph.web.past import At, GraphOfRequest, mark_the_past
from skillgraph.web.problems import register_problems
from skillgraph.web.reception import Reception
from skillgraph.web.results import Results
from skillgraph.web.shortcut import Shortcut
from skillgraph.web.throttle import limit_clients
from skillgraph.web.visitor import Visitors, keep_sessions
from skillgraph.web.watch import watch

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

_PIECE = 2**16
_HEARD_SECONDS = 2.0

_SECURITY = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def create_app(
    settings: Settings,
    graph: Graph,
    inspector: Inspector | None = None,
    follow: Callable[[], object] = lambda: None,
    session_key: bytes = b"",
    at: At | None = None,
    trial: Callable[[str, str], Graph] | None = None,
    names: Names | None = None,
) -> Flask:
    """Return the site over a graph.

    ``inspector`` validates contributions, by default in this process; ``follow`` has the graph take in what the ledger
    has published; sessions are signed with ``session_key``, by default one that is forgotten with the application;
    ``at`` returns the graph as it was at a version, and ``trial`` as it would be with other content in a named graph;
    ``names`` finds things by name, by default with an index made when it is first asked.
    """
    names = names or GraphNames(graph)
    inspector = inspector or DirectInspector(graph)
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 4 * settings.query_kb * 1024
    app.config["MAX_FORM_MEMORY_SIZE"] = 4 * settings.query_kb * 1024
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    links = Links(settings.base)
    app.jinja_env.globals.update(
        link=links.page,
        external=links.external,
        graph_name=links.graph_name,
        source_name=links.source_name,
        asset=assets.asset,
        release=__version__,
    )
    speak_languages(app)
    database = cache(lambda: open_database(settings.ledger_url))
    ledger = cache(lambda: Ledger(database()))
    accounts = cache(lambda: Accounts(database()))
    visitors = Visitors(accounts, keep_sessions(app, settings, session_key or token_bytes()))
    workflow = cache(lambda: Workflow(Contributions(database()), accounts(), ledger(), settings.two_people))
    reception = Reception(settings, workflow, visitors, inspector, graph, follow, trial)
    present = graph
    if at is not None:
        graph = GraphOfRequest(present, at, ledger)
        mark_the_past(app)
    memo = Memo(settings.cache_mb * 2**20)
    results, pages = Results(graph, memo), Pages(graph, memo)
    for blueprint in (
        home.blueprint(graph, pages),
        finding.blueprint(graph, names),
        reconciling.blueprint(settings, graph, names),
        sparql.blueprint(settings, results),
        saved.blueprint(settings, results, cache(lambda: SavedQueries(database()))),
        descriptions.blueprint(results),
        description.blueprint(),
        discovering.blueprint(graph, present, links, ledger),
        health.blueprint(graph),
        questions.blueprint(graph, names, pages),
        entities.blueprint(results, pages, links, Absences(graph, ledger, names)),
        terms.blueprint(results),
        signin.blueprint(visitors, settings.oidc_name if settings.oidc_issuer else ""),
        contributions.blueprint(reception),
        filling.blueprint(reception),
        contributing.blueprint(reception),
        validating.blueprint(settings, inspector, present),
        blanks.blueprint(present),
        versions.blueprint(present, ledger),
    ):
        app.register_blueprint(blueprint)
    if settings.oidc_issuer:
        app.register_blueprint(oidc.blueprint(app, settings, visitors))
    watch(app, settings)
    register_problems(app)
    limit_clients(app, settings)
    app.after_request(_secure)
    app.after_request(_hear_out)
    app.wsgi_app = Shortcut(app.wsgi_app, present)  # type: ignore[method-assign]
    return app


def _secure(response: Response) -> Response:
    for name, value in _SECURITY:
        response.headers.add(name, value)
    if request.endpoint == reconciling.FRAMED:
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
            "frame-ancestors 'none'", "frame-ancestors *"
        )
    if request.endpoint != "static":  # errors too are a page for people and a document for programs
        response.headers.add("Vary", "Accept")
    return response


def _hear_out(response: Response) -> Response:
    """Read what a request refused at once still sends: its client would not see the answer otherwise.

    Who stalls is not waited for: a body that was begun to be read is left as it is, and seconds are counted.
    """
    if response.status_code >= HTTPStatus.BAD_REQUEST and request.content_length and "stream" not in vars(request):
        end = time.monotonic() + _HEARD_SECONDS
        with suppress(HTTPException, OSError):
            while request.stream.read(_PIECE) and time.monotonic() < end:
                pass
    return response
