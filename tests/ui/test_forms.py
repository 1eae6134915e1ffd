"""Forms made from declared fields: what goes in comes out, limits hold, texts follow the language."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QTime
from PySide6.QtWidgets import QDoubleSpinBox

from twin.errors import KnownError, ScenarioError
from twin.model.catalogue import KINDS
from twin.model.edits import EDITS, BlockLanes, SetLanes, SetSpeed
from twin.model.entity import attribute, attributes
from ui.forms import Form, form_with_defaults
from ui.language import set_language


@dataclass(frozen=True, kw_only=True)
class Everything:
    text: str = attribute("Name", "x")
    choice: str = attribute("Use", "green", choices=("green", "water"))
    share: float = attribute("Full from", 0.5, low=0, high=1)
    maybe: float | None = attribute("Storeys", None, low=0, high=200)
    whole: int = attribute("Vehicles", 4, low=0, high=1000)
    maybe_whole: int | None = attribute("Round every", None, low=1, high=28)
    truth: bool = attribute("Closed", False)
    maybe_truth: bool | None = attribute("Online", None)
    when: datetime | None = attribute("Occurred", None)
    many: tuple[str, ...] = attribute("Objects", ())

    def __post_init__(self):
        if self.text == "forbidden":
            raise ScenarioError("That name is taken.", "Choose another.")


@pytest.fixture
def form(qtbot):
    made = form_with_defaults(Everything)
    qtbot.addWidget(made)
    return made


def test_defaults_come_out_as_they_are(form):
    assert form.record() == Everything()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.builds(
        Everything,
        text=st.text("abc城市", max_size=8).map(str.strip),
        choice=st.sampled_from(("green", "water")),
        share=st.floats(0, 1),
        maybe=st.none() | st.floats(0, 200),
        whole=st.integers(0, 1000),
        maybe_whole=st.none() | st.integers(1, 28),
        truth=st.booleans(),
        maybe_truth=st.none() | st.booleans(),
        when=st.none()
        | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC)),  # noqa: DTZ001  hypothesis wants naive limits
    )
)
def test_what_is_shown_comes_out_unchanged(form, record):
    form.set_values(dataclasses.asdict(record))
    assert form.record() == record


def test_a_speed_is_typed_in_kilometres_per_hour(qtbot):
    form = form_with_defaults(SetSpeed)
    qtbot.addWidget(form)
    box = form.fields["speed_mps"].editor
    assert isinstance(box, QDoubleSpinBox)
    assert box.value() == pytest.approx(30)
    assert box.suffix().strip() == "km/h"
    box.setValue(50)
    assert form.record().speed_mps == pytest.approx(50 / 3.6)


def test_limits_of_the_declaration_hold(qtbot):
    form = form_with_defaults(SetLanes)
    qtbot.addWidget(form)
    box = form.fields["lanes"].editor
    box.setValue(99)
    assert form.values()["lanes"] == 16


def test_a_refusal_is_shown_under_the_form(form):
    form.set_values({"text": "forbidden"})
    with pytest.raises(KnownError):
        form.record()
    assert "That name is taken. Choose another." in form._complaint.text()
    assert not form.is_complete()
    form.set_values({"text": "free"})
    assert form.is_complete()
    assert not form._complaint.text()


def test_a_change_by_hand_is_told_and_a_change_by_program_is_not(form, qtbot):
    with qtbot.assertNotEmitted(form.changed):
        form.set_values({"whole": 7})
    with qtbot.waitSignal(form.changed):
        form.fields["whole"].editor.setValue(9)


@pytest.mark.parametrize("record_type", [*KINDS, *EDITS], ids=lambda item: item.__name__)
def test_every_kind_and_every_edit_has_a_form(qtbot, record_type):
    form = Form(record_type)
    qtbot.addWidget(form)
    expected = {name for name, facts in attributes(record_type).items() if facts.type is not tuple}
    assert form.fields.keys() == expected
    assert all(field.caption.text() and field.editor.accessibleName() for field in form.fields.values())


def test_a_time_of_day_is_typed_on_a_clock(qtbot):
    form = form_with_defaults(BlockLanes)
    qtbot.addWidget(form)
    assert form.values()["start_s"] == 8 * 3600.0
    form.set_values({"start_s": 27000.0, "end_s": 86400.0})
    assert form.fields["start_s"].editor.text() == "07:30"
    assert form.values()["end_s"] == 86340.0  # the last minute of the day
    with qtbot.waitSignal(form.changed):
        form.fields["start_s"].editor.setTime(QTime(6, 15))
    assert form.values()["start_s"] == 22500.0


def test_labels_follow_the_language(form):
    before = form.fields["whole"].caption.text()
    set_language("zh_CN")
    after = form.fields["whole"].caption.text()
    set_language("en")
    assert form.fields["whole"].caption.text() == before == "Vehicles"
    assert after
