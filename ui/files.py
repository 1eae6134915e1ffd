"""Opening, importing, exporting and reporting: what the workspace menu does."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog

from twin.errors import DataError, StorageError
from twin.task import Progress, Task
from ui.dialogs.chooser import Choice, Chooser
from ui.dialogs.imports import ImportDialog
from ui.dialogs.messages import held_workspace
from ui.language import mark, tr
from ui.output import write_file
from ui.session import Session

if TYPE_CHECKING:
    from ui.main_window import MainWindow

ENDING = ".twin"


def demo_path() -> Path:
    """Return where the demo city of this computer's user lies."""
    return user_data_path("citytwin", appauthor=False) / f"demo{ENDING}"


def open_demo(window: MainWindow) -> None:
    """Open the demo city, making it first where there is none."""
    path = demo_path()
    if path.is_dir():
        open_path(window, path)
        return

    def make() -> Task[Path]:
        from twin.demo import build_demo

        path.parent.mkdir(parents=True, exist_ok=True)
        return (yield from build_demo(path))

    window.desk.worker.start(
        mark("Make the demo city"), make(), on_finish=lambda made: open_path(window, made), on_fail=window.desk.fail
    )


def open_path(window: MainWindow, path: Path, *, writable: bool = True) -> None:
    """Open a workspace; one that another program holds can be opened for reading."""
    window.desk.open(path, writable=writable, on_fail=lambda error: _not_opened(window, path, error, writable=writable))


def _not_opened(window: MainWindow, path: Path, error: BaseException, *, writable: bool) -> None:
    if not (writable and isinstance(error, StorageError) and path.is_dir()):
        window.desk.fail(error)
        return
    box, yes = held_workspace(window, error)
    box.buttonClicked.connect(lambda button: open_path(window, path, writable=False) if button is yes else None)
    box.open()


def new_workspace(window: MainWindow) -> None:
    """Ask for a place and make an empty workspace there."""
    name, _ = QFileDialog.getSaveFileName(
        window, tr("New workspace"), str(_folder(window) / f"{tr('My city')}{ENDING}"), f"CityTwin (*{ENDING})"
    )
    if name:
        path = Path(name)
        window.desk.open(path if path.suffix == ENDING else path.with_name(path.name + ENDING), create=True)


def open_workspace(window: MainWindow) -> None:
    """Ask for a workspace and open it."""
    name = QFileDialog.getExistingDirectory(window, tr("Open workspace"), str(_folder(window)))
    if name:
        open_path(window, Path(name))


def open_recent(window: MainWindow) -> None:
    """Choose one of the workspaces that were open lately."""
    recent = window.desk.settings.recent_workspaces()
    choices = [Choice(path.stem, lambda path=path: open_path(window, path), detail=str(path.parent)) for path in recent]  # type: ignore[misc] # bound early on purpose
    Chooser(window, tr("Recent workspaces"), tr("Type a few letters of its name"), choices).open()


def close_workspace(window: MainWindow) -> None:
    """Give the open workspace back and show the start page."""
    window.desk.close()


def import_files(window: MainWindow) -> None:
    """Ask for files and import them."""
    names, _ = QFileDialog.getOpenFileNames(window, tr("Import"), window.desk.settings.remembered.last_folder, _filters())
    if names:
        ask_and_import(window, [Path(name) for name in names])


def ask_and_import(window: MainWindow, paths: list[Path]) -> None:
    """Ask how files are to be read, then import one after another."""
    dialog = ImportDialog(paths, window)

    def begin() -> None:
        wishes = dialog.options()
        for path in paths:
            window.desk.run(mark("Import"), partial(import_task, path=path, wishes=wishes), on_finish=window.show_report)

    dialog.accepted.connect(begin)
    dialog.open()


def import_task(session: Session, path: Path, wishes: dict[str, Any]) -> Task[Any]:
    """Import a file as the user wishes. Raises ``DataError`` when the mapping file cannot be read."""
    from twin.sources import ReadOptions
    from twin.sources.mapping import read_mapping

    yield Progress("Looking at the file", detail=path.name)
    wanted = dict(wishes)
    mapping_file = wanted.pop("mapping_file", None)
    if mapping_file is not None:
        wanted["mapping"] = read_mapping(mapping_file)
    return (yield from session.import_task(path, ReadOptions(**wanted)))


def drop(window: MainWindow, paths: list[Path]) -> None:
    """Open a workspace that was dropped, or import files that were."""
    workspaces = [path for path in paths if path.is_dir()]
    if workspaces:
        open_path(window, workspaces[0])
    elif window.desk.view is None:
        window.desk.fail(
            DataError(
                "No workspace is open that could take these files.", "Open or make a workspace first, then drop them again."
            )
        )
    elif paths:
        ask_and_import(window, paths)


def export_geopackage(window: MainWindow) -> None:
    """Ask for a place and write the city as a GeoPackage."""
    path = _ask_save(window, tr("Export GeoPackage"), "gpkg")
    if path is not None:
        window.desk.run(
            mark("Export GeoPackage"),
            lambda session: session.store.export_geopackage(path),
            on_finish=lambda _: _wrote(window, path),
        )


def export_picture(window: MainWindow) -> None:
    """Ask for a place and write the map as it is shown."""
    path = _ask_save(window, tr("Export picture"), "png")
    if path is None:
        return
    from ui.report.paint import png

    try:
        write_file(path, png(window.map_page.scene.image()))
    except StorageError as error:
        window.desk.fail(error)
    else:
        _wrote(window, path)


def report(form: str, window: MainWindow) -> None:
    """Ask for a place and write the report of the last comparison, as 'html' or 'pdf'."""
    view = window.desk.view
    if view is None:
        return
    if not view.comparisons:
        window.desk.said.emit(tr("A report needs a comparison: make a scenario, then choose Run > Compare scenarios (F9)."))
        return
    path = _ask_save(window, tr("Report"), form)
    if path is None:
        return
    comparisons = tuple(view.comparisons.values())

    def write(session: Session) -> Task[Path]:
        from ui.report import html_report, pdf_report

        return (html_report if form == "html" else pdf_report)(session, comparisons, path)

    def show(_: object) -> None:
        _wrote(window, path)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    window.desk.run(mark("Report"), write, on_finish=show)


def hand_over_rounds(window: MainWindow) -> None:
    """Ask for a folder and write the rounds of the scenario for the crews."""
    view = window.desk.view
    if view is None:
        return
    if "cleanup" not in view.results or "cleanup" in view.outdated:
        window.desk.said.emit(tr("There are no rounds of this scenario as it is now. Run the cleanup simulation for it first."))
        return
    name = QFileDialog.getExistingDirectory(window, tr("Rounds for the crews"), str(_folder(window)))
    if not name:
        return
    folder = Path(name)

    def write(session: Session) -> Task[int]:
        from ui.route_sheets import hand_over

        return hand_over(session, folder)

    window.desk.run(mark("Rounds for the crews"), write, on_finish=lambda _: _wrote(window, folder))


def _wrote(window: MainWindow, path: Path) -> None:
    window.desk.said.emit(tr("Written: {path}", path=str(path)))


def _ask_save(window: MainWindow, title: str, ending: str) -> Path | None:
    view = window.desk.view
    stem = view.path.stem if view else "city"
    name, _ = QFileDialog.getSaveFileName(
        window, title, str(_folder(window) / f"{stem}.{ending}"), f"{ending.upper()} (*.{ending})"
    )
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(f".{ending}")


def _folder(window: MainWindow) -> Path:
    last = window.desk.settings.remembered.last_folder
    return Path(last) if last and Path(last).is_dir() else Path.home()


def _filters() -> str:
    from twin.sources import SOURCES

    endings = sorted({ending for source in SOURCES for ending in source.extensions})
    lines = [f"{tr('All that can be imported')} ({' '.join(f'*{ending}' for ending in endings)})"]
    lines += [f"{tr(source.label)} ({' '.join(f'*{ending}' for ending in source.extensions)})" for source in SOURCES]
    return ";;".join([*lines, f"{tr('All files')} (*)"])
