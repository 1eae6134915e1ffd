"""Packages in the window: send what the centre has not confirmed, take over what came from it, know the other offices."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from twin.errors import KnownError
from twin.sync.courier import Arrival
from twin.sync.package.keys import Card, KeyRing, card_from_text
from twin.sync.package.writing import ENDING, Written
from twin.task import Task
from ui import office
from ui.desk import Desk
from ui.disputes import waiting
from ui.forms import CalmComboBox
from ui.language import mark, number, time_text, tr
from ui.office import Looked
from ui.output import write_file
from ui.panels.base import TextButton, label
from ui.progress import in_words, show_in
from ui.quantity import quantity
from ui.session import Session
from ui.texts import say, say_again
from ui.worker import Work

CARD_ENDING = ".ctcard"
FIRST_DAYS, MOST_DAYS = 30, 366
PURPOSES = {
    "city": mark("the city for an office that begins"),
    "changes": mark("news from the centre"),
    "push": mark("edits for the centre"),
}


class PackageDialog(QDialog):
    """Three pages: send, receive, offices. Work goes on beside the window, with progress and cancel."""

    def __init__(self, desk: Desk, ring: KeyRing, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk, self.ring = desk, ring
        self.looked: Looked | None = None
        self._work: Work | None = None
        say(self.setWindowTitle, lambda: tr("Package"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(620, 460)
        column = QVBoxLayout(self)
        self.pages = QTabWidget()
        for page in (self._send_page(), self._receive_page(), self._offices_page()):
            self.pages.addTab(page, "")
        column.addWidget(self.pages, 1)
        line = QHBoxLayout()
        self.doing, self.bar = label("muted"), QProgressBar()
        self.cancel = TextButton(lambda: tr("Cancel"), self.stop, "cancel")
        for widget in (self.doing, self.bar, self.cancel):
            line.addWidget(widget)
        column.addLayout(line)
        desk.worker.changed.connect(self._show_progress)
        desk.view_changed.connect(self.refresh)
        say_again(self, self.refresh)

    def refresh(self) -> None:
        """Show the keys, the offices and what waits, as they are now."""
        for place, text in enumerate((tr("Send"), tr("Receive"), tr("Offices"))):
            self.pages.setTabText(place, text)
        own, cards = self.ring.own_keys(), self.ring.trusted()
        chosen = self.to.currentData()
        self.to.clear()
        for card in cards:
            self.to.addItem(card.name, card)
        self.to.setCurrentIndex(max(0, next((n for n, card in enumerate(cards) if card == chosen), 0)))
        self.offices.clear()
        for card in cards:
            row = QListWidgetItem(f"{card.name}\n{card.fingerprint}")
            row.setData(Qt.ItemDataRole.UserRole, card)
            self.offices.addItem(row)
        self.offices.setVisible(bool(cards))
        self.no_offices.setVisible(not cards)
        self.own.setText(
            tr("This office: {name}\n{fingerprint}", name=own[0].name, fingerprint=own[0].card.fingerprint)
            if own
            else tr("This computer has no key yet. Give this office a name to make one.")
        )
        self.name.setVisible(not own)
        self.make.setVisible(not own)
        self.save_card.setVisible(bool(own))
        self.waiting.setText(self._waiting())
        self._tell_readiness(bool(own), bool(cards))
        self._show_progress()

    # Sending

    def _send_page(self) -> QWidget:
        page, rows = QWidget(), QFormLayout()
        column = QVBoxLayout(page)
        self.waiting, self.readiness = label(), label("note")
        self.to, self.days = CalmComboBox(), QSpinBox()
        self.days.setRange(1, MOST_DAYS)
        self.days.setValue(FIRST_DAYS)
        to, days = label(text=lambda: tr("For")), label(text=lambda: tr("Usable for (days)"))
        to.setBuddy(self.to)
        days.setBuddy(self.days)
        rows.addRow(to, self.to)
        rows.addRow(days, self.days)
        self.write = TextButton(lambda: tr("Write package…"), self.choose_and_write, "export", "primary")
        self.written = label()
        for widget in (self.waiting, self.readiness):
            column.addWidget(widget)
        column.addLayout(rows)
        column.addWidget(self.write, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.written)
        column.addStretch()
        return page

    def _waiting(self) -> str:
        view = self.desk.view
        if view is None:
            return tr("No workspace is open.")
        status = view.office.status
        count = status.pending if status else view.version
        if not count:
            return tr("The centre has everything. A package then only asks for what is new there.")
        return " ".join([waiting(count), tr("Each package carries all that is not confirmed, so a lost stick costs nothing.")])

    def _tell_readiness(self, has_key: bool, has_offices: bool) -> None:
        text = ""
        if not has_key:
            text = tr("First make the key of this office, on the page 'Offices'.")
        elif not has_offices:
            text = tr("First trust the card of the centre, on the page 'Offices'.")
        self.readiness.setText(text)
        self.readiness.setVisible(bool(text))

    def choose_and_write(self) -> None:
        """Ask for a place and write the package there."""
        view = self.desk.view
        if view is None:
            return
        stem = view.path.with_suffix(ENDING).name
        path = _asked_to_save(self, tr("Write package…"), stem, tr("Packages"), ENDING)
        if path is not None:
            self.write_to(path)

    def write_to(self, path: Path) -> None:
        """Write the package."""
        card = self.to.currentData()
        days = float(self.days.value())
        self.written.clear()
        self._start(
            mark("Write package"),
            lambda session: office.write_edits(session, path, self.ring, [card], days=days, now=office.utc_now()),
            self._tell_written,
        )

    def _tell_written(self, written: Written) -> None:
        edits = int(written.manifest.contents.scope.get("edits", 0))
        self.written.setText(
            tr(
                "'{name}' was written and read back ({size}; edits: {count}). They count as waiting until the centre's answer is taken over.",
                name=written.path.name,
                count=number(edits),
                size=quantity(written.size / 1e6, "MB"),
            )
        )
        self.desk.refresh()

    # Receiving

    def _receive_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        self.choose = TextButton(lambda: tr("Choose package…"), self.choose_and_look, "open")
        self.inside = label()
        self.take = TextButton(lambda: tr("Take it over"), self.take_over, "import", "primary")
        self.taken = label()
        column.addWidget(
            label(
                "muted",
                text=lambda: tr(
                    "A package is checked to its last byte before anything of it is taken over; it may be taken over any number of times."
                ),
            )
        )
        column.addWidget(self.choose, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.inside)
        column.addWidget(self.take, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.taken)
        column.addStretch()
        return page

    def choose_and_look(self) -> None:
        """Ask for a package and check it."""
        path = _asked_to_open(self, tr("Choose package…"), tr("Packages"), ENDING)
        if path is not None:
            self.look_at(path)

    def look_at(self, path: Path) -> None:
        """Check a package and say what is in it."""
        self.looked = None
        self.inside.clear()
        self.taken.clear()
        self._start(mark("Check package"), lambda _: office.look_at(path, self.ring, office.utc_now()), self._tell_inside)

    def _tell_inside(self, looked: Looked) -> None:
        self.looked = looked
        header, manifest = looked.package.header, looked.manifest
        rows = (
            (tr("From"), looked.package.sender.name),
            (tr("Purpose"), tr(PURPOSES[header.purpose])),
            (tr("City"), manifest.contents.city_name),
            (tr("Made"), time_text(header.created_at)),
            (tr("Usable until"), time_text(header.expires_at)),
            (
                tr("Size"),
                tr(
                    "{packed}, unpacked {plain}",
                    packed=quantity(looked.package.header.size / 1e6, "MB"),
                    plain=quantity(manifest.size / 1e6, "MB"),
                ),
            ),
            (tr("Parts"), number(len(manifest.parts))),
        )
        self.inside.setText("\n".join(tr(": ").join(row) for row in rows))
        self._show_progress()

    def take_over(self) -> None:
        """Take over the package that was checked."""
        looked = self.looked
        if looked is not None:
            self._start(
                mark("Take over package"),
                lambda session: office.take_over(session, looked, now=office.utc_now()),
                self._tell_taken,
            )

    def _tell_taken(self, arrival: Arrival) -> None:
        if arrival.refusals:
            text = " ".join([tr("The centre says:"), *(refusal.what for refusal in arrival.refusals)])
        elif arrival.is_news:
            text = tr("Taken over. The city shows it now.")
        else:
            text = tr("It holds nothing that is new here; nothing was changed.")
        self.taken.setText(text)
        self.desk.refresh()

    # Offices

    def _offices_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        self.own = label()
        self.name = QLineEdit()
        say(self.name.setPlaceholderText, lambda: tr("Name of the office"))
        say(self.name.setAccessibleName, lambda: tr("Name of the office"))
        self.make = TextButton(lambda: tr("Make the key"), self.make_key, "plus")
        self.save_card = TextButton(lambda: tr("Save this office's card…"), self.choose_and_save_card, "export")
        self.no_offices = label("muted", text=lambda: tr("No other office is trusted yet."))
        self.offices = QListWidget()
        say(self.offices.setAccessibleName, lambda: tr("Offices"))
        self.trust = TextButton(lambda: tr("Trust a card…"), self.choose_and_trust, "open")
        self.forget = TextButton(lambda: tr("No longer trust"), self.distrust, "delete")
        column.addWidget(self.own)
        for widget in (self.name, self.make, self.save_card):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(label("section", text=lambda: tr("Trusted offices")))
        column.addWidget(label("muted", text=lambda: tr("Compare the fingerprint by telephone before you trust a card.")))
        column.addWidget(self.no_offices)
        column.addWidget(self.offices, 1)
        line = QHBoxLayout()
        for button in (self.trust, self.forget):
            line.addWidget(button)
        line.addStretch()
        column.addLayout(line)
        column.addStretch()
        return page

    def make_key(self) -> None:
        """Make this office's key."""
        self._guarded(lambda: self.ring.make(self.name.text()))

    def choose_and_save_card(self) -> None:
        """Ask for a place and write this office's card."""
        own = self.ring.own
        path = _asked_to_save(self, tr("Save this office's card…"), f"{own.name}{CARD_ENDING}", tr("Cards"), CARD_ENDING)
        if path is not None:
            self._guarded(lambda: write_file(path, own.card_text().encode()))

    def choose_and_trust(self) -> None:
        """Ask for a card and trust it."""
        path = _asked_to_open(self, tr("Trust a card…"), tr("Cards"), CARD_ENDING)
        if path is not None:
            self._guarded(lambda: self.ring.trust(card_from_text(path.read_bytes().decode(errors="replace"))))

    def distrust(self) -> None:
        """Take no more packages of the chosen office."""
        for item in self.offices.selectedItems():
            card = item.data(Qt.ItemDataRole.UserRole)
            if isinstance(card, Card):
                self._guarded(lambda card=card: self.ring.distrust(card))  # type: ignore[misc] # bound early on purpose

    def _guarded(self, action: Callable[[], object]) -> None:
        try:
            action()
        except (KnownError, OSError) as error:
            self.desk.fail(error)
        self.refresh()

    # Work

    def stop(self) -> None:
        """Cancel what is under way."""
        if self._work is not None:
            self._work.cancel()

    def closeEvent(self, event: Any) -> None:  # noqa: N802  Qt's name
        """Stop what nobody watches any more."""
        self.stop()
        super().closeEvent(event)

    def _start(self, text: str, make_task: Callable[[Session], Task[Any]], on_finish: Callable[[Any], object]) -> None:
        if self._under_way() is None:
            self._work = self.desk.run(text, make_task, on_finish=on_finish)
        self._show_progress()

    def _under_way(self) -> Work | None:
        return self._work if self._work is not None and not self._work.is_over else None

    def _show_progress(self) -> None:
        work = self._under_way()
        for widget in (self.doing, self.bar, self.cancel):
            widget.setVisible(work is not None)
        is_ready = work is None and self.desk.is_writable and bool(self.ring.own_keys())
        self.write.setEnabled(is_ready and self.to.count() > 0)
        self.choose.setEnabled(is_ready)
        self.take.setEnabled(is_ready and self.looked is not None)
        if work is not None:
            self.doing.setText(in_words(work))
            show_in(self.bar, work.progress)


def _asked_to_save(parent: QWidget, title: str, name: str, kind: str, ending: str) -> Path | None:
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(Path.home() / name), f"{kind} (*{ending})")
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(ending)


def _asked_to_open(parent: QWidget, title: str, kind: str, ending: str) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, title, str(Path.home()), f"{kind} (*{ending})")
    return Path(chosen) if chosen else None
