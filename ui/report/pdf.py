"""The report on paper: A4 pages with a heading, page numbers, and on every page whether the city is made up."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt, QUrl
from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter, QTextDocument

from ui.language import tr
from ui.quantity import MISSING
from ui.report.contents import Chapter, Report, Table, indicator_headings, map_title, nothing_text
from ui.report.maps import CityMap, MapView
from ui.report.paint import ensure_application, in_qt_thread, painted

PAGE_PX = (794.0, 1123.0)  # A4 at 96 to the inch
MARGIN_PX = 57.0
BODY_PX = (PAGE_PX[0] - 2 * MARGIN_PX, PAGE_PX[1] - 2 * MARGIN_PX - 12)
DOTS_PER_INCH = 192
FONTS = ["Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans"]

STYLE = """
h1 { font-size: 21px; margin: 0 0 6px 0; } h2 { font-size: 16px; margin: 20px 0 8px 0; color: #14618f; }
h3 { font-size: 12.5px; margin: 12px 0 4px 0; } p, li, td, th { font-size: 11px; } p { margin: 3px 0; }
th { color: #5b6670; text-align: left; } .soft { color: #5b6670; } .better { color: #1b7a46; } .worse { color: #b3331f; }
"""


def pdf_bytes(report: Report, maps: Sequence[Sequence[CityMap]]) -> bytes:
    """Return the report as the bytes of a PDF; ``maps`` are those of each chapter."""
    ensure_application()
    return in_qt_thread(lambda: _written(report, maps))


def _written(report: Report, maps: Sequence[Sequence[CityMap]]) -> bytes:
    document = _document(report, maps)
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(report.title)
    writer.setCreator("CityTwin")
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    painter.scale(DOTS_PER_INCH / 96, DOTS_PER_INCH / 96)
    for page in range(document.pageCount()):
        if page:
            writer.newPage()
        _paint_page(painter, document, report, page)
    painter.end()
    return bytes(content.data())


def _document(report: Report, maps: Sequence[Sequence[CityMap]]) -> QTextDocument:
    document = QTextDocument()
    font = QFont()
    font.setFamilies(FONTS)
    font.setPixelSize(11)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(STYLE)
    document.setDocumentMargin(0)
    parts = [_opening(report)]
    for number, chapter in enumerate(report.chapters):
        parts.append(_chapter(chapter))
        parts += [_map(document, city_map) for city_map in maps[number]]
        parts.append(_how(chapter))
    parts += [f"<h2>{escape(tr('What the numbers rest on'))}</h2>", _facts(report.facts), _definitions(report)]
    document.setHtml("".join(parts))
    document.setPageSize(QSizeF(*BODY_PX))
    return document


def _paint_page(painter: QPainter, document: QTextDocument, report: Report, page: int) -> None:
    """Paint one page of the document with its head and foot."""
    width, height = BODY_PX
    painter.save()
    painter.translate(MARGIN_PX, MARGIN_PX - page * height)
    document.drawContents(painter, QRectF(0, page * height, width, height))
    painter.restore()
    painter.save()
    font = QFont(document.defaultFont())
    font.setPixelSize(9)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.darkGray)
    foot = QRectF(MARGIN_PX, PAGE_PX[1] - MARGIN_PX + 4, width, 16)
    parts = ("CityTwin", report.city, f"{report.made_at:%Y-%m-%d}", report.credit)
    number = tr("Page {page} of {count}", page=page + 1, count=document.pageCount())
    painter.drawText(foot, Qt.AlignmentFlag.AlignRight, number)
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, " · ".join(part for part in parts if part))
    if report.synthetic:
        head = QRectF(MARGIN_PX, MARGIN_PX - 26, width, 16)
        painter.setPen(Qt.GlobalColor.darkRed)
        painter.drawText(head, Qt.AlignmentFlag.AlignRight, tr("Synthetic data: this city is made up."))
    painter.restore()


def _opening(report: Report) -> str:
    from ui.language import time_text

    made = tr("{city} · made {time}", city=report.city, time=time_text(report.made_at))
    summary = "".join(f"<p>{escape(line)}</p>" for line in report.summary)
    edits = "".join(
        f"<h3>{escape(name)}</h3><ol>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ol>" for name, items in report.edits
    )
    return (
        f'<p class="soft">{escape(tr("What-if report"))}</p><h1>{escape(report.title)}</h1><p class="soft">{escape(made)}</p>'
        f"{summary}<h2>{escape(tr('What was compared'))}</h2>{edits}"
    )


def _chapter(chapter: Chapter) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in chapter.notes)
    assumptions = f"<h3>{escape(tr('Assumptions'))}</h3><ul>{notes}</ul>" if notes else ""
    return f"<h2>{escape(chapter.title)}</h2>{_indicators(chapter)}{assumptions}"


def _indicators(chapter: Chapter) -> str:
    headings = indicator_headings()
    rows = [_row("th", headings, (1, 2, 3, 4, 5, 7))]
    for row in chapter.rows:
        label = f"{row.label} ({row.unit})" if row.unit else row.label
        interval = row.interval if row.interval != MISSING else ""
        cells = (label, row.before, row.after, row.difference, row.relative.rstrip("%"), interval, row.verdict, row.records)
        rows.append(_row("td", cells, (1, 2, 3, 4, 5, 7), {6: row.effect}))
    return _grid(rows)


def _grid(rows: Sequence[str]) -> str:
    """Return rows as a table with hair lines."""
    return (
        '<table width="100%" cellspacing="0" cellpadding="3" border="1" style="border-style: solid; border-color: #dfe3e7; '
        f'border-collapse: collapse;">{"".join(rows)}</table>'
    )


def _row(tag: str, cells: Sequence[str], right: Sequence[int], classes: dict[int, str] | None = None) -> str:
    parts = []
    for column, text in enumerate(cells):
        align = ' align="right"' if column in right else ""
        kind = f' class="{classes[column]}"' if classes and classes.get(column) else ""
        parts.append(f"<{tag}{align}{kind}>{escape(text)}</{tag}>")
    return f"<tr>{''.join(parts)}</tr>"


def _table(what: Table) -> str:
    rows = [_row("th", what.headings, what.right), *[_row("td", row, what.right) for row in what.rows]]
    return f"<h3>{escape(what.title)}</h3>{_grid(rows)}"


def _map(document: QTextDocument, city_map: CityMap) -> str:
    """Return a map on a page of its own: the difference large, before and after beside each other under it."""
    title = map_title(city_map)
    if not city_map.is_different:
        return f"<h3>{escape(title)}</h3><p>{escape(nothing_text(city_map))}</p>"
    width = int(BODY_PX[0])
    large, before, after = city_map.views
    small = "".join(
        f"<td><b>{escape(view.title)}</b><br>{_image(document, city_map, view, (width - 20) // 2)}</td>"
        for view in (before, after)
    )
    return (
        f'<h3 style="page-break-before: always;">{escape(title)} · {escape(large.title)}</h3>'
        f'<p>{_image(document, city_map, large, width)}</p><p class="soft">{_legend(city_map, large)}</p>'
        f'<table width="100%" cellspacing="0" cellpadding="0"><tr>{small}</tr></table><p class="soft">{_legend(city_map, before)}</p>'
    )


def _image(document: QTextDocument, city_map: CityMap, view: MapView, width_px: int) -> str:
    """Paint a view into the document's resources, at twice the size for paper, and return its tag."""
    name = f"map:{city_map.name}-{city_map.views.index(view)}"
    height_px = round(width_px * 0.58)
    picture = painted(city_map, view, 2 * width_px, 2 * height_px)
    document.addResource(QTextDocument.ResourceType.ImageResource.value, QUrl(name), picture)
    return f'<img src="{name}" width="{width_px}" height="{height_px}">'


def _legend(city_map: CityMap, view: MapView) -> str:
    entries = " &nbsp; ".join(
        f'<span style="background-color: rgb({e.rgba[0]},{e.rgba[1]},{e.rgba[2]});">&nbsp;&nbsp;&nbsp;&nbsp;</span> {escape(e.text or tr(e.label))}'
        for e in view.legend
    )
    return f"{escape(city_map.unit)} &nbsp; {entries}" if city_map.unit else entries


def _how(chapter: Chapter) -> str:
    table = _table(chapter.most_changed) if chapter.most_changed is not None else ""
    return f"{table}<p></p>{_facts(chapter.facts, tr('How it was computed'))}"


def _facts(facts: Sequence[tuple[str, str]], title: str = "") -> str:
    """Return pairs as a table; its title is a row of it, so that a page never ends with the title alone."""
    head = [f'<tr><th colspan="2">{escape(title)}</th></tr>'] if title else []
    return _grid([*head, *[_row("td", pair, ()) for pair in facts]])


def _definitions(report: Report) -> str:
    pairs = dict.fromkeys(pair for chapter in report.chapters for pair in chapter.definitions)
    items = "".join(f"<p><b>{escape(label)}</b>: {escape(text)}</p>" for label, text in pairs)
    return f"<h2>{escape(tr('Definitions'))}</h2>{items}" if items else ""
