"""The command line.

Exit codes: 0 all is well, 1 something was found that must be mended, 2 the command could not run.
"""

from skillgraph.cli.group import main

__all__ = ["main"]
