"""What stakeholders contribute: read, and held against the rules of the house and the shapes."""

from skillgraph.contribution.checked import validate_file

__all__ = ["validate_file"]
