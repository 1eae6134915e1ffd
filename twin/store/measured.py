"""What sweeps have measured, kept beside the results: a line for each case, so that what is interrupted goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twin.model.codec import edit_to_json, indicators_from_json, indicators_to_json
from twin.model.edits import Edit
from twin.model.results import Indicator
from twin.store.faults import reported

FOLDER = "sweeps"


def digest_of(edits: tuple[Edit, ...]) -> str:
    """Return the digest of what a case does."""
    text = json.dumps([edit_to_json(edit) for edit in edits], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class MeasuredLog:
    """The indicators of cases by their edits, of one simulation with the same parameters on one version of the city.

    A line that a power cut left half written is passed over: its case is measured again.
    """

    def __init__(
        self, workspace: Path, city_version: int, simulation: str, params: Mapping[str, Any], seed: int, *, writable: bool
    ) -> None:
        asked = json.dumps([simulation, dict(params), seed], sort_keys=True, default=str)
        name = f"{city_version}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}.jsonl"
        self._workspace, self._path = workspace, workspace / FOLDER / name
        self._version, self._writable = city_version, writable

    def known(self) -> dict[str, tuple[Indicator, ...]]:
        """Return what was measured so far, by the digest of the case."""
        if not self._path.is_file():
            return {}
        found = {}
        with reported(self._workspace):
            lines = self._path.read_text(encoding="utf-8").splitlines()
        for line in lines:
            try:
                digest, indicators = json.loads(line)
                found[str(digest)] = indicators_from_json(indicators)
            except (ValueError, TypeError, KeyError):
                continue  # half a line
        return found

    def add(self, edits: tuple[Edit, ...], indicators: tuple[Indicator, ...]) -> None:
        """Keep one case, where the workspace may be written to; what was measured on other versions of the city goes.

        Raises ``StorageError`` on a full disk.
        """
        if not self._writable:
            return
        line = json.dumps([digest_of(edits), indicators_to_json(indicators)], ensure_ascii=False, allow_nan=False)
        with reported(self._workspace):
            if not self._path.exists():
                self._path.parent.mkdir(exist_ok=True)
                for old in self._path.parent.glob("*.jsonl"):
                    if not old.name.startswith(f"{self._version}-"):
                        old.unlink()
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}")
