"""The main window: the map in the middle, panels around it, and everything that can be done in menus and keys."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QTabWidget,
    QToolBar,
    QWidget,
)

from twin.errors import CancelledError, KnownError
from twin.sync.conflicts import Conflict
from ui import files, theme
from ui.actions import ACTIONS, MENUS
from ui.appearance import wear
from ui.crash import report_text, write_report
from ui.desk import Desk
from ui.dialogs.centre import CentreDialog
from ui.dialogs.crash import CrashDialog
from ui.dialogs.help import AboutDialog, HelpDialog, ShortcutsDialog, page
from ui.dialogs.messages import known_error
from ui.dialogs.package import PackageDialog
from ui.dialogs.palette import command_palette
from ui.dialogs.places import place_finder
from ui.dialogs.settings import SettingsDialog
from ui.dialogs.sweep import SweepDialog
from ui.disputes import place_of
from ui.keyring import user_keyring
from ui.language import tr
from ui.layer_stack import LayerStack
from ui.map_page import MapPage
from ui.panels.base import Panel
from ui.panels.catalogue import PANELS
from ui.panels.due import DuePanel
from ui.panels.layers import LayersPanel
from ui.panels.problems import ProblemsPanel
from ui.panels.results import ResultsPanel
from ui.panels.scenario import ScenarioPanel
from ui.panels.sync import SyncPanel
from ui.panels.time import TimePanel
from ui.scene_view.highlight import Version
from ui.search import Hit
from ui.settings import Settings
from ui.start_page import StartPage
from ui.status import StatusBar
from ui.syncing import Syncing
from ui.texts import say, say_again

START_SIZE = QSize(1500, 920)
LEFT_WIDTH_PX, RIGHT_WIDTH_PX = 350, 400
LAYOUT_VERSION = 1  # of the panels: a saved layout of another version is not restored
FLY_MARGIN_M = 250.0


class MainWindow(QMainWindow):
    """The window of one desk. Menus, toolbar and shortcuts are made from ``ACTIONS``, docks from ``PANELS``."""

    desk: Desk
    map_page: MapPage
    stack: LayerStack

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.desk = Desk(settings, self)
        self.syncing = Syncing(self.desk, user_keyring())
        self.stack = LayerStack(self.desk)
        self.map_page = MapPage(self.desk, self.stack, lambda: files.import_files(self))
        self.start_page = StartPage(
            settings,
            on_demo=lambda: files.open_demo(self),
            on_new=lambda: files.new_workspace(self),
            on_open=lambda: files.open_workspace(self),
            on_recent=lambda path: files.open_path(self, path),
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.map_page)
        self.setCentralWidget(self.pages)
        self.panels: dict[str, Panel] = {}
        self.docks: dict[str, QDockWidget] = {}
        self.actions_by_id: dict[str, QAction] = {}
        self._was_open: bool | None = None
        self._open_docks: list[str] = [panel.name for panel in PANELS]
        self.setDockNestingEnabled(True)
        self.setAcceptDrops(True)
        self.setWindowIcon(QIcon(theme.pixmap("citytwin", theme.current().text, 64)))
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._make_panels()
        self._make_actions()
        self.status = StatusBar(self.desk, self)
        self.setStatusBar(self.status)
        self._connect()
        self.resize(START_SIZE)
        self.reset_layout()
        self._restore_layout()
        self._show_page()

    # The parts that others ask for

    @property
    def scenario_panel(self) -> ScenarioPanel:
        """The panel of the scenario in hand."""
        panel = self.panels["scenario"]
        assert isinstance(panel, ScenarioPanel)  # noqa: S101  narrows the type
        return panel

    @property
    def time_panel(self) -> TimePanel:
        """The clock."""
        panel = self.panels["time"]
        assert isinstance(panel, TimePanel)  # noqa: S101  narrows the type
        return panel

    def show_panel(self, name: str) -> None:
        """Open a panel and bring it to the front."""
        self.docks[name].show()
        self.docks[name].raise_()

    def show_found(self, simulation: str) -> None:
        """Bring the numbers of a simulation to the front; the map shows only one measure of them."""
        panel = self.panels["results"]
        assert isinstance(panel, ResultsPanel)  # noqa: S101  narrows the type
        panel.open(simulation)
        self.show_panel("results")

    def show_report(self, report: Any) -> None:
        """Show what an import took over and what it could not."""
        panel = self.panels["problems"]
        assert isinstance(panel, ProblemsPanel)  # noqa: S101  narrows the type
        panel.show_report(report)
        self.desk.said.emit(panel.summary.text())
        if report.problems:
            self.show_panel("problems")

    def fly_to_selection(self) -> None:
        """Fly to where everything that is selected is seen."""
        view = self.desk.view
        kind, ids = self.desk.selection
        frame = view.edited.frames.get(kind) if view else None
        if frame is None or frame.geometry is None:
            return
        rows = frame.rows(ids)
        if len(rows):
            west, south, east, north = shapely.total_bounds(frame.geometry[rows])
            margin = FLY_MARGIN_M
            self.map_page.scene.fly_to_bounds((west - margin, south - margin, east + margin, north + margin))

    # Dialogs

    def open_palette(self) -> QDialog:
        """Open the command palette."""
        return _opened(command_palette(self))

    def find_place(self) -> QDialog | None:
        """Open the finder of places."""
        return _opened(place_finder(self, self.desk.view, self._go_to)) if self.desk.view else None

    def open_settings(self) -> QDialog:
        """Open the settings; they take effect at once."""
        dialog = SettingsDialog(self.desk.settings.preferences, self)
        dialog.changed.connect(lambda values: self.change_settings(**values))
        return _opened(dialog)

    def open_sweep(self) -> QDialog:
        """Open the ranking of closures and combinations, beside the window: its rows are looked at on the map."""
        dialog = SweepDialog(self.desk, self, self.fly_to_selection)
        dialog.show()
        return dialog

    def sync_now(self) -> QDialog | None:
        """Sync with the centre; who has not met it is asked for its address."""
        if self.syncing.server and self.syncing.ring.own_keys():
            self.syncing.call()
            return None
        return _opened(CentreDialog(self.syncing, self.syncing.ring, self))

    def open_package(self) -> QDialog:
        """Open the exchange with the centre by a file, beside the window."""
        dialog = PackageDialog(self.desk, self.syncing.ring, self)
        dialog.show()
        return dialog

    def open_help(self) -> QDialog:
        """Open the first steps."""
        return _opened(HelpDialog(tr("First steps"), page("start"), self))

    def open_shortcuts(self) -> QDialog:
        """Open the list of keys."""
        return _opened(ShortcutsDialog(self))

    def open_about(self) -> QDialog:
        """Say what this program is."""
        return _opened(AboutDialog(self))

    def show_error(self, error: BaseException) -> None:
        """Tell the user what went wrong: the world's fault with advice, ours with a report."""
        if isinstance(error, CancelledError):
            self.desk.said.emit(tr("The work was cancelled. Nothing was changed."))
        elif isinstance(error, KnownError):
            known_error(self, error).open()
        else:
            self.show_crash(error)

    def show_crash(self, error: BaseException) -> None:
        """Tell of a mistake of ours, and save the report."""
        at = datetime.now(UTC)
        text = report_text(error, at)
        CrashDialog(error, write_report(text, at), text, self).open()

    def change_settings(self, **values: Any) -> None:
        """Change settings; language, appearance and text size take effect at once."""
        self.desk.settings.change(**values)
        before = theme.current()
        application = QApplication.instance()
        assert isinstance(application, QApplication)  # noqa: S101  a window has one
        wear(application, self.desk.settings.preferences)
        if theme.current() is not before:
            self._retheme()
        self.map_page.set_moving()
        if self.desk.session is not None:
            self.desk.session.author = self.desk.settings.preferences.author

    # Layout

    def reset_layout(self) -> None:
        """Put every panel where it belongs."""
        for dock in self.docks.values():
            self.removeDockWidget(dock)
        first: dict[Qt.DockWidgetArea, QDockWidget] = {}
        for panel in PANELS:
            dock = self.docks[panel.name]
            dock.setFloating(False)
            self.addDockWidget(panel.area, dock)
            if panel.area in first:
                self.tabifyDockWidget(first[panel.area], dock)
            first.setdefault(panel.area, dock)
            dock.show()
        for dock in first.values():
            dock.raise_()
        left, right = first[Qt.DockWidgetArea.LeftDockWidgetArea], first[Qt.DockWidgetArea.RightDockWidgetArea]
        self.resizeDocks([left, right], [LEFT_WIDTH_PX, RIGHT_WIDTH_PX], Qt.Orientation.Horizontal)

    def _fit_titles(self) -> None:
        """Leave out the title of a panel that its tab names already; a panel by itself needs it to be moved."""
        for name, dock in self.docks.items():
            is_named = name == "time" or (bool(self.tabifiedDockWidgets(dock)) and not dock.isFloating())
            has_title = dock.titleBarWidget() is None
            if is_named and has_title:
                dock.setTitleBarWidget(QWidget(dock))
            elif not is_named and not has_title:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type] # Qt's way to ask for its own title bar

    def _restore_layout(self) -> None:
        remembered = self.desk.settings.remembered
        if remembered.window_geometry and remembered.window_state:
            self.restoreGeometry(_bytes(remembered.window_geometry))
            self.restoreState(_bytes(remembered.window_state), LAYOUT_VERSION)

    def _save_layout(self) -> None:
        if self.desk.view is not None:
            geometry, state = self.saveGeometry(), self.saveState(LAYOUT_VERSION)
            self.desk.settings.change(window_geometry=_text(geometry), window_state=_text(state))

    # Making

    def _make_panels(self) -> None:
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        for panel_type in PANELS:
            panel = panel_type(self.desk)
            dock = QDockWidget(self)
            dock.setObjectName(f"dock-{panel.name}")
            dock.setWidget(panel)
            say(dock.setWindowTitle, lambda title=panel.title: tr(title))  # type: ignore[misc] # bound early on purpose
            self.panels[panel.name], self.docks[panel.name] = panel, dock
            if isinstance(panel, LayersPanel):
                panel.set_stack(self.stack)

    def _make_actions(self) -> None:
        self.tools = QToolBar(self)
        self.tools.setObjectName("tools")
        self.tools.setMovable(False)
        self.tools.setIconSize(QSize(20, 20))
        self.tools.toggleViewAction().setEnabled(False)
        say(self.tools.setWindowTitle, lambda: tr("Tools"))
        for menu_name in MENUS:
            menu = self.menuBar().addMenu("")
            say(menu.setTitle, lambda menu_name=menu_name: tr(menu_name))  # type: ignore[misc] # bound early on purpose
            menu.aboutToShow.connect(self.enable_actions)
            group, is_first_tool = 0, True
            for action in (action for action in ACTIONS if action.menu == menu_name):
                made = self._made(action)
                if action.group != group:
                    menu.addSeparator()
                    group = action.group
                menu.addAction(made)
                if action.on_toolbar:
                    if is_first_tool and self.tools.actions():
                        self.tools.addSeparator()
                    is_first_tool = False
                    self.tools.addAction(made)
        self.addToolBar(self.tools)

    def _made(self, action: Any) -> QAction:
        made = QAction(self)
        made.setObjectName(action.id)
        if action.icon:
            made.setIcon(theme.icon(action.icon))
        if action.shortcut:
            made.setShortcut(QKeySequence(action.shortcut))
        made.setCheckable(action.is_checked is not None)
        say(made.setText, lambda: tr(action.label))
        say(made.setToolTip, lambda: _tip(action))
        say(made.setStatusTip, lambda: tr(action.hint) if action.hint else "")
        made.triggered.connect(lambda _checked=False: self.trigger(action.id))
        self.actions_by_id[action.id] = made
        return made

    def trigger(self, action_id: str) -> None:
        """Do what an action does, if it can be done now."""
        action = next(item for item in ACTIONS if item.id == action_id)
        if action.is_enabled(self):
            action.run(self)
        self.enable_actions()

    def enable_actions(self) -> None:
        """Enable what can be done now, and tick what is on."""
        for action in ACTIONS:
            made = self.actions_by_id[action.id]
            made.setEnabled(action.is_enabled(self))
            if action.is_checked is not None:
                made.setChecked(action.is_checked(self))

    def _connect(self) -> None:
        self.desk.view_changed.connect(self._show_page)
        self.desk.failed.connect(self.show_error)
        self.desk.found.connect(self.show_found)
        for signal in (self.desk.view_changed, self.desk.selection_changed, self.desk.worker.changed, self.stack.changed):
            signal.connect(self.enable_actions)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self.enable_actions)
            dock.visibilityChanged.connect(self._fit_titles)
            dock.topLevelChanged.connect(self._fit_titles)
            dock.dockLocationChanged.connect(self._fit_titles)
        self.map_page.pointed.connect(self.status.show_place)
        sync = self.panels["sync"]
        assert isinstance(sync, SyncPanel)  # noqa: S101  narrows the type
        sync.package_wanted.connect(self.open_package)
        sync.sync_wanted.connect(self.sync_now)
        sync.shown.connect(self._show_versions)
        due = self.panels["due"]
        assert isinstance(due, DuePanel)  # noqa: S101  narrows the type
        due.wanted.connect(self.fly_to_selection)
        self.map_page.editing.changed.connect(self.enable_actions)
        self.map_page.editing.further.connect(lambda: self.show_panel("scenario"))
        say_again(self, self._title)

    def _show_versions(self, conflict: Conflict | None) -> None:
        """Show on the map where a disputed thing was, is at the centre, and was put by its editor."""
        view, found = self.desk.view, []
        if conflict is not None and view is not None:
            colours = theme.current()
            for values, colour, text in (
                (conflict.was, colours.muted, tr("Before")),
                (conflict.theirs, colours.good, tr("At the centre")),
                (conflict.mine, colours.warning, tr("Edited")),
            ):
                shape = place_of(values, view.snapshot)
                if shape is not None:
                    found.append(Version(shape, colour, text))
        self.map_page.scene.show_versions(found)
        if found:
            self.fly_to_selection()

    def _show_page(self) -> None:
        view = self.desk.view
        is_open = view is not None
        self.pages.setCurrentWidget(self.map_page if is_open else self.start_page)
        if view is None:
            self.start_page.refresh()
        if is_open != self._was_open:
            self._was_open = is_open
            self._show_docks(is_open)
            if is_open:
                self.map_page.scene.setFocus()
        self._title()
        self.enable_actions()

    def _show_docks(self, is_open: bool) -> None:
        """Panels belong to a city: without one there are none, and with one those that were open before."""
        if not is_open:
            self._open_docks = [name for name, dock in self.docks.items() if not dock.isHidden()]
        for name, dock in self.docks.items():
            dock.setVisible(is_open and name in self._open_docks)

    def _title(self) -> None:
        view = self.desk.view
        self.setWindowTitle(f"{view.name} – {tr('CityTwin')}" if view else tr("CityTwin"))

    def _retheme(self) -> None:
        for action in ACTIONS:
            if action.icon:
                self.actions_by_id[action.id].setIcon(theme.icon(action.icon))
        self.map_page.retheme()
        self.start_page.retheme()
        for panel in self.panels.values():
            panel.retheme()
        self.status.stop.retheme()

    def _go_to(self, hit: Hit) -> None:
        self.desk.select(hit.kind, hit.ids)
        self.fly_to_selection()

    # What Qt tells the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  Qt's name
        """Take files that are dragged over the window."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  Qt's name
        """Open or import what is dropped."""
        files.drop(self, [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  Qt's name
        """End all work and give the city back; ask only when work would be lost."""
        if self.desk.worker.works and not self._may_lose_work():
            event.ignore()
            return
        self._save_layout()
        self.time_panel.stop()
        self.syncing.stop()
        self.map_page.editing.set_mode("")
        self.desk.stop()
        self.map_page.scene.close()
        super().closeEvent(event)

    def _may_lose_work(self) -> bool:
        names = tr(", ").join(tr(work.label) for work in self.desk.worker.works)
        box = QMessageBox(self)
        box.setWindowTitle(tr("CityTwin"))
        box.setText(tr("Work is under way: {work}.", work=names))
        box.setInformativeText(tr("If you quit now it is stopped, and nothing of it is kept."))
        quit_now = box.addButton(tr("Stop it and quit"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(tr("Go on working"), QMessageBox.ButtonRole.RejectRole)
        box.exec()
        return box.clickedButton() is quit_now


def _opened(dialog: QDialog) -> QDialog:
    dialog.open()
    return dialog


def _tip(action: Any) -> str:
    keys = QKeySequence(action.shortcut).toString(QKeySequence.SequenceFormat.NativeText) if action.shortcut else ""
    text = tr(action.label) + (f" ({keys})" if keys else "")
    return f"{text}\n{tr(action.hint)}" if action.hint else text


def _text(data: QByteArray) -> str:
    return base64.b64encode(data.data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray(base64.b64decode(text))
