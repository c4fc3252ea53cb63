"""Finds things by their names, in every language and script, while they are being typed."""

from skillgraph.search.index import EQUAL, Found, NameIndex
from skillgraph.search.names import GraphNames, Names
from skillgraph.search.records import Named, records_of

__all__ = ["EQUAL", "Found", "GraphNames", "NameIndex", "Named", "Names", "records_of"]
