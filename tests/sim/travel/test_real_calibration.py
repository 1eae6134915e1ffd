"""The fit to real counts: Helsinki's centre and its stations."""

from __future__ import annotations

import pytest

from sim.congestion import Congestion, CongestionParams
from sim.travel.baseline import make_baseline
from twin.ingest import import_source
from twin.sources import ReadOptions
from twin.store import Store
from twin.task import finish

pytestmark = pytest.mark.real_data


def test_helsinki_is_met_far_better_by_the_matrix_than_by_one_factor(tmp_path, real_data):
    with Store.create(tmp_path / "helsinki.twin") as store:
        for name, options in (
            ("osm/helsinki_centre_2019.osm.pbf", {}),
            ("population/helsinki_population_grid_2020.gpkg", {}),
            ("traffic/helsinki_hourly_counts_2011_2016.csv", {"kind": "counts", "crs": "EPSG:3879"}),
        ):
            finish(import_source(store, real_data / name, ReadOptions(**options)))
        snapshot = store.snapshot(Congestion.kinds, histories=Congestion.histories)
    fits = {
        name: finish(make_baseline("key", snapshot, CongestionParams(calibration=name))).fit.figures()
        for name in ("factor", "matrix")
    }
    assert fits["factor"]["fit_stations"] == 5.0
    assert fits["matrix"]["fit_median_geh"] < 0.5 * fits["factor"]["fit_median_geh"]
    assert fits["matrix"]["fit_r2"] > 0.9 > fits["factor"]["fit_r2"]
    assert 0.0 < fits["matrix"]["matrix_mean_change"] < 0.3
