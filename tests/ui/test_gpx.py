"""GPX: whatever a bin is called, the file can be read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import numpy as np

from ui.gpx import Mark, gpx


def test_names_with_signs_of_xml_and_control_characters_are_read_back():
    name = 'A & B <"C">\x00 东街'
    text = gpx(name, [Mark((118.8, 32.0), name, "]]>")], [np.array([[118.8, 32.0], [118.9, 32.1]])])
    root = ET.fromstring(text.encode())  # noqa: S314  written by us a moment ago
    names = [item.text for item in root.iter("{http://www.topografix.com/GPX/1/1}name")]
    assert set(names) == {'A & B <"C"> 东街'}


def test_a_track_without_stops_is_a_whole_file():
    assert gpx("empty", [], []).count("<trk>") == 1
