"""What a workspace is said to hold: in the table and in JSON the same."""

from __future__ import annotations

import json

import numpy as np

from twin.model.snapshot import Terrain
from twin.store import Store
from ui.cli.info_command import LABELS


def test_the_table_says_the_numbers_of_the_json(call, workspace):
    facts = json.loads(call("info", workspace, "--json")[1])
    lines = call("info", workspace)[1].splitlines()
    for key, label in LABELS.items():
        value = next(line for line in lines if line.startswith(label + "  "))[len(label) :].strip()
        if isinstance(facts[key], int) and not isinstance(facts[key], bool):
            assert value.split(", newest")[0].replace(",", "") == str(facts[key]), label


def test_every_fact_stands_in_the_table(call, workspace):
    facts = json.loads(call("info", workspace, "--json")[1])
    assert set(facts) - set(LABELS) == {"synthetic", "bounds"}


def test_a_damaged_terrain_is_not_in_the_way(call, workspace):
    with Store.open(workspace) as store, store.transaction("Terrain") as transaction:
        transaction.set_terrain(Terrain(0.0, 0.0, 10.0, np.zeros((2, 2), np.float32)))
    (file,) = (workspace / "rasters").glob("terrain-*")
    file.write_bytes(b"no heights")
    status, out, err = call("info", workspace, "--json")
    assert (status, err) == (0, "")
    assert json.loads(out)["terrain"] is True
    assert call("info", workspace)[0] == 0
