"""The workspace on disk: one folder that holds the city, its journal, histories, terrain and results."""

from twin.store.results import ResultSummary
from twin.store.store import Store
from twin.store.transaction import Transaction
from twin.store.workspace import WorkspaceInfo

__all__ = ["ResultSummary", "Store", "Transaction", "WorkspaceInfo"]
