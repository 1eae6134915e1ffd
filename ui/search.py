"""Finding by a few letters: commands in either language, and roads, places and bins by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from twin.model.catalogue import KINDS
from twin.model.snapshot import Snapshot

NAME_COLUMNS = ("name", "name_en", "code", "address")
SEARCHED_KINDS = tuple(kind.kind for kind in KINDS if kind.kind not in ("scenario", "comment", "movement", "node"))

_START = re.compile(r"[\s\-_/·:(（]")


def fuzzy(query: str, text: str) -> float | None:
    """Return how well a text fits what was typed, higher is better; None when it does not.

    Every letter of the query must occur in the text in its order. A run of letters together and letters
    at the start of a word count more, so that 'cr' finds 'Close road' before 'scenario'.
    """
    wanted, plain = query.lower().replace(" ", ""), text.lower()
    if not wanted:
        return 0.0
    if (place := plain.find(query.lower().strip())) >= 0:
        return 100.0 - min(place, 50) - len(plain) * 0.01 + (25.0 if place == 0 or _START.match(plain[place - 1]) else 0.0)
    score, place, together = 0.0, -1, False
    for letter in wanted:
        found = plain.find(letter, place + 1)
        if found < 0:
            return None
        starts = found == 0 or bool(_START.match(plain[found - 1]))
        together = found == place + 1
        score += 3.0 if starts else 2.0 if together else 0.0
        score -= 0.1 * (found - place - 1)
        place = found
    return score - len(plain) * 0.01


def best(query: str, texts: Sequence[Iterable[str]]) -> list[int]:
    """Return the positions of what fits, best first; each thing has several texts, and its best one counts."""
    scored = []
    for position, names in enumerate(texts):
        scores = [score for name in names if (score := fuzzy(query, name)) is not None]
        if scores:
            scored.append((-max(scores), position))
    return [position for _, position in sorted(scored)]


@dataclass(frozen=True)
class Hit:
    """Something of the city that was found: all pieces of one kind with one name."""

    kind: str
    name: str
    ids: tuple[str, ...]


def find(snapshot: Snapshot, query: str, limit: int = 60) -> list[Hit]:
    """Return what has the query in its name, exact names first, pieces of one road as one."""
    wanted = query.strip().casefold()
    if not wanted:
        return []
    found: dict[tuple[str, str], list[str]] = {}
    for kind in SEARCHED_KINDS:
        frame = snapshot.frames.get(kind)
        if frame is None or frame.geometry is None:
            continue
        for column in NAME_COLUMNS:
            if column not in frame.columns:
                continue
            names = frame[column].astype(str)
            if not len(names):
                continue
            hits = np.flatnonzero(np.char.find(np.char.lower(names), wanted) >= 0)
            for row in hits[: limit * 40].tolist():
                found.setdefault((kind, names[row]), []).append(frame.ids[row])
    ranked = sorted(
        found, key=lambda item: (not item[1].casefold().startswith(wanted), len(item[1]), SEARCHED_KINDS.index(item[0]))
    )
    return [Hit(kind, name, tuple(dict.fromkeys(found[kind, name]))) for kind, name in ranked[:limit]]
