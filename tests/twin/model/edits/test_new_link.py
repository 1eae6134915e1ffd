"""A new road: how its ends are joined, and roads that it cuts in two."""

from __future__ import annotations

import math

import pytest
import shapely

from twin.errors import ScenarioError
from twin.model.edits import AddLink, BanTurn, CloseLinks, SetLanes
from twin.model.network import Node


def added(city, *path, **values):
    return AddLink(path_m=path, **values).apply(city)


def new_keys(before, after, kind="link"):
    return [key for key in after[kind].ids.tolist() if key not in before[kind].row_of]


def test_a_road_between_two_junctions_is_two_links(city, value):
    after = added(city, (405, 395), (600, 300), (795, 8), lanes=2.0, road_class="primary", speed_mps=15.0)
    there, back = new_keys(city, after)
    assert len(after["node"]) == len(city["node"])
    assert (value(after, "link", there, "tail_id"), value(after, "link", there, "head_id")) == ("node-3", "node-2")
    assert (value(after, "link", back, "tail_id"), value(after, "link", back, "head_id")) == ("node-2", "node-3")
    assert value(after, "link", there, "reverse_id") == back
    assert value(after, "link", back, "reverse_id") == there
    assert value(after, "link", there, "capacity_vph") == 2000.0
    line = after["link"].shapes[after["link"].row_of[there]]
    assert list(line.coords) == [(400, 400), (600, 300), (800, 0)]
    assert value(after, "link", there, "length_m") == pytest.approx(line.length)


def test_a_one_way_road_is_one_link(city):
    after = added(city, (400, 400), (800, 0), two_way=False)
    assert len(new_keys(city, after)) == 1


def test_a_road_that_ends_on_another_cuts_both_its_directions(city, value):
    after = added(city, (400, 400), (500, 10), two_way=False)
    links = after["link"]
    assert set(new_keys(city, after)) == {"link-2|2", "link-3|2"} | {key for key in links.ids if key.startswith("new-")}
    (middle,) = new_keys(city, after, "node")
    assert after["node"].xy[after["node"].row_of[middle]].tolist() == [500, 0]
    # The longer piece keeps the key: of link-2 (from 400 to 800) the second, of link-3 the first.
    ends = {key: (value(after, "link", key, "tail_id"), value(after, "link", key, "head_id")) for key in links.ids}
    assert (ends["link-2|2"], ends["link-2"]) == (("node-1", middle), (middle, "node-2"))
    assert (ends["link-3"], ends["link-3|2"]) == (("node-2", middle), (middle, "node-1"))
    for one, other in (("link-2", "link-3"), ("link-2|2", "link-3|2")):
        assert value(after, "link", one, "reverse_id") == other
        assert value(after, "link", other, "reverse_id") == one
    assert (value(after, "link", "link-2|2", "length_m"), value(after, "link", "link-2", "length_m")) == pytest.approx((100, 300))


def test_what_was_said_of_a_road_is_said_of_its_pieces_where_it_belongs(city, value):
    after = added(city, (400, 400), (500, 10))
    assert (value(after, "link", "link-2|2", "toll"), value(after, "link", "link-2", "toll")) == (2.0, 0.0)  # paid once
    assert (value(after, "link", "link-2|2", "green_share"), value(after, "link", "link-2", "green_share")) == (0.0, 0.5)
    assert value(after, "movement", "movement-0", "to_link_id") == "link-2|2"  # the piece that begins at the junction
    assert value(after, "movement", "movement-0", "from_link_id") == "link-0"


def test_a_later_edit_of_a_road_reaches_its_pieces(city):
    after = added(city, (400, 400), (500, 10))
    links = CloseLinks(target_ids=("link-2",)).apply(after)["link"]
    assert links.ids[links["closed"]].tolist() == ["link-2", "link-2|2"]
    wide = SetLanes(target_ids=("link-2",), lanes=2.0).apply(after)["link"]
    assert wide["capacity_vph"][wide.rows(["link-2", "link-2|2"])].tolist() == [1800.0, 1800.0]
    twice = added(after, (400, 400), (700, 10))
    links = CloseLinks(target_ids=("link-2",)).apply(twice)["link"]
    assert links.ids[links["closed"]].tolist() == ["link-2", "link-2|2", "link-2|3"]
    assert links["length_m"][links["closed"]].sum() == pytest.approx(400.0)


def test_the_pieces_of_one_road_are_no_turn(city):
    after = added(city, (400, 400), (500, 10))
    with pytest.raises(ScenarioError, match="No turn leads"):
        BanTurn(target_ids=("link-2",), into=("link-2",)).apply(after)


def test_an_end_in_the_open_is_a_dead_end(city, value):
    after = added(city, (400, 400), (400, 900))
    (end,) = new_keys(city, after, "node")
    assert value(after, "link", new_keys(city, after)[0], "head_id") == end
    again = added(after, (400, 900), (800, 0))
    assert len(again["node"]) == len(after["node"])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (((2000, 2000), (3000, 3000)), "joins nothing"),
        (((0, 0), (3, 3)), "joins nothing"),
        (((0, 0),), "not two or more points"),
        ((), "not two or more points"),
        (((0, 0), (math.nan, 1)), "not two or more points"),
        (("a", "b"), "not two or more points"),
    ],
)
def test_a_line_that_makes_no_road_is_refused(city, path, message):
    with pytest.raises(ScenarioError, match=message):
        AddLink(path_m=path).apply(city)


def test_the_same_road_twice_is_refused(city):
    after = added(city, (400, 400), (800, 0))
    with pytest.raises(ScenarioError, match="twice"):
        added(after, (400, 400), (800, 0))


def test_a_new_road_does_not_join_a_junction_that_no_road_uses(city):
    lonely = city["node"].with_rows([Node(id="x", geometry=shapely.Point(600, 200))])
    after = added(city.with_frame(lonely), (400, 400), (600, 200))
    assert "x" not in {*after["link"]["tail_id"], *after["link"]["head_id"]}
