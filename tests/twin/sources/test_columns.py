from __future__ import annotations

import pytest

from twin.errors import DataError
from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.entity import attributes
from twin.sources.cells import known_attributes
from twin.sources.columns import TABLE_KINDS, _choices, _table, choice, kind_named, kind_of, plain_name, recognise, unit_in

ROLES = {"source_id", "name", "name_en", "lon", "lat", "x", "y", "wkt", "year", "month", "day", "date", "clock", "hour"}
EVIDENCE_ONLY = {"stream_flag", "deaths", "injured", "image_url", "subject_id"}


def test_every_synonym_is_of_a_kind_and_an_attribute_that_exist():
    for row in _table():
        if row.kind == "*":
            assert row.attribute in ROLES
        else:
            assert row.kind in TABLE_KINDS
            assert row.attribute in {*known_attributes(row.kind), "source_id"} | EVIDENCE_ONLY, row
        assert all(row.names)


def test_every_choice_is_one_of_the_data_dictionary():
    declared = {name: facts.choices for kind in KIND_OF.values() for name, facts in attributes(kind).items() if facts.choices}
    for attribute, texts in _choices().items():
        allowed = {"truth": ("true", "false"), "category": ("road_accident", "fire", "flood", "spill", "fallen_tree", "other")}
        assert set(texts.values()) <= set(declared.get(attribute, ()) or allowed[attribute])


def test_every_table_kind_is_one_that_can_be_stored():
    assert set(TABLE_KINDS) <= {*KIND_OF, *HISTORY_OF}


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Fill Level (%)", "filllevel"),
        ("latestFullness", "latestfullness"),
        ("Päivä", "paiva"),
        ("经度", "经度"),
        ("x_gk25", "xgk25"),
    ],
)
def test_names_are_compared_without_case_accents_and_signs(name, plain):
    assert plain_name(name) == plain


def test_units_in_brackets():
    assert [unit_in(name) for name in ("Fill (%)", "容积（L）", "Name (old)", "height")] == ["%", "L", "", ""]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["serial_number", "fill_level", "lat", "lon"], "bin"),
        (["垃圾桶编号", "满溢度", "经度", "纬度"], "bin"),
        (["kuolleet", "loukkaant", "x", "y"], "incident"),
        (["案件编号", "处置部门", "经度", "纬度"], "case"),
        (["piste", "autot", "ha", "x", "y"], "counter"),
        (["bin_id", "timestamp", "fill_level"], "fill_reading"),
        (["国标编码", "设备名称", "经度", "纬度"], "camera"),
    ],
)
def test_kind_by_columns(names, kind):
    assert kind_of(names, where="file.csv") == kind


def test_a_kind_that_is_not_certain_is_asked_for():
    with pytest.raises(DataError, match="do not tell") as caught:
        kind_of(["id", "name"], where="file.csv")
    assert "--as" in caught.value.advice
    with pytest.raises(DataError, match="no kind 'spaceship'"):
        kind_named("spaceship")
    assert kind_named("Traffic-Counts") == "counter"


def test_the_kinds_own_names_come_first():
    found = recognise(["id", "camera_id", "direction"], "camera")
    assert [item.column for item in found["source_id"]] == ["camera_id", "id"]
    assert found["direction_deg"][0].column == "direction"


def test_choices_in_several_languages():
    assert [choice("waste_kind", text) for text in ("厨余垃圾", "Restmüll", "GLASS", "street-bin", "plutonium")] == [
        "food", "residual", "recyclable", "litter", None,
    ]  # fmt: skip
