"""Code tables are whole and bilingual."""

from twin.codes import case_classes, case_standards


def test_every_class_has_both_names_and_a_mark():
    classes = case_classes()
    assert len(classes) == 136
    for code, item in classes.items():
        assert code[0] in "CE"
        assert code[1:3] == item.major
        assert item.zh
        assert item.en.isascii()
        assert item.confidence in {"A", "B", "C"}


def test_bins_and_cameras_are_the_components_that_they_are():
    assert case_classes()["C0305"].zh == "垃圾箱"
    assert case_classes()["C0136"].zh == "监控电子眼"


def test_standards_are_of_known_classes_and_clocks():
    for code, standard in case_standards().items():
        assert code in case_classes()
        assert standard.limit_value > 0
        assert standard.limit_kind in {"urgent_hour", "work_hour", "work_day", "natural_day"}
        assert standard.department_en.isascii()
