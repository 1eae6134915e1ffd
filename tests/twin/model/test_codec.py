"""Every entity, edit and result survives JSON, and the store's quick way writes the same JSON as the codec."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box

from twin.errors import DataError
from twin.model import codec
from twin.model.catalogue import KINDS
from twin.model.edits import EDITS
from twin.model.entity import attributes
from twin.model.places import Bin
from twin.model.results import Indicator, Measure, Result, ResultSeries, ResultTable
from twin.model.scenario import Scenario
from twin.model.validation import problems
from twin.store.tables import TABLES

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LON, LAT = st.floats(-180, 180), st.floats(-90, 90)
POINTS = st.builds(Point, LON, LAT)
PLACES = {
    "Point": POINTS,
    "LineString": st.lists(st.tuples(LON, LAT), min_size=2, max_size=5).map(LineString),
    "Polygon": st.sampled_from([box(8, 47, 9, 48), MultiPolygon([box(8, 47, 8.1, 47.1), box(9, 47, 9.1, 47.1)])]),
    "": st.none(),
}
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))]))  # noqa: DTZ001  the zone is added


def values_of(facts):
    low, high = facts.low, facts.high
    plain = {
        str: st.sampled_from(facts.choices) if facts.choices else TEXT,
        float: st.floats(low, high, allow_nan=False, allow_infinity=False),
        int: st.integers(int(low or 0), int(high or 100)),
        bool: st.booleans(),
        datetime: TIMES,
        tuple: st.lists(TEXT, max_size=3).map(tuple),
    }[facts.type]
    return st.none() | plain if facts.optional else plain


def edits_of(edit_type):
    return st.builds(edit_type, **{name: values_of(facts) for name, facts in attributes(edit_type).items()})


EDIT = st.one_of([edits_of(edit_type) for edit_type in EDITS])


def entities_of(entity_type):
    fields = {name: values_of(facts) for name, facts in attributes(entity_type).items()}
    if entity_type is Scenario:
        fields |= {"name": TEXT.map(lambda text: text + "s"), "edits": st.lists(EDIT, max_size=3).map(tuple)}
    common = {"id": st.uuids().map(str), "source": TEXT, "source_id": TEXT, "source_hash": TEXT}
    return st.builds(entity_type, geometry=PLACES[entity_type.geometry_type], **common, **fields)


ENTITY = st.one_of([entities_of(entity_type) for entity_type in KINDS])


@given(ENTITY)
@settings(max_examples=300)
def test_an_entity_survives_json(entity):
    text = json.dumps(codec.entity_to_json(entity), allow_nan=False)
    assert codec.entity_from_json(json.loads(text)) == entity


@given(ENTITY)
@settings(max_examples=300)
def test_an_entity_survives_its_row_and_the_journal_writes_what_the_codec_writes(entity):
    table = TABLES[entity.kind]
    rows = table.encode([entity])
    (back,) = table.decode(rows)
    assert back == entity
    assert {"kind": entity.kind, **table.json(rows)[0]} == codec.entity_to_json(entity)


@given(ENTITY)
@settings(max_examples=100)
def test_what_the_data_dictionary_allows_may_be_stored(entity):
    assert problems(entity) == []


@given(EDIT)
def test_an_edit_survives_json(edit):
    assert codec.edit_from_json(json.loads(json.dumps(codec.edit_to_json(edit), allow_nan=False))) == edit


def test_numbers_of_numpy_are_written_as_numbers():
    plain = Bin(id="b", geometry=Point(8, 47), capacity_l=240.0, fill_level=0.5)
    numpy = dataclasses.replace(plain, capacity_l=np.int64(240), fill_level=np.float32(0.5))
    assert json.dumps(codec.entity_to_json(numpy)) == json.dumps(codec.entity_to_json(plain))
    assert TABLES["bin"].encode([numpy]) == TABLES["bin"].encode([plain])


def test_fields_that_are_not_there_get_their_default():
    assert codec.entity_from_json({"kind": "bin", "id": "b"}) == Bin(id="b")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "dragon", "id": "b"}, "kind 'dragon'"),
        ({"kind": "bin", "id": "b", "smell": 1}, "no field 'smell'"),
        ({"kind": "bin"}, "not whole"),
        ({"kind": "scenario", "id": "s", "name": "S", "edits": [{"edit": "fly"}]}, "edit 'fly'"),
        ({"kind": "scenario", "id": "s", "name": "S", "edits": [{"edit": "close", "speed": 1}]}, "no field 'speed'"),
    ],
)
def test_what_this_program_does_not_know_is_refused_not_dropped(data, message):
    with pytest.raises(DataError, match=message):
        codec.entity_from_json(data)


def test_a_result_survives_json():
    measures = (Measure("m", "M", "s", noise=0.5, worse="lower", definition="d"),)
    lines = np.array([LineString([(0, 0), (1, 1)]), None], dtype=object)
    table = ResultTable("route", np.array(["a", "b"], dtype=object), {"m": np.array([math.nan, math.inf])}, measures, lines)
    indicators = (Indicator("i", "I", -math.inf, "h", low=None, high=math.nan, samples=(1.0, math.nan), rows=2),)
    over_time = np.array([[1.0, math.nan], [2.0, 3.0], [4.0, math.inf]], np.float32)
    series = ResultSeries(
        "link", np.array(["a", "b"], dtype=object), np.array([0.0, 60.0, 120.0]), 60.0, {"m": over_time}, measures
    )
    result = Result(
        "s", "S", 3, {"a": (1.0, 2.0)}, 7, "h", indicators, {"route": table}, {"gap": 1e-9}, ("note",), series={"link": series}
    )
    back = codec.result_from_json(json.loads(json.dumps(codec.result_to_json(result), allow_nan=False)))
    assert repr(back.indicators) == repr(result.indicators)  # NaN is not equal to itself
    assert (back.params, back.diagnostics, back.notes) == (result.params, result.diagnostics, result.notes)
    assert (back.simulation, back.scenario, back.base_version, back.seed, back.input_hash) == ("s", "S", 3, 7, "h")
    (found,) = back.tables.values()
    np.testing.assert_array_equal(found.columns["m"], table.columns["m"])
    assert (found.ids.tolist(), found.geometry.tolist(), found.measures) == (["a", "b"], lines.tolist(), measures)
    again = back.series["link"]
    assert (again.ids.tolist(), again.t_s.tolist(), again.step_s, again.measures) == (
        ["a", "b"],
        [0.0, 60.0, 120.0],
        60.0,
        measures,
    )
    assert again.columns["m"].dtype == np.float32
    np.testing.assert_array_equal(again.columns["m"], over_time)
