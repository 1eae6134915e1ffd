from __future__ import annotations

from twin.ingest import workspace_info

NODES = {1: (24.90, 60.10), 2: (24.91, 60.10), 3: (24.92, 60.10), 4: (24.91, 60.11), 5: (24.93, 60.10)}


def osm(ways, nodes=NODES):
    """Return an OSM document of primary roads, ``{way: nodes}``."""
    points = "".join(f'<node id="{key}" version="1" lon="{lon}" lat="{lat}"/>' for key, (lon, lat) in nodes.items())
    lines = "".join(
        f'<way id="{key}" version="1">{"".join(f"""<nd ref="{ref}"/>""" for ref in refs)}<tag k="highway" v="primary"/></way>'
        for key, refs in ways.items()
    )
    return f'<osm version="0.6">{points}{lines}</osm>'


def keys(store):
    return sorted(link.source_id for link in store.find("link"))


def test_links_point_at_the_citys_own_nodes(store, bring, written):
    bring(written("city.osm", osm({10: (1, 2, 3)})))
    nodes = {node.source_id: node.id for node in store.find("node")}
    links = {link.source_id: link for link in store.find("link")}
    there, back = links["way/10/1-3"], links["way/10/3-1"]
    assert (there.tail_id, there.head_id) == (nodes["node/1"], nodes["node/3"])
    assert (there.reverse_id, back.reverse_id) == (back.id, there.id)


def test_a_road_that_is_cut_by_a_new_junction_replaces_its_link(store, bring, written):
    bring(written("old.osm", osm({10: (1, 2, 3)})))
    report = bring(written("new.osm", osm({10: (1, 2, 3), 11: (2, 4)})))
    assert dict(report.removed) == {"link": 2}
    assert keys(store) == [f"way/10/{ends}" for ends in ("1-2", "2-1", "2-3", "3-2")] + ["way/11/2-4", "way/11/4-2"]
    assert workspace_info(store)["roads"] == 2
    store.undo()
    assert keys(store) == ["way/10/1-3", "way/10/3-1"]


def test_a_smaller_extract_takes_nothing_away(store, bring, written):
    bring(written("whole.osm", osm({10: (1, 2, 3, 5), 11: (2, 4)})))
    before = keys(store)
    part = {key: place for key, place in NODES.items() if key in (1, 2, 4)}
    report = bring(written("part.osm", osm({10: (1, 2, 3, 5), 11: (2, 4)}, part)))
    assert not report.removed
    assert set(before) <= set(keys(store))
