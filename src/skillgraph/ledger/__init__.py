"""The append-only record of every change to the published graph."""

from skillgraph.ledger.ledger import Change, Ledger, Revision, open_ledger

__all__ = ["Change", "Ledger", "Revision", "open_ledger"]
