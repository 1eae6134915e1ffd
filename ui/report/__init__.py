"""Reports of comparisons: one HTML page that opens without a network, and a PDF for paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from twin.model.comparison import Comparison
from twin.task import Progress, Task
from ui.output import write_file
from ui.report.maps import CityMap
from ui.session import Session

PICTURE_PX = (1100, 636)  # of the pictures in a page, for print and where nothing can be drawn live


def html_report(
    session: Session, comparisons: Sequence[Comparison], path: Path, *, made_at: datetime | None = None
) -> Task[Path]:
    """Write the report of comparisons as one HTML page, in the language in use."""
    from ui.report.contents import report_of
    from ui.report.html import page
    from ui.report.maps import maps_of, with_new_roads
    from ui.report.paint import painted, png

    yield Progress("Writing the report")
    report = report_of(session, comparisons, made_at or datetime.now(UTC))
    maps: list[list[CityMap]] = []
    pictures: list[list[list[bytes]]] = []
    for number, comparison in enumerate(comparisons):
        yield Progress("Drawing the maps", number, len(comparisons))
        maps.append(maps_of(comparison, with_new_roads(session.snapshot, session.find_scenario(comparison.after.scenario))))
        pictures.append(
            [[png(painted(item, view, *PICTURE_PX)) for view in item.views] if item.is_different else [] for item in maps[-1]]
        )
    yield Progress("Writing the report")
    write_file(path, page(report, maps, pictures).encode("utf-8"))
    return path


def pdf_report(session: Session, comparisons: Sequence[Comparison], path: Path, *, made_at: datetime | None = None) -> Task[Path]:
    """Write the report of comparisons as a PDF with its maps as pictures, in the language in use."""
    from ui.report.contents import report_of
    from ui.report.maps import maps_of, with_new_roads
    from ui.report.pdf import pdf_bytes

    yield Progress("Writing the report")
    report = report_of(session, comparisons, made_at or datetime.now(UTC))
    maps = []
    for number, comparison in enumerate(comparisons):
        yield Progress("Drawing the maps", number, len(comparisons))
        maps.append(maps_of(comparison, with_new_roads(session.snapshot, session.find_scenario(comparison.after.scenario))))
    yield Progress("Writing the report")
    write_file(path, pdf_bytes(report, maps))
    return path
