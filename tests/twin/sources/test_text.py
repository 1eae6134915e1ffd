from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.errors import DataError
from twin.sources.text import detect, read_text

CHINESE = "编号,名称,垃圾种类,经度,纬度\n1,人民路垃圾桶,厨余垃圾,114.05,22.55\n2,建设路果皮箱,其他垃圾,114.06,22.54\n"
FINNISH = "piste;nimi;x\nA01;LÄNSIVÄYLÄ;1\nA02;HÄMEENTIEN SILTA;2\nA03;TÖÖLÖNKATU;3\n"


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "gb18030", "gb18030"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE, "utf-16", "utf-16"),
        (FINNISH, "iso-8859-1", "iso-8859-1"),
        (FINNISH + "A04;5 € tie;4\n", "cp1252", "cp1252"),
        ("plain,ascii\n", "ascii", "utf-8"),
    ],
)
def test_code_page_is_found_and_the_text_is_right(written, text, encoding, found):
    path = written("file.csv", text.encode(encoding))
    assert detect(path.read_bytes(), "file.csv") == found
    assert read_text(path)[0] == text


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r"])
def test_an_uncertain_code_page_is_refused_with_advice(written, encoding):
    text = "номер,название\n" + "".join(f"{i},Москва улица Ленина дом {i}\n" for i in range(30))
    with pytest.raises(DataError, match="code page is uncertain") as caught:
        read_text(written("file.csv", text, encoding))
    assert "--encoding" in caught.value.advice
    assert read_text(written("file.csv", text, encoding), encoding)[0] == text


def test_a_wrong_code_page_that_was_named_is_refused(written):
    path = written("file.csv", FINNISH, "iso-8859-1")
    with pytest.raises(DataError, match="not text in the code page utf-8 at byte 18"):
        read_text(path, "utf-8")
    with pytest.raises(DataError, match="no code page 'klingon'"):
        read_text(path, "klingon")


@given(st.binary(max_size=300))
def test_any_bytes_have_a_code_page_or_a_named_error(data):
    try:
        detect(data, "file.csv")
    except DataError as error:
        assert error.advice  # noqa: PT017  either outcome is right
