from __future__ import annotations

import numpy as np
import shapely

from layers.base import LabelMarks, PointMarks, Scene
from layers.new_bins import NewBinsLayer, NewBinsStyle
from tests.town import town
from twin.model.results import Measure, ResultTable


def test_each_proposed_bin_is_a_point_with_its_number():
    points = np.asarray(shapely.points([[1.0, 2.0], [30.0, 40.0]]), dtype=object)
    ids = np.array(["1", "2"], dtype=object)
    table = ResultTable("new_bin", ids, {"served": np.array([9.0, 4.0])}, (Measure("served", "Residents served"),), points)
    picture = NewBinsLayer().encode(Scene(town(), {"new_bin": table}), NewBinsStyle())
    marks, numbers = picture.detail
    assert isinstance(marks, PointMarks)
    assert marks.xyz[:, :2].tolist() == [[1, 2], [30, 40]]
    assert isinstance(numbers, LabelMarks)
    assert numbers.text_en.tolist() == ["1", "2"]
    assert picture.picked(1) == ("new_bin", "2")


def test_without_a_siting_nothing_is_drawn():
    assert NewBinsLayer().encode(Scene(town()), NewBinsStyle()).detail == ()
