"""Opening, importing and exporting cities."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ui import files
from ui.actions.base import Action, with_city, with_writable_city

if TYPE_CHECKING:
    from ui.main_window import MainWindow


def has_recent(window: MainWindow) -> bool:
    """Return whether there are recent workspaces."""
    return bool(window.desk.settings.recent_workspaces())


WORKSPACE_ACTIONS = (
    Action(
        "workspace.demo",
        "Open the demo city",
        "Workspace",
        files.open_demo,
        "Ctrl+Shift+O",
        "city",
        "A made-up city to try everything on",
    ),
    Action("workspace.new", "New workspace…", "Workspace", files.new_workspace, "Ctrl+N", "new", on_toolbar=True),
    Action("workspace.open", "Open workspace…", "Workspace", files.open_workspace, "Ctrl+O", "open", on_toolbar=True),
    Action("workspace.recent", "Open recent…", "Workspace", files.open_recent, "Ctrl+R", "recent", is_enabled=has_recent),
    Action(
        "workspace.import",
        "Import…",
        "Workspace",
        files.import_files,
        "Ctrl+I",
        "import",
        "Roads, buildings, bins, cameras, incidents, counts or terrain from a file",
        with_writable_city,
        on_toolbar=True,
        group=1,
    ),
    Action(
        "workspace.export_gpkg",
        "Export GeoPackage…",
        "Workspace",
        files.export_geopackage,
        "",
        "export",
        "For QGIS and other GIS",
        with_city,
        group=1,
    ),
    Action(
        "workspace.export_picture",
        "Export picture…",
        "Workspace",
        files.export_picture,
        "Ctrl+Shift+S",
        "picture",
        is_enabled=with_city,
        group=1,
    ),
    Action(
        "workspace.report_html",
        "Report as web page…",
        "Workspace",
        partial(files.report, "html"),
        "Ctrl+P",
        "report",
        "Of the last comparison, with maps; opens without a network",
        with_city,
        group=1,
    ),
    Action(
        "workspace.report_pdf",
        "Report as PDF…",
        "Workspace",
        partial(files.report, "pdf"),
        "",
        "report",
        "Of the last comparison, on A4 pages",
        with_city,
        group=1,
    ),
    Action(
        "workspace.rounds",
        "Rounds for the crews…",
        "Workspace",
        files.hand_over_rounds,
        "",
        "report",
        "The day's stops as CSV, a route sheet (PDF) and a GPX file per truck",
        with_city,
        group=1,
    ),
    Action(
        "workspace.close",
        "Close workspace",
        "Workspace",
        files.close_workspace,
        "Ctrl+W",
        "cancel",
        is_enabled=with_city,
        group=2,
    ),
    Action("workspace.quit", "Quit", "Workspace", lambda window: window.close(), "Ctrl+Q", "quit", group=2),
)
