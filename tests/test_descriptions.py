"""What the endpoint says about itself is true of the data that it serves."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse, serialize
from rdflib import DCAT, RDF, VOID, Graph, Literal, Namespace, URIRef

from skillgraph.graph.memory import MemoryGraph
from skillgraph.settings import Settings
from skillgraph.web import create_app

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
ENDPOINT = URIRef("http://localhost/sparql")
DATASET = URIRef("https://w3id.org/skillgraph/.well-known/void#dataset")
NQUADS = b"""\
<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:Kind> <urn:g> .
<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:Kind> <urn:g> .
<urn:b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:Kind> <urn:h> .
<urn:b> <urn:p> "1" <urn:h> .
"""
FORMATS = ["text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(Settings(), MemoryGraph(3, [NQUADS])).test_client()


def read(client: FlaskClient, path: str, media_type: str = "text/turtle") -> Graph:
    response = client.get(path, headers={"Accept": media_type})
    assert response.status_code == 200, response.text
    assert response.mimetype == media_type
    assert response.headers["SkillGraph-Version"] == "3"
    form = RdfFormat.from_media_type(media_type)
    assert form
    triples = (quad.triple for quad in parse(response.data, format=form))
    return Graph().parse(data=serialize(triples, format=RdfFormat.N_TRIPLES), format="nt")


@pytest.mark.parametrize("media_type", FORMATS)
def test_the_endpoint_describes_itself(client: FlaskClient, media_type: str) -> None:
    said = read(client, "/sparql", media_type)
    assert {SD.Service, DCAT.DataService} <= set(said.objects(ENDPOINT, RDF.type))
    assert set(said.objects(ENDPOINT, SD.endpoint)) == {ENDPOINT}
    assert set(said.objects(ENDPOINT, SD.feature)) == {SD.UnionDefaultGraph}
    assert set(said.objects(ENDPOINT, DCAT.servesDataset)) == {DATASET}
    [default] = said.objects(DATASET, SD.defaultGraph)
    assert said.value(default, VOID.triples) == Literal(3)
    names = {graph: said.value(graph, VOID.triples) for graph in said.objects(DATASET, SD.namedGraph)}
    assert names == {URIRef("urn:g"): Literal(2), URIRef("urn:h"): Literal(2)}


def test_the_formats_described_are_those_there_are(client: FlaskClient) -> None:
    said = read(client, "/sparql")
    problem = client.get("/sparql?query=ASK{}", headers={"Accept": "image/png"}).get_json(force=True)
    assert len(set(said.objects(ENDPOINT, SD.resultFormat))) == len(problem["available"])


@pytest.mark.parametrize("media_type", FORMATS)
def test_the_dataset_is_counted_by_class_and_property(client: FlaskClient, media_type: str) -> None:
    said = read(client, "/.well-known/void", media_type)
    counts = [
        said.value(DATASET, each) for each in (VOID.triples, VOID.distinctSubjects, VOID.properties, VOID.classes)
    ]
    assert counts == [Literal(3), Literal(2), Literal(2), Literal(1)]
    classes = {
        said.value(each, VOID["class"]): said.value(each, VOID.entities) for each in said[DATASET : VOID.classPartition]
    }
    assert classes == {URIRef("urn:Kind"): Literal(2)}
    properties = {
        said.value(each, VOID.property): said.value(each, VOID.triples)
        for each in said[DATASET : VOID.propertyPartition]
    }
    assert properties == {RDF.type: Literal(2), URIRef("urn:p"): Literal(1)}
    assert said.value(DATASET, URIRef(f"{DCAT}version")) == Literal("3")
    assert said.value(DATASET, VOID.sparqlEndpoint) == ENDPOINT


def test_a_host_that_is_no_name_is_refused(client: FlaskClient) -> None:
    response = client.get("/.well-known/void", headers={"Host": "a b"})
    assert response.status_code == 400


def test_an_empty_graph_describes_itself() -> None:
    client = create_app(Settings(), MemoryGraph(0, [])).test_client()
    for path in ("/sparql", "/.well-known/void"):
        assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 200
