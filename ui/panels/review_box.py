"""Talking a scenario over in the window: its state, the steps that lead on from it, and what was said."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from twin.model.comment import Comment
from twin.model.scenario import REACHED_FROM
from ui import review
from ui.desk import Desk
from ui.language import time_text, tr, tr_choice
from ui.panels.base import IconButton, TextButton, clear, label
from ui.texts import say, say_again

_ICONS = {"propose": "up", "approve": "check", "reject": "cancel", "publish": "export", "withdraw": "undo"}


class ReviewBox(QWidget):
    """The state of the current scenario, a button for each next step, its comments and a line for one more."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label("section", text=lambda: tr("Approval and comments")))
        self.state = label("muted")
        column.addWidget(self.state)
        self.steps: dict[str, TextButton] = {}
        self.buttons = QGridLayout()
        self.buttons.setSpacing(4)
        for name, (_, text) in review.STEPS.items():
            self.steps[name] = TextButton(partial(tr, text), partial(self._take, name), _ICONS[name])
            self.steps[name].setParent(self)
        column.addLayout(self.buttons)
        self.comments = QVBoxLayout()
        self.comments.setSpacing(4)
        column.addLayout(self.comments)
        self.line = QLineEdit()
        self.line.setMaxLength(2000)
        say(self.line.setPlaceholderText, lambda: tr("Add a comment and press Enter"))
        say(self.line.setAccessibleName, lambda: tr("Add a comment and press Enter"))
        self.line.returnPressed.connect(self._say)
        column.addWidget(self.line)
        desk.view_changed.connect(self.refresh)
        say_again(self, self.refresh)

    def refresh(self) -> None:
        """Show the state of the current scenario; the baseline has none."""
        view = self.desk.view
        is_shown = view is not None and not view.is_baseline
        self.setVisible(is_shown)
        clear(self.comments)
        if view is None or not is_shown:
            return
        scenario = view.scenario
        by = tr("{status}, made by {author}", status=tr_choice(scenario.status), author=scenario.author)
        self.state.setText(by if scenario.author else tr_choice(scenario.status))
        self._arrange(scenario.status)
        for comment in view.comments:
            self.comments.addWidget(self._card(comment))
        self.line.setEnabled(self.desk.is_writable)

    def _arrange(self, state: str) -> None:
        """Put the buttons of the next steps side by side, two in a row: the panel is narrow."""
        shown = 0
        for name, (status, _) in review.STEPS.items():
            # From the public back to the approved ones is by way of a draft here.
            is_next = state in REACHED_FROM[status] and (name, state) != ("approve", "published")
            button = self.steps[name]
            self.buttons.removeWidget(button)
            button.setVisible(is_next)
            button.setEnabled(self.desk.is_writable)
            if is_next:
                self.buttons.addWidget(button, shown // 2, shown % 2)
                shown += 1

    def _card(self, comment: Comment) -> QWidget:
        card = QFrame()
        card.setProperty("look", "card")
        line = QHBoxLayout(card)
        line.setContentsMargins(8, 4, 4, 4)
        at = time_text(comment.written_at) if comment.written_at else ""
        column = QVBoxLayout()
        column.setSpacing(0)
        head = QLabel(" · ".join(part for part in (comment.author or tr("nobody named"), at) if part))
        head.setProperty("look", "muted")
        text = QLabel(comment.text)
        text.setWordWrap(True)
        column.addWidget(head)
        column.addWidget(text)
        line.addLayout(column, 1)
        remove = IconButton("cancel", lambda: tr("Take this comment back"), lambda: self._withdraw(comment))
        remove.setEnabled(self.desk.is_writable)
        line.addWidget(remove)
        return card

    def _take(self, step: str) -> None:
        view = self.desk.view
        if view is not None:
            name = view.scenario.name
            self.desk.do("Approval", lambda session: review.take_step(session, name, step))

    def _say(self) -> None:
        view, text = self.desk.view, self.line.text()
        if view is None or not text.strip():
            return
        name = view.scenario.name
        self.desk.do(
            "Comment", lambda session: review.say(session, name, text, datetime.now(UTC)), on_finish=lambda _: self.line.clear()
        )

    def _withdraw(self, comment: Comment) -> None:
        self.desk.do("Comment", lambda session: review.withdraw_comment(session, comment))
