"""Namespaces, prefixes and the way between IRIs of ours and addresses on the site."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

BASE: Final = "https://w3id.org/skillgraph/"
TERMS: Final = BASE + "ns#"

SHACL: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCT: Final = "http://purl.org/dc/terms/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

RDF_TYPE: Final = NamedNode(RDF + "type")
RDFS_SUBCLASS_OF: Final = NamedNode(RDFS + "subClassOf")

PREFIXES: Final = {
    "sg": TERMS,
    "id": BASE + "id/",
    "code": BASE + "code/",
    "graph": BASE + "graph/",
    "country": "http://publications.europa.eu/resource/authority/country/",
    "language": "http://publications.europa.eu/resource/authority/language/",
    "isco": "http://data.europa.eu/esco/isco/",
    "esco": "http://data.europa.eu/esco/model#",
    "occupation": "http://data.europa.eu/esco/occupation/",
    "skill": "http://data.europa.eu/esco/skill/",
    "sdg": "http://metadata.un.org/sdg/",
    "dct": DCT,
    "skos": SKOS,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": "http://www.w3.org/2002/07/owl#",
    "sh": SHACL,
    "prov": "http://www.w3.org/ns/prov#",
    "org": "http://www.w3.org/ns/org#",
    "schema": "https://schema.org/",
    "elm": "http://data.europa.eu/snb/model/elm/",
    "ceterms": "http://purl.org/ctdl/terms/",
    "qb": "http://purl.org/linked-data/cube#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "xsd": XSD,
}

LOCAL_KINDS: Final = ("id", "code", "graph", "shape")
"""First path segments of our IRIs that each lead to a page of their own."""


def term(name: str) -> NamedNode:
    """Return one of our ontology's terms."""
    return NamedNode(TERMS + name)


def graph_iri(key: str) -> NamedNode:
    """Return the IRI of a named graph from its key, such as ``data/schemes/palim``."""
    return NamedNode(f"{BASE}graph/{key}")


def expand(text: str) -> str:
    """Return the IRI that a compact one such as ``isco:C2221`` stands for; others as they are."""
    prefix, colon, rest = text.partition(":")
    return PREFIXES[prefix] + rest if colon and prefix in PREFIXES else text


def compact(iri: str) -> str:
    """Return an IRI with the longest prefix that fits it, or the IRI itself."""
    fitting = [(namespace, prefix) for prefix, namespace in PREFIXES.items() if iri.startswith(namespace)]
    namespace, prefix = max(fitting, key=lambda pair: len(pair[0]), default=("", ""))
    return f"{prefix}:{iri.removeprefix(namespace)}" if prefix else iri


def prefix_lines() -> str:
    """Return the prefixes as SPARQL declarations, one a line."""
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
