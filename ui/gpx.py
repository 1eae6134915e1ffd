"""GPX 1.1: a way and the places on it, as navigation devices and telephones read them.

Schema: Topografix, GPX 1.1 (2004), https://www.topografix.com/GPX/1/1/.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from twin.geo import FloatArray

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Mark(NamedTuple):
    """A place: longitude and latitude, its name and what is said of it."""

    lon_lat: tuple[float, float]
    name: str
    text: str


def gpx(name: str, marks: Sequence[Mark], segments: Sequence[FloatArray]) -> str:
    """Return one track with waypoints as the text of a file in UTF-8; ``segments`` are of longitudes and latitudes ``(n, 2)``."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<gpx version="1.1" creator="CityTwin" xmlns="http://www.topografix.com/GPX/1/1">',
            f"<metadata><name>{_text(name)}</name></metadata>",
            *(_waypoint(mark) for mark in marks),
            f"<trk><name>{_text(name)}</name>",
            *(_segment(segment) for segment in segments),
            "</trk>",
            "</gpx>",
            "",
        ]
    )


def _waypoint(mark: Mark) -> str:
    lon, lat = mark.lon_lat
    return f'<wpt lat="{lat:.6f}" lon="{lon:.6f}"><name>{_text(mark.name)}</name><desc>{_text(mark.text)}</desc></wpt>'


def _segment(lon_lat: FloatArray) -> str:
    points = "".join(f'<trkpt lat="{lat:.6f}" lon="{lon:.6f}"/>' for lon, lat in lon_lat.tolist())
    return f"<trkseg>{points}</trkseg>"


def _text(text: str) -> str:
    """Return text as XML has it: without the characters that no XML can hold."""
    return escape(_NOT_IN_XML.sub("", text), quote=False)
