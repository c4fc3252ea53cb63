"""Holds data against the shapes and says what to mend.

What a shape can see from a focus node is a few paths long, so that a change is validated on an excerpt of the graph,
at a cost that grows with the change.
"""

from skillgraph.validation.excerpt import Difference
from skillgraph.validation.run import validate, validate_change, validate_content
from skillgraph.validation.shapes import Shapes, load_shapes

__all__ = ["Difference", "Shapes", "load_shapes", "validate", "validate_change", "validate_content"]
