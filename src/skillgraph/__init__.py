"""Skills, stakeholders and schemes for skills-based labour mobility, as a knowledge graph."""

from importlib.metadata import version

__version__ = version("skillgraph")
