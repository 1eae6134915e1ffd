"""The report on paper."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from ui.language import tr
from ui.quantity import MISSING
from ui.report.contents import Chapter, Report, Table, indicator_headings, map_title, nothing_text
from ui.report.maps import CityMap, MapView
from ui.report.paint import ensure_application, in_qt_thread, painted
from ui.report.paper import BODY_PX, Around, blank_document, grid, pdf_of


def pdf_bytes(report: Report, maps: Sequence[Sequence[CityMap]]) -> bytes:
    """Return the report as the bytes of a PDF; ``maps`` are those of each chapter."""
    ensure_application()
    return in_qt_thread(lambda: _written(report, maps))


def _written(report: Report, maps: Sequence[Sequence[CityMap]]) -> bytes:
    foot = (report.city, f"{report.made_at:%Y-%m-%d}", report.credit)
    return pdf_of(_document(report, maps), Around(report.title, foot, report.synthetic))


def _document(report: Report, maps: Sequence[Sequence[CityMap]]) -> QTextDocument:
    document = blank_document()
    parts = [_opening(report)]
    for number, chapter in enumerate(report.chapters):
        parts.append(_chapter(chapter))
        parts += [_map(document, city_map) for city_map in maps[number]]
        parts.append(_how(chapter))
    parts += [f"<h2>{escape(tr('What the numbers rest on'))}</h2>", _facts(report.facts), _definitions(report)]
    document.setHtml("".join(parts))
    return document


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
    return grid(rows)


def _row(tag: str, cells: Sequence[str], right: Sequence[int], classes: dict[int, str] | None = None) -> str:
    parts = []
    for column, text in enumerate(cells):
        align = ' align="right"' if column in right else ""
        kind = f' class="{classes[column]}"' if classes and classes.get(column) else ""
        parts.append(f"<{tag}{align}{kind}>{escape(text)}</{tag}>")
    return f"<tr>{''.join(parts)}</tr>"


def _table(what: Table) -> str:
    rows = [_row("th", what.headings, what.right), *[_row("td", row, what.right) for row in what.rows]]
    return f"<h3>{escape(what.title)}</h3>{grid(rows)}"


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
    return grid([*head, *[_row("td", pair, ()) for pair in facts]])


def _definitions(report: Report) -> str:
    pairs = dict.fromkeys(pair for chapter in report.chapters for pair in chapter.definitions)
    items = "".join(f"<p><b>{escape(label)}</b>: {escape(text)}</p>" for label, text in pairs)
    return f"<h2>{escape(tr('Definitions'))}</h2>{items}" if items else ""
