"""Documents on paper: A4 pages as PDF with a foot, page numbers, and on every page whether the city is made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QPageSize, QPainter, QPdfWriter, QTextDocument

from ui.language import tr

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


class Around(NamedTuple):
    """What stands around the text of every page."""

    title: str
    foot: tuple[str, ...]
    is_synthetic: bool


def blank_document() -> QTextDocument:
    """Return an empty document in the type of all papers."""
    document = QTextDocument()
    font = QFont()
    font.setFamilies(FONTS)
    font.setPixelSize(11)
    document.setDefaultFont(font)
    document.setDefaultStyleSheet(STYLE)
    document.setDocumentMargin(0)
    return document


def grid(rows: Sequence[str]) -> str:
    """Return rows as a table with hair lines."""
    return (
        '<table width="100%" cellspacing="0" cellpadding="3" border="1" style="border-style: solid; border-color: #dfe3e7; '
        f'border-collapse: collapse;">{"".join(rows)}</table>'
    )


def pdf_of(document: QTextDocument, around: Around) -> bytes:
    """Return a document's pages as the bytes of a PDF; in Qt's thread only."""
    document.setPageSize(QSizeF(*BODY_PX))
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(around.title)
    writer.setCreator("CityTwin")
    writer.setResolution(DOTS_PER_INCH)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    painter = QPainter(writer)
    painter.scale(DOTS_PER_INCH / 96, DOTS_PER_INCH / 96)
    for page in range(document.pageCount()):
        if page:
            writer.newPage()
        _paint_page(painter, document, around, page)
    painter.end()
    return bytes(content.data())


def _paint_page(painter: QPainter, document: QTextDocument, around: Around, page: int) -> None:
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
    number = tr("Page {page} of {count}", page=page + 1, count=document.pageCount())
    painter.drawText(foot, Qt.AlignmentFlag.AlignRight, number)
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft, " · ".join(part for part in ("CityTwin", *around.foot) if part))
    if around.is_synthetic:
        head = QRectF(MARGIN_PX, MARGIN_PX - 26, width, 16)
        painter.setPen(Qt.GlobalColor.darkRed)
        painter.drawText(head, Qt.AlignmentFlag.AlignRight, tr("Synthetic data: this city is made up."))
    painter.restore()
