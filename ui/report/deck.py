"""Maps for the HTML report: deck.gl through pydeck, with the library once in the page and nothing fetched.

pydeck's offline page carries its library inline and, needlessly, five remote tags. Only the library
and the description of the layers are taken from it; the tags are left behind.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import Any

import numpy as np
import shapely

from ui.report.maps import Backdrop, CityMap, MapView

_DIGITS = 5  # of a degree: a metre


@cache
def library() -> str:
    """Return the script that draws: deck.gl and pydeck's ``createDeck``, out of pydeck's offline page."""
    import pydeck

    page = pydeck.Deck(map_provider=None).to_html(as_string=True, offline=True, notebook_display=False)
    scripts: list[str] = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    return max(scripts, key=len)


def map_json(city_map: CityMap) -> str:
    """Return a map as JSON: the shapes once, and for each view the layers that deck.gl draws."""
    rows = _rows(city_map)
    views = [{"title": view.title, "deck": _deck(city_map, number)} for number, view in enumerate(city_map.views)]
    return json.dumps({"rows": rows, "views": views}, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def _rows(city_map: CityMap) -> list[dict[str, Any]]:
    """Return one row per shape: its place, a colour for each view and its text."""
    colours = [view.rgba.tolist() for view in city_map.views]
    texts = city_map.views[0].texts
    rows = []
    for place, (shape, key) in enumerate(zip(city_map.shapes, city_map.ids.tolist(), strict=True)):
        row: dict[str, Any] = {"t": texts[place]}
        if city_map.kind == "cell":
            row["h"] = key
        else:
            row["p"] = _coordinates(shape) if city_map.kind == "link" else _coordinates(shape)[0]
        row.update({f"c{number}": colour[place] for number, colour in enumerate(colours)})
        rows.append(row)
    return rows


def _deck(city_map: CityMap, number: int) -> dict[str, Any]:
    """Return what pydeck says of one view; the page puts the rows into the layers by their id."""
    import pydeck

    colour = f"c{number}"
    common = {"id": "shapes", "data": [], "pickable": True, "auto_highlight": True}
    if city_map.kind == "link":
        layer = pydeck.Layer(
            "PathLayer", get_path="p", get_color=colour, width_min_pixels=2.5, cap_rounded=True, joint_rounded=True, **common
        )
    elif city_map.kind == "cell":
        layer = pydeck.Layer(
            "H3HexagonLayer", get_hexagon="h", get_fill_color=colour, extruded=False, stroked=False, opacity=0.7, **common
        )
    else:
        layer = pydeck.Layer(
            "ScatterplotLayer", get_position="p", get_fill_color=colour, radius_min_pixels=2.5, get_radius=12, **common
        )
    deck = pydeck.Deck(
        [*_backdrop_layers(), layer],
        initial_view_state=pydeck.ViewState(**_view_state(city_map)),
        views=[pydeck.View("MapView", controller={"scrollZoom": False})],
        map_provider=None,
    )
    described: dict[str, Any] = json.loads(deck.to_json())
    described.pop("mapStyle", None)
    return described


def backdrop_json(backdrop: Backdrop) -> str:
    """Return what lies under all maps of a page as JSON: the rows of the layers 'green', 'water' and 'roads'."""
    data = {name: [{"p": _coordinates(part)} for shape in shapes for part in _parts(shape)] for name, shapes in _areas(backdrop)}
    data["roads"] = [{"p": _coordinates(line)} for line in backdrop.roads]
    return json.dumps(data, separators=(",", ":"))


def _areas(backdrop: Backdrop) -> tuple[tuple[str, Any], tuple[str, Any]]:
    return ("green", backdrop.green), ("water", backdrop.water)


def _backdrop_layers() -> list[Any]:
    """Return the layers under the shapes; the page puts their rows in."""
    import pydeck

    layers = [
        pydeck.Layer("SolidPolygonLayer", id=name, data=[], get_polygon="p", get_fill_color=colour)
        for name, colour in (("green", [221, 234, 214]), ("water", [190, 214, 232]))
    ]
    layers.append(pydeck.Layer("PathLayer", id="roads", data=[], get_path="p", get_color=[205, 207, 210], width_min_pixels=1))
    return layers


def _parts(shape: Any) -> list[Any]:
    """Return the outer rings of an area."""
    return [part.exterior for part in shapely.get_parts(shape) if not part.is_empty]


def _coordinates(shape: Any) -> list[list[float]]:
    pairs: list[list[float]] = np.round(shapely.get_coordinates(shape), _DIGITS).tolist()
    return pairs


def _view_state(city_map: CityMap) -> dict[str, float]:
    """Return the middle of the map and the zoom at which it fits 900 by 520 pixels (512-pixel tiles)."""
    west, south, east, north = city_map.bounds
    wide = 900 / 512 * 360 / max(east - west, 1e-4)
    high = 520 / 512 * 360 * math.cos(math.radians((south + north) / 2)) / max(north - south, 1e-4)
    zoom = math.log2(min(wide, high)) - 0.1
    return {
        "longitude": (west + east) / 2,
        "latitude": (south + north) / 2,
        "zoom": round(zoom, 2),
        "min_zoom": 5,
        "max_zoom": 19,
    }


def legend_html(view: MapView, unit: str) -> str:
    """Return a legend as HTML."""
    from html import escape

    from ui.language import tr

    items = "".join(
        f'<li><span style="background:rgba({e.rgba[0]},{e.rgba[1]},{e.rgba[2]},{max(e.rgba[3], 120) / 255:.2f})"></span>'
        f"{escape(e.text or tr(e.label))}</li>"
        for e in view.legend
    )
    return f'<ul class="legend"><li class="unit">{escape(unit)}</li>{items}</ul>' if unit else f'<ul class="legend">{items}</ul>'
