"""Tables of text on the terminal; Chinese signs take two places."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width_of(text: str) -> int:
    """Return how many places a text takes on a terminal."""
    return sum(0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def shortened(text: str, width: int) -> str:
    """Return the text cut to at most ``width`` places, with … where something is missing."""
    if width_of(text) <= width:
        return text
    kept, used = [], 1
    for sign in text:
        used += width_of(sign)
        if used > width:
            break
        kept.append(sign)
    return "".join(kept) + "…"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return rows as aligned columns under headings with a line between; columns in ``right`` end flush."""
    cells = [list(headings), *[list(row) for row in rows]]
    widths = [max(width_of(row[column]) for row in cells) for column in range(len(headings))]
    lines = [_line(row, widths, right) for row in cells]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[int]) -> str:
    parts = []
    for column, (text, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - width_of(text))
        parts.append(padding + text if column in right else text + padding)
    return "  ".join(parts).rstrip()
