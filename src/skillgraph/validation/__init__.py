"""Holds data against the shapes and says what to mend."""

from skillgraph.validation.run import validate
from skillgraph.validation.shapes import Shapes, load_shapes

__all__ = ["Shapes", "load_shapes", "validate"]
