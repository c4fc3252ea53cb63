"""Run the command line as ``python -m skillgraph``."""

from skillgraph.cli import main

main()
