"""What the window shows while no city is open: how to begin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ui import theme
from ui.language import tr
from ui.panels.base import TextButton, clear, label, scrolled
from ui.settings import Settings
from ui.texts import say_again

CARD_WIDTH_PX = 300
LOGO_PX = 88


class StartPage(QWidget):
    """Three ways to begin, and the workspaces that were open lately; files may be dropped anywhere."""

    def __init__(
        self,
        settings: Settings,
        *,
        on_demo: Callable[[], object],
        on_new: Callable[[], object],
        on_open: Callable[[], object],
        on_recent: Callable[[Path], object],
    ) -> None:
        super().__init__()
        self._settings, self._on_recent = settings, on_recent
        outer = QVBoxLayout(self)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setSpacing(10)
        column.addStretch(2)
        self._logo = QLabel()
        title, subtitle = (
            label("title", text=lambda: tr("CityTwin")),
            label("muted", text=lambda: tr("A twin of your city that answers what-if questions")),
        )
        for widget in (self._logo, title, subtitle):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addSpacing(14)
        cards = QGridLayout()
        cards.setSpacing(10)
        self.cards = [
            _card("city", lambda: tr("Open the demo city"), lambda: tr("A made-up city to try everything on"), on_demo),
            _card("new", lambda: tr("New workspace…"), lambda: tr("Begin empty, then import roads, bins and more"), on_new),
            _card("open", lambda: tr("Open workspace…"), lambda: tr("Go on with a city you have"), on_open),
        ]
        for place, card in enumerate(self.cards):
            cards.addWidget(card, place, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(cards)
        column.addSpacing(8)
        self._recent_heading = label("section", text=lambda: tr("Recent workspaces"))
        self._recent_heading.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._recent_heading)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        column.addLayout(self._recent)
        drop = label("muted", text=lambda: tr("Or drop a workspace or data files on this window."))
        drop.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        column.addWidget(drop)
        column.addStretch(3)
        outer.addWidget(scrolled(inside))
        self.retheme()
        say_again(self, self.refresh)

    def refresh(self) -> None:
        """List the recent workspaces."""
        clear(self._recent)
        recent = self._settings.recent_workspaces()
        self._recent_heading.setVisible(bool(recent))
        for path in recent:
            button = _recent_button(path, self._on_recent)
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)

    def retheme(self) -> None:
        """Draw logo and icons again."""
        picture = theme.pixmap("citytwin", theme.current().text, LOGO_PX * 2)
        picture.setDevicePixelRatio(2)
        self._logo.setPixmap(picture)
        for card in self.cards:
            card.retheme()


def _card(icon: str, text: Callable[[], str], hint: Callable[[], str], on_click: Callable[[], object]) -> TextButton:
    card = TextButton(lambda: f"  {text()}\n  {hint()}", on_click, icon, "card")
    card.setFixedWidth(CARD_WIDTH_PX + 90)
    card.setIconSize(QSize(28, 28))
    return card


def _recent_button(path: Path, on_recent: Callable[[Path], object]) -> TextButton:
    button = TextButton(lambda: f"{path.stem}  –  {path.parent}", lambda: on_recent(path), "recent", "flat")
    button.setFixedWidth(CARD_WIDTH_PX + 90)
    button.setToolTip(str(path))
    return button
