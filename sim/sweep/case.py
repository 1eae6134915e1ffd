"""One scenario of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

from twin.model.edits import Edit
from twin.model.scenario import Scenario


@dataclass(frozen=True)
class Case:
    """One scenario of a sweep by what it does."""

    edits: tuple[Edit, ...]

    @property
    def scenario(self) -> Scenario:
        """The case as a scenario without a name: nothing that is measured depends on one."""
        return Scenario(id="case", name="case", edits=self.edits)

    @property
    def target_ids(self) -> tuple[str, ...]:
        """The keys of all that it touches."""
        return tuple(dict.fromkeys(key for edit in self.edits for key in edit.target_ids))
