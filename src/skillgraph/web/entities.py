"""A page and data for every entity: ``/id/…`` leads to one or the other by what the client accepts."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from pyoxigraph import NamedNode

from skillgraph.absence import Absences
from skillgraph.contribution.columns import class_names
from skillgraph.discovery import LICENCE, linked_data
from skillgraph.entity import MOST_INCOMING, Entity, describe
from skillgraph.errors import InvalidRequest, UnknownEntity
from skillgraph.graph import Graph, Query, ResultFormats
from skillgraph.graph.engine import GRAPH_FORMATS
from skillgraph.label import Value
from skillgraph.neighbourhood import network_of
from skillgraph.profile import profile_of
from skillgraph.resources import query_text
from skillgraph.vocabulary import DCT, LOCAL_KINDS, SKOS, TERMS
from skillgraph.web.language import page_language
from skillgraph.web.links import Links
from skillgraph.web.maps import country_codes
from skillgraph.web.negotiation import GRAPH_ALIASES, SHORT_NAMES, choose, prefers_html, require
from skillgraph.web.pages import Pages
from skillgraph.web.parts import LONG_TEXT, as_noun, is_wordy
from skillgraph.web.results import Results

_DATA = {name: SHORT_NAMES[name] for name in ("ttl", "jsonld", "nt", "rdf")}
_IN_PLACE = frozenset({f"{TERMS}supersedes", f"{TERMS}succeeds", f"{DCT}replaces"})
_MOST_FACTS = 12
_MOST_NAMES = 12


def blueprint(results: Results, pages: Pages, links: Links, absences: Absences) -> Blueprint:
    """Return the pages over a graph."""
    routes = Blueprint("entities", __name__)

    for kind in LOCAL_KINDS:
        routes.add_url_rule(
            f"/{kind}/<path:key>", f"{kind}-iri", lambda key, kind=kind: _see_other(f"{kind}/{key}"), methods=["GET"]
        )

    def _shown(iri: str, data: str) -> Response:
        try:
            response = pages.send(lambda: _page(results.graph, links, iri, data))
        except UnknownEntity as fault:
            raise absences.explained(fault, iri) from None
        return _signposted(response, iri, data)

    @routes.get("/page/<path:path>")
    def page(path: str) -> Response:
        return _shown(links.iri(path), f"/data/{quote(path)}?")

    @routes.get("/data/<path:path>")
    def data(path: str) -> Response:
        try:
            return _data(results, links.iri(path))
        except UnknownEntity as fault:
            raise absences.explained(fault, links.iri(path)) from None

    @routes.get("/resource")
    def resource() -> Response:
        iri = request.args.get("iri")
        if not iri:
            raise InvalidRequest("The parameter 'iri' is missing.", "Give an IRI: /resource?iri=http://…")
        if prefers_html():
            return _shown(iri, f"/resource?iri={quote(iri, safe='')}&")
        return _data(results, iri)

    return routes


def _see_other(path: str) -> Response:
    stem, dot, suffix = path.rpartition(".")
    if dot and suffix in _DATA:
        return redirect(f"/data/{quote(stem)}?format={suffix}", 303)  # type: ignore[return-value]
    kind = "page" if prefers_html() else "data"
    if kind == "data":
        require(choose(GRAPH_FORMATS, GRAPH_ALIASES), {"text/html": None, **GRAPH_FORMATS})
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    return redirect(f"/{kind}/{quote(path)}{query}", 303)  # type: ignore[return-value]


def _page(graph: Graph, links: Links, iri: str, data_address: str) -> str:
    language = page_language()
    entity = describe(graph, iri, language)
    if links.local_path(iri) and not entity.outgoing and all(each.iri in _IN_PLACE for each in entity.incoming):
        raise UnknownEntity(f"The graph says nothing about {iri}.", "Look at what takes its place.")
    numbers = {source.iri: number for number, source in enumerate(entity.sources, 1)}
    own = {name: _values(entity, SKOS + name) for name in ("prefLabel", "altLabel", "definition")}
    about = own["definition"] or _values(entity, DCT + "description")
    names = [each for each in own["prefLabel"] + own["altLabel"] if each.text != entity.label.text]
    return render_template(
        "entity.html",
        entity=entity,
        profile=profile_of(graph, entity, language),
        other_names=list(dict.fromkeys(names))[:_MOST_NAMES],
        about=min(about, key=lambda each: _order(each, language), default=None),
        most_facts=_MOST_FACTS,
        network=network_of(entity),
        linked_data=linked_data(entity, request.host_url.rstrip("/") + links.page(iri)),
        m49=country_codes(graph),
        long_text=LONG_TEXT,
        is_wordy=is_wordy,
        as_noun=as_noun,
        numbers_of=lambda sources: sorted(numbers[source] for source in sources),
        kind_address=links.kind,
        most_incoming=MOST_INCOMING,
        data=f"{data_address}format=",
        correction=_correction(graph, entity),
        version=entity.version,
    )


def _order(value: Value, language: str) -> int:
    order = [language, "en"]
    return order.index(value.language) if value.language in order else len(order)


def _signposted(response: Response, iri: str, data: str) -> Response:
    """Say in headers where the data of a page are and how it is cited, as https://signposting.org has it."""
    here = request.host_url.rstrip("/")
    named = "".join(sign for sign in iri if sign.isascii() and sign.isprintable() and sign not in "<> ")
    links = [f'<{named}>; rel="cite-as"', '<https://schema.org/AboutPage>; rel="type"', f'<{LICENCE}>; rel="license"']
    links += [f'<{here}{data}format={name}>; rel="describedby"; type="{media}"' for name, media in _DATA.items()]
    for name, media in (("bibtex", "application/x-bibtex"), ("csl", "application/vnd.citationstyles.csl+json")):
        links.append(f'<{here}/cite?iri={quote(iri, safe="")}&format={name}>; rel="describedby"; type="{media}"')
    response.headers.add("Link", ", ".join(links))
    return response


def _values(entity: Entity, iri: str) -> list[Value]:
    return [statement.value for each in entity.outgoing if each.iri == iri for statement in each.statements]


def _correction(graph: Graph, entity: Entity) -> str | None:
    """Return the address of a form with what is said of a record, for one of a class that has a form."""
    forms = class_names(graph)
    kind = next((each.iri for each in entity.kinds if each.iri in forms), None)
    if kind is None:
        return None
    return f"/contributions/form/{kind.removeprefix(TERMS)}?record={quote(entity.iri, safe='')}"


def _data(results: Results, iri: str) -> Response:
    chosen = require(choose(GRAPH_FORMATS, GRAPH_ALIASES), GRAPH_FORMATS)
    try:
        node = NamedNode(iri)
    except ValueError:
        raise UnknownEntity(f"{iri} is not an IRI.", "Check the address.") from None
    if not results.graph.ask(Query(query_text("pages/known"), {"this": node})):
        raise UnknownEntity(f"The graph says nothing about {iri}.", "Search for it by name, or browse the lists.")
    return results.respond_again(Query(query_text("pages/describe"), {"this": node}), ResultFormats(None, chosen))
