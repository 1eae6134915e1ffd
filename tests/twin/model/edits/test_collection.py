"""Edits of bins and vehicles."""

from __future__ import annotations

from twin.model import edits as e


def test_edits_of_collection(city):
    assert e.MoveBins(target_ids=("bin-1",), dx_m=1.0, dy_m=-2.0).apply(city)["bin"].xy.tolist() == [[0, 0], [6, 3]]
    assert e.RemoveBins(target_ids=("bin-0",)).apply(city)["bin"].ids.tolist() == ["bin-1"]
    assert e.ResizeBins(target_ids=("bin-0",), capacity_l=660.0).apply(city)["bin"]["capacity_l"].tolist() == [660, 240]
    assert e.SetFleet(target_ids=("depot-0",), vehicle_count=6).apply(city)["depot"]["vehicle_count"].tolist() == [6]
