"""The command palette: every action by a few letters, in Chinese or English, whatever the language in use."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from ui import theme
from ui.actions import ACTIONS
from ui.dialogs.chooser import Choice, Chooser
from ui.language import LANGUAGES, catalogue, tr

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def command_palette(window: MainWindow) -> Chooser:
    """Return the palette over all actions; those that cannot be done now come last."""
    choices = []
    for action in ACTIONS:
        others = (action.label, *(catalogue(code).get(action.label, "") for code in LANGUAGES))
        choices.append(
            Choice(
                f"{tr(action.menu)} › {tr(action.label)}",
                partial(action.run, window),
                tuple(text for text in others if text),
                QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText),
                tr(action.hint) if action.hint else "",
                theme.icon(action.icon) if action.icon else None,
                action.is_enabled(window),
            )
        )
    return Chooser(window, tr("All commands"), tr("Type a few letters of a command"), choices)
