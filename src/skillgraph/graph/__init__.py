"""The published graph behind one small protocol, in process or through guarded workers."""

from skillgraph.graph.protocol import Answer, Binding, Graph, Query, ResultFormats

__all__ = ["Answer", "Binding", "Graph", "Query", "ResultFormats"]
