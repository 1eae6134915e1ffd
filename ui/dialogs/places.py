"""Finding roads, places and bins by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from ui.dialogs.chooser import Choice, Chooser
from ui.language import tr
from ui.search import Hit, find
from ui.view import View
from ui.words import counted


def place_finder(parent: QWidget, view: View, choose: Callable[[Hit], object]) -> Chooser:
    """Return a dialog that finds things of the city by name and gives what was chosen to ``choose``."""

    def choices(typed: str) -> list[Choice]:
        return [
            Choice(hit.name, partial(choose, hit), detail=counted(hit.kind, len(hit.ids))) for hit in find(view.snapshot, typed)
        ]

    return Chooser(parent, tr("Find"), tr("Name of a road, a place or a bin"), choices)
