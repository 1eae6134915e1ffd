"""What can be reached from here: from what is selected, else from where the pointer was."""

from __future__ import annotations

import pytest

import sim
from sim.isochrone import Isochrone


@pytest.fixture
def _offered(quick, monkeypatch):
    """Let the window, which is made after this, offer isochrones beside the quick simulation."""
    monkeypatch.setattr(sim, "SIMULATIONS", (*sim.SIMULATIONS, Isochrone()))


def asked(window):
    params = window.scenario_panel.run_box.forms["isochrone"].record()
    return params.lon, params.lat


@pytest.mark.usefixtures("_offered")
class TestReach:
    def test_from_the_selected_road(self, on_city, rest):
        on_city.desk.select("link", ["b"])
        rest(on_city)
        on_city.trigger("run.reach")
        assert asked(on_city) == pytest.approx((118.815, 32.0), abs=1e-4)
        rest(on_city)
        # Three one-way streets in a row join no two places both ways: the run says so.
        assert [type(error).__name__ for error in on_city.errors] == ["ScenarioError"]

    def test_from_the_pointer_where_nothing_is_selected(self, on_city, rest):
        on_city.map_page.place_xy = tuple(on_city.desk.view.edited["depot"].xy[0].tolist())
        on_city.trigger("run.reach")
        assert asked(on_city) == pytest.approx((118.8, 32.0), abs=1e-4)
        rest(on_city)

    def test_without_a_place_it_is_not_offered(self, on_city):
        assert not on_city.actions_by_id["run.reach"].isEnabled()
