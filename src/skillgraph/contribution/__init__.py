"""What stakeholders contribute: read, and held against the rules of the house and the shapes."""

from skillgraph.contribution.checked import Report, check_intake, check_upload, validate_file

__all__ = ["Report", "check_intake", "check_upload", "validate_file"]
