"""Finds things by their names, in every language and script, while they are being typed."""

from skillgraph.search.index import Found, NameIndex
from skillgraph.search.names import GraphNames, Names
from skillgraph.search.records import Named, records_of

__all__ = ["Found", "GraphNames", "NameIndex", "Named", "Names", "records_of"]
