"""From where to where: the pairs of zones of a result, those with the most trips first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from twin.model.results import ResultTable
from twin.model.snapshot import Snapshot
from ui.language import number, tr
from ui.texts import say_again
from ui.zone_names import zone_name

SHOWN = 50


class PairsTable(QTreeWidget):
    """Origin, destination and trips of the first ``SHOWN`` pairs."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[ResultTable, Snapshot] | None = None
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setColumnCount(3)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.header().setStretchLastSection(False)
        say_again(self, self._draw)

    def show_pairs(self, table: ResultTable | None, snapshot: Snapshot | None) -> None:
        """Show the pairs of a table of a city; hide where there is none."""
        self._shown = (table, snapshot) if table is not None and snapshot is not None else None
        self.setVisible(self._shown is not None)
        self._draw()

    def _draw(self) -> None:
        self.clear()
        self.setHeaderLabels([tr("From zone"), tr("To zone"), tr("Trips per hour")])
        self.setAccessibleName(tr("Pairs of zones"))
        if self._shown is None:
            return
        table, snapshot = self._shown
        for key, trips in zip(table.ids[:SHOWN].tolist(), table.columns["trips_vph"][:SHOWN].tolist(), strict=True):
            begin, end = key.split(" > ")
            item = QTreeWidgetItem([zone_name(snapshot, begin), zone_name(snapshot, end), number(trips, 1)])
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
