"""Sync in the window: what waits is told, conflicts are decided, packages are written and taken over."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
import shapely
from PySide6.QtCore import Qt

from tests.offices import meet, small_centre
from twin.model.changes import Change
from twin.store import Store
from twin.sync import courier
from twin.sync.courier import Address
from twin.sync.office import MINE, THEIRS, read_office
from twin.sync.package.keys import KeyRing
from twin.sync.package.reading import open_package
from twin.sync.workspace import device_of
from twin.task import finish
from ui.dialogs.package import PackageDialog


@pytest.fixture
def centre():
    return small_centre()


@pytest.fixture
def panel(on_city):
    return on_city.panels["sync"]


@pytest.fixture
def quarrel(session, centre, tmp_path):
    """Let another office change what the small city changes, too, before the window opens it."""
    here = session.store
    with Store.create(tmp_path / "other.twin") as other:
        for store in (here, other):
            meet(centre, device_of(store))
        for number, name in enumerate(("bin0", "bin1")):
            bin_ = here.get("bin", name)
            moved = shapely.Point(118.806 + number / 100, 32.002)
            other.write([Change(bin_, dataclasses.replace(bin_, name="theirs", geometry=moved))], title="t", author="Ann")
            mine = dataclasses.replace(bin_, name="mine", geometry=shapely.Point(118.807, 32.003), capacity_l=360.0)
            here.write([Change(bin_, mine)], title="m", author="Bob")
        meet(centre, device_of(other))
        meet(centre, device_of(here))


def test_a_city_alone_says_what_to_do(on_city, panel):
    assert panel.state.text() == "This city is on this computer alone."
    assert "Sync with a centre" in panel.facts.text()
    assert not panel.disputed.isVisibleTo(panel)
    assert not panel.refused.isVisibleTo(panel)


def test_without_a_city_it_says_so(window):
    panel = window.panels["sync"]
    assert panel.state.text() == "No workspace is open."
    assert not panel.package.isEnabled()


def test_a_conflict_is_shown_field_by_field_and_on_the_map(quarrel, on_city, panel, rest):
    on_city.show_panel("sync")
    rest(on_city)
    assert panel.state.text() == "2 conflicts wait for your decision."
    assert [item.kind for item in panel.chosen()] == ["bin"]
    rows = [[panel.fields.item(row, column).text() for column in range(4)] for row in range(panel.fields.rowCount())]
    assert ["Name", "B-0", "theirs", "mine"] in rows
    assert rows[-1][0] == "Place"
    assert "Bob" in panel.author.text()
    assert "Somebody else changed it meanwhile." in panel.author.text()
    assert on_city.desk.selection == ("bin", frozenset({"bin0"}))
    assert [version.text for version in on_city.map_page.scene._versions] == ["Before", "At the centre", "Edited"]
    on_city.change_settings(language="zh_CN")
    rest(on_city)
    assert panel.state.text() == "有 2 项冲突等待裁定。"


def test_several_are_decided_together_and_undone(quarrel, on_city, panel, rest):
    panel.disputed.selectAll()
    assert "1 more" in panel.author.text()
    panel.settle(MINE)
    rest(on_city)
    assert on_city.errors == []
    assert panel.state.text() != "2 conflicts wait for your decision."
    store = on_city.desk.session.store
    assert {store.get("bin", key).name for key in ("bin0", "bin1")} == {"mine"}
    on_city.trigger("edit.undo")
    rest(on_city)
    assert {store.get("bin", key).name for key in ("bin0", "bin1")} == {"theirs"}


def test_one_is_decided_for_the_centre(quarrel, on_city, panel, rest):
    panel.disputed.setCurrentRow(1)
    panel.settle(THEIRS)
    rest(on_city)
    assert [item.id for item in on_city.desk.view.office.disputed] == ["bin0"]
    assert on_city.desk.session.store.get("bin", "bin1").name == "theirs"
    assert panel.state.text() == "One conflict waits for your decision."


@pytest.fixture
def rings(tmp_path):
    found = {name: KeyRing(tmp_path / "keys" / name) for name in ("centre", "north")}
    found["centre"].make("Centre")
    return found


@pytest.fixture
def dialog(on_city, rings):
    made = PackageDialog(on_city.desk, rings["north"], on_city)
    made.show()
    yield made
    made.close()


def test_an_office_that_begins_is_led_to_its_key_and_to_the_centres_card(dialog, rings, tmp_path):
    assert "make the key" in dialog.readiness.text()
    assert not dialog.write.isEnabled()
    dialog.name.setText("North")
    dialog.make_key()
    assert rings["north"].own.name == "North"
    assert "trust the card" in dialog.readiness.text()
    rings["north"].trust(rings["centre"].own.card)
    dialog.refresh()
    assert not dialog.readiness.isVisibleTo(dialog)
    assert dialog.write.isEnabled()
    assert rings["centre"].own.card.fingerprint in dialog.offices.item(0).text()


def ready(dialog, rings):
    rings["north"].make("North")
    rings["north"].trust(rings["centre"].own.card)
    rings["centre"].trust(rings["north"].own.card)
    dialog.refresh()


def test_edits_go_out_and_news_come_in(dialog, rings, on_city, centre, rest, tmp_path):
    ready(dialog, rings)
    dialog.write_to(tmp_path / "north.ctpkg")
    rest(on_city)
    assert on_city.errors == []
    assert "'north.ctpkg' was written and read back (" in dialog.written.text()
    assert on_city.panels["sync"].state.text() == "One edit waits for the centre."
    assert "Last sent" in on_city.panels["sync"].facts.text()
    for number in range(1):
        opened = open_package(tmp_path / "north.ctpkg", rings["centre"], datetime.now(UTC))
        address = Address(id="r", own=rings["centre"].own, recipients=(rings["north"].own.card,), now=datetime.now(UTC))
        finish(courier.answer_task(opened, centre, tmp_path / f"{number}.ctpkg", address))
        dialog.look_at(tmp_path / f"{number}.ctpkg")
        rest(on_city)
        assert "From: Centre" in dialog.inside.text()
        dialog.take_over()
        rest(on_city)
        assert on_city.errors == []
        assert dialog.taken.text() == "Taken over. The city shows it now."
        dialog.write_to(tmp_path / "north.ctpkg")
        rest(on_city)
    assert on_city.errors == []
    assert on_city.panels["sync"].state.text() == "All edits are at the centre."
    assert "everything" in dialog.waiting.text()
    dialog.look_at(tmp_path / "0.ctpkg")
    rest(on_city)
    dialog.take_over()
    rest(on_city)
    assert "nothing that is new here" in dialog.taken.text()


def test_a_package_that_is_refused_changes_nothing_and_is_named(dialog, rings, on_city, rest, tmp_path):
    ready(dialog, rings)
    before = read_office(on_city.desk.session.store)
    (tmp_path / "x.ctpkg").write_bytes(b"\x89CTPKG\n")
    dialog.look_at(tmp_path / "x.ctpkg")
    rest(on_city)
    assert [error.refusal for error in on_city.errors] == ["torn"]
    assert not dialog.take.isEnabled()
    assert read_office(on_city.desk.session.store) == before


def test_editing_goes_on_while_a_package_is_written(dialog, rings, on_city, rest, tmp_path):
    ready(dialog, rings)
    dialog.write_to(tmp_path / "north.ctpkg")
    session = on_city.desk.session
    on_city.desk.do("Edit", lambda session: session.change([Change(session.entity("bin", "bin0"), None)], "Remove a bin"))
    rest(on_city)
    assert on_city.errors == []
    assert session.store.get("bin", "bin0") is None
    assert (tmp_path / "north.ctpkg").exists()


def test_a_writing_can_be_stopped(dialog, rings, on_city, rest, tmp_path):
    ready(dialog, rings)
    dialog.write_to(tmp_path / "north.ctpkg")
    dialog.stop()
    rest(on_city)
    assert not list(tmp_path.glob("*.partial"))


def test_offices_are_forgotten(dialog, rings):
    ready(dialog, rings)
    dialog.offices.item(0).setSelected(True)
    dialog.distrust()
    assert rings["north"].trusted() == ()
    assert not dialog.no_offices.isHidden()
    assert dialog.own.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def shown_fields(panel):
    return [tuple(panel.fields.item(row, column).text() for column in range(4)) for row in range(panel.fields.rowCount())]


@pytest.fixture
def removed(session, centre, tmp_path):
    """Let another office remove what the small city edits, and edit what the small city removes."""
    here = session.store
    with Store.create(tmp_path / "other.twin") as other:
        for store in (here, other):
            meet(centre, device_of(store))
        one, two = here.get("bin", "bin0"), here.get("bin", "bin1")
        other.write([Change(one, None), Change(two, dataclasses.replace(two, name="theirs"))], title="t", author="Ann")
        here.write([Change(one, dataclasses.replace(one, name="mine")), Change(two, None)], title="m", author="Bob")
        meet(centre, device_of(other))
        meet(centre, device_of(here))


def test_what_was_removed_on_one_side_is_shown_field_by_field(removed, on_city, panel, rest):
    on_city.show_panel("sync")
    rest(on_city)
    by_id = {panel.disputed.item(row).data(Qt.ItemDataRole.UserRole).id: row for row in range(panel.disputed.count())}
    panel.disputed.clearSelection()
    panel.disputed.setCurrentRow(by_id["bin0"])
    assert shown_fields(panel) == [("The thing itself", "there", "removed", "there"), ("Name", "B-0", "removed", "mine")]
    panel.disputed.clearSelection()
    panel.disputed.setCurrentRow(by_id["bin1"])
    found = shown_fields(panel)
    assert found[:2] == [("The thing itself", "there", "there", "removed"), ("Name", "–", "theirs", "removed")]
    assert len(found) > 3  # all that the removal would take away


def test_what_moved_on_while_somebody_decided_is_shown_and_asked_again(quarrel, on_city, panel, rest, centre):
    on_city.show_panel("sync")
    rest(on_city)
    store = on_city.desk.session.store
    (chosen,) = panel.chosen()
    now = store.get("bin", chosen.id)
    store.write([Change(now, dataclasses.replace(now, name="moved on"))], title="t", author="Ann")
    panel.settle(MINE)
    rest(on_city)
    assert "changed again while you decided" in str(on_city.errors[-1])
    assert len(read_office(store).disputed) == 2
    assert ("Name", "B-0", "moved on", "mine") in shown_fields(panel)
    panel.settle(MINE)
    rest(on_city)
    assert store.get("bin", chosen.id).name == "mine"
