"""What an import did, for people and for scripts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from twin.sources.base import Problem


@dataclass(eq=False)
class ImportReport:
    """What came of each record of a file.

    ``added``, ``changed``, ``unchanged`` and ``removed`` count entities by kind, ``refreshed`` those of
    another file that got a newer reading, ``history`` new rows by kind of history. ``problems`` are all records that were left out; ``notes`` say what was assumed.
    """

    source: str
    file: str
    added: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    removed: Counter[str] = field(default_factory=Counter)
    refreshed: Counter[str] = field(default_factory=Counter)
    history: Counter[str] = field(default_factory=Counter)
    history_unchanged: Counter[str] = field(default_factory=Counter)
    terrain: bool = False
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many records were of use, new or not."""
        counts = (self.added, self.changed, self.unchanged, self.history, self.history_unchanged)
        return sum(count.total() for count in counts) + self.terrain

    @property
    def changes_anything(self) -> bool:
        """Whether the city is different now."""
        return (
            any(count.total() for count in (self.added, self.changed, self.removed, self.refreshed, self.history)) or self.terrain
        )

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON has it; keys are stable."""
        return {
            "source": self.source,
            "file": self.file,
            "added": dict(self.added),
            "changed": dict(self.changed),
            "unchanged": dict(self.unchanged),
            "removed": dict(self.removed),
            "refreshed": dict(self.refreshed),
            "history_rows": dict(self.history),
            "history_rows_unchanged": dict(self.history_unchanged),
            "terrain": self.terrain,
            "rejected": len(self.problems),
            "problems": [{"row": item.row, "reason": item.reason, "file": item.where} for item in self.problems],
            "notes": list(self.notes),
        }
