"""Choosing things of the city by words: their key, their name in either language, or all of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import numpy as np

from twin.errors import ScenarioError
from twin.model.catalogue import KIND_OF
from twin.model.frame import Frame
from twin.model.snapshot import Snapshot

ALL = "all"

_NAME_COLUMNS = ("name", "name_en", "way_id", "code")


def ids_named(snapshot: Snapshot, kind: str, words: Iterable[str]) -> tuple[str, ...]:
    """Return the keys that the words choose, each once, in the city's order.

    A word is a key, a name in either language (case does not matter), the number of an OSM way, or
    'all'. Raises ``ScenarioError`` naming near names for a word that chooses nothing.
    """
    frame = snapshot[kind]
    chosen = np.zeros(len(frame), dtype=bool)
    for word in words:
        rows = _rows_named(frame, word)
        if not rows.any():
            raise _nothing_named(frame, word)
        chosen |= rows
    return tuple(frame.ids[chosen].tolist())


def _rows_named(frame: Frame, word: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    if word == ALL:
        return np.ones(len(frame), dtype=bool)
    wanted = word.casefold()
    rows = np.array([key == word for key in frame.ids.tolist()], dtype=bool)
    for name in _NAME_COLUMNS:
        if name in frame.columns and not rows.any():
            rows |= np.array([text.casefold() == wanted for text in frame[name].tolist()], dtype=bool)
    return rows


def _nothing_named(frame: Frame, word: str) -> ScenarioError:
    """Return the error for a word that chooses nothing."""
    plural = KIND_OF[frame.kind].label_plural.lower()
    if not len(frame):
        return ScenarioError(f"This city has no {plural}.", "Import some first.")
    near = near_names(frame, word)
    advice = f"Near names: {', '.join(near)}." if near else "Give a name or a key as the map shows it, or 'all'."
    return ScenarioError(f"None of the {plural} is called '{word}'.", advice)


def near_names(frame: Frame, word: str, limit: int = 5) -> list[str]:
    """Return names that are like a word or have it in them."""
    names = {text.casefold(): text for column in _NAME_COLUMNS[:2] if column in frame.columns for text in frame[column].tolist()}
    names.pop("", None)
    wanted = word.casefold()
    within = [key for key in names if wanted in key][:limit]
    like = difflib.get_close_matches(wanted, names, n=limit, cutoff=0.6)
    return [names[key] for key in dict.fromkeys([*within, *like])][:limit]
