from __future__ import annotations

import pytest

VRP = """NAME : tiny
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 30
3 40 30
4 40 0
DEMAND_SECTION
1 0
2 3
3 3
4 3
"""


@pytest.fixture
def tiny(tmp_path):
    (tmp_path / "tiny.vrp").write_text(VRP)
    return tmp_path / "tiny.vrp"


def test_a_tiny_problem_is_solved(call_json, tiny):
    found = call_json("benchmark", "routing", tiny, "--seconds", 0.2)
    assert (found["cost"], found["routes"], found["feasible"]) == (140, 1, True)
    assert found["seconds"] >= 0.2
    assert found["start_cost"] >= 140
    assert "gap" not in found


def test_the_gap_to_the_best_known(call_json, call, tiny):
    assert call_json("benchmark", "routing", tiny, "--seconds", 0.1, "--best", 100)["gap"] == pytest.approx(0.4)
    tiny.with_suffix(".sol").write_text("Cost 70\n")
    assert call_json("benchmark", "routing", tiny, "--seconds", 0.1)["gap"] == pytest.approx(1.0)
    status, out, _ = call("benchmark", "routing", tiny, "--seconds", 0.1, "--language", "zh_CN")
    assert status == 0
    assert "满足全部约束" in out


@pytest.mark.parametrize("wrong", [("--seconds", 0), ("--seconds", "inf"), ("--best", -1)])
def test_numbers_of_nonsense(call, tiny, wrong):
    status, out, err = call("benchmark", "routing", tiny, *wrong)
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 2
