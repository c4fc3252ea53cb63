"""The append-only record of every change to the published graph."""

from skillgraph.ledger.ledger import Change, Ledger, Revision, open_database, open_ledger
from skillgraph.ledger.saved import SavedQueries, SavedQuery

__all__ = ["Change", "Ledger", "Revision", "SavedQueries", "SavedQuery", "open_database", "open_ledger"]
