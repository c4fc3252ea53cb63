"""The append-only record of every change to the published graph, and of who contributed and decided it."""

from skillgraph.ledger.accounts import Account, Accounts, AuditEntry, Role, Token
from skillgraph.ledger.contributions import (
    Act,
    Contribution,
    Contributions,
    NewStep,
    Publication,
    State,
    Step,
    Upload,
)
from skillgraph.ledger.copies import copy_ledger, sqlite_url
from skillgraph.ledger.ledger import Change, Heads, Ledger, Origin, Revision, digest_of, now, open_database, open_ledger
from skillgraph.ledger.saved import SavedQueries, SavedQuery
from skillgraph.ledger.verification import Damage, Verification

__all__ = [
    "Account",
    "Accounts",
    "Act",
    "AuditEntry",
    "Change",
    "Contribution",
    "Contributions",
    "Damage",
    "Heads",
    "Ledger",
    "NewStep",
    "Origin",
    "Publication",
    "Revision",
    "Role",
    "SavedQueries",
    "SavedQuery",
    "State",
    "Step",
    "Token",
    "Upload",
    "Verification",
    "copy_ledger",
    "digest_of",
    "now",
    "open_database",
    "open_ledger",
    "sqlite_url",
]
