"""The colours of the city, read once from ``assets/colours``: a dark and a light theme, and colours with a fixed meaning."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layers.base import Rgba

FOLDER = Path(__file__).resolve().parents[1] / "assets" / "colours"
Colour = tuple[int, int, int, int]


@cache
def themes() -> dict[str, Any]:
    """Return the colour tables 'dark', 'light' and 'meaning'."""
    tables: dict[str, Any] = json.loads((FOLDER / "themes.json").read_text(encoding="utf-8"))
    return tables


def theme(*, dark: bool) -> dict[str, Any]:
    """Return the colours of one theme, as #rrggbb texts."""
    table: dict[str, Any] = themes()["dark" if dark else "light"]
    return table


def meaning(name: str) -> Any:
    """Return colours that mean the same in both themes: 'grade', 'waste', 'severity', 'stage', 'truck'."""
    return themes()["meaning"][name]


def rgba(text: str, alpha: int = 255) -> Colour:
    """Return a colour written #rrggbb as four numbers 0-255."""
    value = int(text[1:], 16)
    return value >> 16 & 255, value >> 8 & 255, value & 255, alpha


def palette(colours: Any, alpha: int = 255) -> Rgba:
    """Return colours written #rrggbb as an array ``(n, 4)``."""
    return np.array([rgba(text, alpha) for text in colours], dtype=np.uint8).reshape(-1, 4)


def coded(values: NDArray[Any], table: dict[str, str], default: str, alpha: int = 255) -> Rgba:
    """Return a colour for each text in ``values (n,)``; those not in the table get the default."""
    names = list(table)
    colours = palette([*table.values(), default], alpha)
    row_of = {name: row for row, name in enumerate(names)}
    rows = np.fromiter((row_of.get(value, len(names)) for value in values.tolist()), np.intp, len(values))
    return colours[rows]


def shaded(colours: Rgba, factor: NDArray[np.floating[Any]] | float) -> Rgba:
    """Return colours made darker (below 1) or lighter (above 1); alpha stays."""
    out = colours.astype(np.float32)
    out[..., :3] *= np.asarray(factor, dtype=np.float32)[..., None] if np.ndim(factor) else factor
    return np.asarray(np.clip(out, 0, 255).astype(np.uint8))


def mixed(one: Rgba, other: Rgba, share: NDArray[np.floating[Any]]) -> Rgba:
    """Return ``one`` blended towards ``other`` by ``share (n,)``, 0-1."""
    weight = np.asarray(share, dtype=np.float32)[..., None]
    return np.asarray((one * (1 - weight) + other * weight).astype(np.uint8))
