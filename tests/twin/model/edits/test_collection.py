"""Edits of bins and vehicles."""

from __future__ import annotations

import pytest

from twin.errors import ScenarioError
from twin.model import edits as e
from twin.model.codec import edit_from_json, edit_to_json


def test_edits_of_collection(city):
    assert e.MoveBins(target_ids=("bin-1",), dx_m=1.0, dy_m=-2.0).apply(city)["bin"].xy.tolist() == [[0, 0], [6, 3]]
    assert e.RemoveBins(target_ids=("bin-0",)).apply(city)["bin"].ids.tolist() == ["bin-1"]
    assert e.ResizeBins(target_ids=("bin-0",), capacity_l=660.0).apply(city)["bin"]["capacity_l"].tolist() == [660, 240]
    assert e.SetFleet(target_ids=("depot-0",), vehicle_count=6).apply(city)["depot"]["vehicle_count"].tolist() == [6]


def test_added_bins_stand_where_they_were_put_empty_and_with_a_key_of_their_own(city):
    edit = e.AddBins(at_m=((10.0, 20.0), (30.0, 40.0)), waste_kind="food", capacity_l=120.0)
    added = edit.apply(city)["bin"]
    assert added.xy[2:].tolist() == [[10, 20], [30, 40]]
    assert added["capacity_l"].tolist() == [240, 240, 120, 120]
    assert added.ids[2:].tolist() == [
        "new-deb320d4065121e4",
        "new-156bae82169ece23",
    ]  # what is shared must be the same everywhere
    assert added.ids.tolist() == edit_from_json(edit_to_json(edit)).apply(city)["bin"].ids.tolist()
    assert e.RemoveBins(target_ids=(added.ids[2],)).apply(edit.apply(city))["bin"].ids.tolist() == added.ids[[0, 1, 3]].tolist()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "no places"),
        ({"at_m": ((1.0, float("nan")),)}, "no places"),
        ({"at_m": ((1.0, 2.0, 3.0),)}, "no places"),
        ({"at_m": (("a", "b"),)}, "no places"),
        ({"at_m": ((1.0, 2.0), (1.0, 2.001))}, "twice"),
        ({"at_m": ((1.0, 2.0),), "waste_kind": "gold"}, "'gold'"),
        ({"at_m": ((1.0, 2.0),), "capacity_l": 0.0}, "0 L"),
        ({"at_m": ((1.0, 2.0),), "capacity_l": float("nan")}, "nan L"),
    ],
)
def test_bins_that_make_no_sense_are_refused(city, values, said):
    with pytest.raises(ScenarioError, match=said):
        e.AddBins(**values).apply(city)


def test_the_same_bin_twice_is_refused(city):
    edit = e.AddBins(at_m=((1.0, 2.0),))
    with pytest.raises(ScenarioError, match="twice"):
        edit.apply(edit.apply(city))


def test_bins_are_doubled_again_and_again(city):
    bins = city["bin"]
    bins = bins.with_values(["bin-1"], {"capacity_l": 660.0})
    frame = type(bins)(bins.kind, bins.ids, {**bins.columns, "waste_kind": bins.ids.copy()}, bins.geometry)
    frame.columns["waste_kind"][:] = "litter"
    small, large = e.bins_beside(frame, ["bin-1", "bin-0"])
    assert (small.waste_kind, small.capacity_l, small.at_m) == ("litter", 240.0, ((2.0, 0.0),))
    assert (large.capacity_l, large.at_m) == (660.0, ((7.0, 5.0),))
    doubled = small.apply(city.with_frame(frame))["bin"]
    assert e.bins_beside(doubled, ["bin-0"])[0].at_m == ((4.0, 0.0),)
