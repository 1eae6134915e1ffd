"""The report as one HTML page that needs nothing but itself: no network, no second file."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

from ui.language import language, time_text, tr
from ui.report.contents import Chapter, Report, Table, indicator_headings, map_title, nothing_text
from ui.report.deck import backdrop_json, legend_html, library, map_json
from ui.report.maps import CityMap

STYLE = Path(__file__).resolve().parents[2] / "assets" / "report"


def page(report: Report, maps: Sequence[Sequence[CityMap]], pictures: Sequence[Sequence[Sequence[bytes]]]) -> str:
    """Return the page: ``maps`` of each chapter, and of each map a PNG picture for every view."""
    body = "".join(
        [
            _header(report),
            _summary(report),
            _edits(report),
            *[_chapter(chapter, maps[n], pictures[n]) for n, chapter in enumerate(report.chapters)],
            _basis(report),
            _definitions(report),
            _footer(report),
        ]
    )
    scripts = ""
    if any(maps):
        backdrop = next(item.backdrop for some in maps for item in some)
        scripts = (
            f'<script type="application/json" id="backdrop">{backdrop_json(backdrop)}</script>\n'
            f"<script>{library()}</script>\n<script>{_asset('maps.js')}</script>"
        )
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language() == "zh_CN" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>{_asset('report.css')}</style>\n</head>\n"
        f"<body>\n<main>{body}</main>\n{scripts}\n</body>\n</html>\n"
    )


def _asset(name: str) -> str:
    return (STYLE / name).read_text(encoding="utf-8")


def _header(report: Report) -> str:
    made = tr("{city} · made {time}", city=report.city, time=time_text(report.made_at))
    synthetic = f'<p class="synthetic">{escape(tr("Synthetic data: this city is made up."))}</p>' if report.synthetic else ""
    return (
        f'<header><div class="kind">{escape(tr("What-if report"))}</div><h1>{escape(report.title)}</h1>'
        f'<div class="meta">{escape(made)}</div></header>{synthetic}'
    )


def _footer(report: Report) -> str:
    words = [tr("Made by CityTwin on this machine, without a network."), report.credit]
    return f"<footer>{escape(' '.join(word for word in words if word))}</footer>"


def _summary(report: Report) -> str:
    lines = "".join(f"<p>{escape(line)}</p>" for line in report.summary)
    return f'<div class="summary">{lines}</div>'


def _edits(report: Report) -> str:
    parts = []
    for name, edits in report.edits:
        items = "".join(f"<li>{escape(edit)}</li>" for edit in edits)
        parts.append(f"<div><h3>{escape(name)}</h3><ol>{items}</ol></div>")
    return f'<h2>{escape(tr("What was compared"))}</h2><div class="edits">{"".join(parts)}</div>'


def _chapter(chapter: Chapter, maps: Sequence[CityMap], pictures: Sequence[Sequence[bytes]]) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in chapter.notes)
    parts = [f"<h2>{escape(chapter.title)}</h2>", _indicators(chapter)]
    if notes:
        parts.append(f'<h3>{escape(tr("Assumptions"))}</h3><ul class="notes">{notes}</ul>')
    parts += [_figure(city_map, pictures[n]) if city_map.is_different else _nothing(city_map) for n, city_map in enumerate(maps)]
    if chapter.most_changed is not None:
        parts.append(f"<h3>{escape(chapter.most_changed.title)}</h3>{_table(chapter.most_changed)}")
    parts.append(f"<h3>{escape(tr('How it was computed'))}</h3>{_facts(chapter.facts)}")
    return "".join(parts)


def _indicators(chapter: Chapter) -> str:
    headings = indicator_headings()
    head = "".join(f'<th class="{"r" if 0 < n < 6 or n == 7 else ""}">{escape(text)}</th>' for n, text in enumerate(headings))
    rows = []
    for row in chapter.rows:
        unit = f" ({escape(row.unit)})" if row.unit else ""
        explained = f'<span class="definition">{escape(row.definition)}</span>' if row.definition else ""
        rows.append(
            f"<tr><td>{escape(row.label)}{unit}{explained}</td>"
            f'<td class="r">{row.before}</td><td class="r">{row.after}</td><td class="r strong">{row.difference}</td>'
            f'<td class="r">{row.relative.rstrip("%")}</td><td class="r">{escape(row.interval)}</td>'
            f'<td class="{row.effect or "none"}">{escape(row.verdict)}</td><td class="r">{row.records}</td></tr>'
        )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def _table(what: Table) -> str:
    def cell(tag: str, column: int, text: str) -> str:
        return f'<{tag} class="{"r" if column in what.right else ""}">{escape(text)}</{tag}>'

    head = "".join(cell("th", n, text) for n, text in enumerate(what.headings))
    rows = "".join("<tr>" + "".join(cell("td", n, text) for n, text in enumerate(row)) + "</tr>" for row in what.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _figure(city_map: CityMap, pictures: Sequence[bytes]) -> str:
    """Return a map with a tab for each view; its picture stands there until, and unless, it can be drawn."""
    buttons = "".join(
        f'<button type="button" aria-selected="{str(not n).lower()}">{escape(v.title)}</button>'
        for n, v in enumerate(city_map.views)
    )
    panes, legends = [], []
    for number, view in enumerate(city_map.views):
        hidden = " hidden" if number else ""
        picture = base64.b64encode(pictures[number]).decode()
        panes.append(f'<div class="map"{hidden}><img alt="{escape(view.title)}" src="data:image/png;base64,{picture}"></div>')
        legends.append(f'<div class="view-legend"{hidden}>{legend_html(view, city_map.unit)}</div>')
    data = f'<script type="application/json" id="map-{city_map.name}">{map_json(city_map)}</script>'
    hint = escape(tr("Drag to move, double-click to come nearer, point at a shape for its numbers."))
    return (
        f'<figure data-map="map-{city_map.name}"><figcaption>{escape(map_title(city_map))}</figcaption><div class="tabs">{buttons}</div>'
        f'{"".join(panes)}{"".join(legends)}<p class="hint">{hint}</p>{data}</figure>'
    )


def _nothing(city_map: CityMap) -> str:
    return f"<h3>{escape(map_title(city_map))}</h3><p>{escape(nothing_text(city_map))}</p>"


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    rows = "".join(f"<tr><td>{escape(label)}</td><td>{escape(text)}</td></tr>" for label, text in facts)
    return f'<table class="facts"><tbody>{rows}</tbody></table>'


def _basis(report: Report) -> str:
    return f"<h2>{escape(tr('What the numbers rest on'))}</h2>{_facts(report.facts)}"


def _definitions(report: Report) -> str:
    pairs = dict.fromkeys(pair for chapter in report.chapters for pair in chapter.definitions)
    items = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in pairs)
    return f'<h2>{escape(tr("Definitions"))}</h2><dl class="definitions">{items}</dl>' if items else ""
