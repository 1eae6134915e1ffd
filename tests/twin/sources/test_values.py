from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import DataError
from twin.sources.values import is_month_first, moment, number, truth_value, zone


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-1.5", -1.5), (".5", 0.5), ("1e3", 1000), ("1 234,5", 1234.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5),
        ("1,234", 1234), ("12,5", 12.5), ("85 %", 85), ("85%", 85), ("12 m", 12), ("1.1 m³", 1.1), ("1'234.5", 1234.5),
        ("45°", 45), (7, 7), (True, 1), ("1.234.567", 1234567),
    ],
)  # fmt: skip
def test_number(text, value):
    assert number(text) == pytest.approx(value)


def test_comma_is_decimal_where_the_file_says_so():
    assert number("1,234", decimal_comma=True) == pytest.approx(1.234)


@pytest.mark.parametrize("text", ["", "abc", "1-2", "12 34 56 m of pipe", "--3", "1,2,3.4.5"])
def test_no_number(text):
    with pytest.raises(ValueError, match="is not a number"):
        number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_printed_number_is_read_back(value):
    assert number(repr(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        "2021-08-21T18:09", "2021-08-21 18:09:00", "2021/08/21 18:09", "21.08.2021 18:09", "21/08/2021 18:09", "20210821180900",
        "20210821T1809", "2021年8月21日 18时09分", "2021年8月21日18:09", "21/8/2021 6:09 PM", "2021-08-21T18:09:00Z",
        "2021-08-21T20:09:00+02:00", "2021-08-21T13:09:00.000-0500", "1629569340", "1629569340000", "21.8.2021, 18:09",
    ],
)  # fmt: skip
def test_times_of_many_forms(text):
    assert moment(text, UTC) == datetime(2021, 8, 21, 18, 9, tzinfo=UTC)


def test_local_times_and_midnight_at_the_end_of_a_day():
    helsinki = zone("Europe/Helsinki")
    assert moment("2021-08-21 18:09", helsinki) == datetime(2021, 8, 21, 15, 9, tzinfo=UTC)
    assert moment("2021-08-21T18:09Z", helsinki) == datetime(2021, 8, 21, 18, 9, tzinfo=UTC)
    assert moment("21.08.2021 24:00", UTC) == datetime(2021, 8, 22, tzinfo=UTC)
    assert moment("08/21/2021", UTC, month_first=True) == datetime(2021, 8, 21, tzinfo=UTC)
    assert moment("21-Aug-21", UTC, pattern="%d-%b-%y") == datetime(2021, 8, 21, tzinfo=UTC)
    assert moment(datetime(2021, 8, 21, 18), helsinki) == datetime(2021, 8, 21, 15, tzinfo=UTC)  # noqa: DTZ001  as Excel has it


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2021-13-01", "31.02.2021", "2021-08-21 25:00", "0000-00-00", "99999999999999"]
)
def test_no_time(text):
    with pytest.raises(ValueError, match="is not a time"):
        moment(text, UTC)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_named_error(text):
    try:
        assert moment(text, UTC).tzinfo is not None
    except ValueError as error:
        assert "is not a time" in str(error)  # noqa: PT017  either outcome is right


def test_order_of_day_and_month_is_told_by_the_column():
    assert is_month_first(["01/02/2021", "13/02/2021"]) is False
    assert is_month_first(["01/02/2021", "02/13/2021"]) is True
    assert is_month_first(["01/02/2021"]) is None
    assert is_month_first(["2021-01-02"]) is False


def test_truth_and_zone():
    assert [truth_value(text) for text in ("yes", "在线", "OFF", 0, "1")] == [True, True, False, False, True]
    with pytest.raises(ValueError, match="neither yes nor no"):
        truth_value("perhaps")
    with pytest.raises(DataError, match="no time zone"):
        zone("Mars/Olympus")
