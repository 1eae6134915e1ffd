"""From a file to the city: one task, one transaction, one report."""

from __future__ import annotations

from twin.ingest.importing import import_source
from twin.ingest.info import workspace_info
from twin.ingest.report import ImportReport

__all__ = ["ImportReport", "import_source", "workspace_info"]
