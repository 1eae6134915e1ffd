"""Masks and what is found in free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.access.detection import findings, id_check, is_id_number
from twin.access.mask import masked, masked_text, tokeniser, withheld


@pytest.mark.parametrize(
    ("personal", "value", "expected"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "+86 138-1234-5678", "138****5678"),
        ("phone", "84001234", "********"),
        ("phone", "1", "****"),
        ("name", "张三", "张*"),
        ("name", "张大三", "张*三"),
        ("name", "欧阳锦程", "欧***"),
        ("name", "张", "张*"),
        ("name", "John Smith", "J*** S***"),
        ("id_number", "11010519491231002X", "*" * 18),
        ("plate", "粤B12345", "粤B·****5"),
        ("plate", "粤B·D12345", "粤B·****5"),
        ("plate", "粤B", "****"),
        ("email", "zhang.san@example.com", "z***@example.com"),
        ("email", "zhang.san", "***"),
        ("bank_card", "6222 0212 3456 7894", "****7894"),
        ("address", "南山区科技南路12号3栋502", "南山区科技南路"),
        ("address", "12 Main Street, 3b", "Main Street"),
        ("address", "第三村第五组", "***"),
    ],
)
def test_masks(personal, value, expected):
    assert masked(personal, value) == expected
    assert masked(personal, "") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话13812345678。", "电话138****5678。"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
        ("+86 13812345678", "138****5678"),
        ("１３８１２３４５６７８", "138****5678"),
        ("幺三八一二三四五六七八", "***********"),
        ("0755-26543210", "*************"[:13]),
        ("call +44 20 7946 0958 now", "call **************** now"),
        ("身份证11010519491231002X", "身份证" + "*" * 18),
        ("11010519491231002x", "*" * 18),
        ("110105194912310021", "*" * 18),  # one wrong digit is still somebody's
        ("粤B12345", "粤B·****5"),
        ("粤B·D12345", "粤B·****5"),
        ("粤BD12345停放", "粤B·****5停放"),
        ("粤B1234警", "粤B·****警"),
        ("港车粤Z·1234港", "港车粤Z·****港"),
        ("a.b@x.com", "a***@x.com"),
        ("卡6222021234567894", "卡****7894"),
        ("市民张大三反映", "市民张*三反映"),
        ("联系人:欧阳锦程,", "联系人:欧***,"),
        ("李明女士来电", "李*女士来电"),
        ("张女士来电", "张女士来电"),
        ("Mr John Smith called", "Mr J*** S*** called"),
        ("contact: Mary O'Neil, yes", "contact: M*** O***, yes"),
        ("中山路12号3单元502室门口", "中山路***门口"),
        ("住9号楼307", "住***"),
    ],
)
def test_free_text(text, expected):
    assert masked_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "路灯不亮,共12盏,已报3次",
        "案件3201022026030200012已结案",  # 19 digits that are no card
        "2026-03-02 08:30 垃圾满溢 85%",
        "bin B-17 at 24.941, 60.171 is 90 % full since 14:05",
        "G2京沪高速K1123+400",
        "订单20260302123456",
    ],
)
def test_what_is_nobodys_stays(text):
    assert masked_text(text) == text


def test_the_check_sign_of_identity_cards():
    """GB 11643-1999, annex: 11010519491231002X and 440524188001010014."""
    assert is_id_number("11010519491231002X")
    assert is_id_number("440524188001010014")
    assert not is_id_number("110105194912310021")
    assert not is_id_number("11010519491331002X")
    assert not is_id_number("1101051949123100")


digits = st.text("0123456789", min_size=8, max_size=8)
glue = st.text("垃圾满溢在路口,。 请处理", max_size=12)


@given(glue, st.sampled_from(["13", "15", "18", "19"]), st.text("0123456789", min_size=9, max_size=9), glue)
def test_no_mobile_number_survives_in_any_text(before, start, rest, after):
    assert start + rest not in masked_text(f"{before}{start}{rest}{after}")


@given(glue, st.sampled_from(["110105", "440305", "320102"]), st.dates(), st.text("0123456789", min_size=3, max_size=3), glue)
def test_no_identity_card_survives_in_any_text(before, place, born, order, after):
    if not 1850 <= born.year <= 2100:
        return
    number = f"{place}{born:%Y%m%d}{order}"
    number += id_check(number)
    assert is_id_number(number)
    assert number[6:] not in masked_text(f"{before}{number}{after}")


@given(glue, st.sampled_from("京沪粤苏"), st.sampled_from("ABCD"), st.text("ABCDEFGH0123456789", min_size=5, max_size=6), glue)
def test_no_plate_survives_in_any_text(before, province, letter, rest, after):
    assert rest not in masked_text(f"{before}{province}{letter}{rest}{after}")


@given(st.text())
def test_findings_lie_apart_and_inside(text):
    end = 0
    for item in findings(text):
        assert end <= item.start < item.end <= len(text)
        end = item.end


def test_what_the_row_knows_does_not_stand_in_its_text():
    assert masked_text("钱多多说井盖坏了", ["钱多多"]) == "***说井盖坏了"
    assert masked("text", "钱多多说", known=["钱多多", ""]) == "***说"


def test_withheld_values_are_not_there_and_texts_lose_their_details():
    assert withheld("phone", "13812345678") == ""
    assert withheld("name", "张三") == ""
    assert withheld("text", "张三说,电话13812345678", known=["张三"]) == "**说,电话138****5678"
    assert withheld("address", "中山路12号") == "中山路"


def test_tokens_join_what_is_equal_within_a_department_only():
    one, other = tokeniser(b"k" * 32), tokeniser(b"j" * 32)
    assert one("phone", "138 1234 5678") == one("phone", "+8613812345678") != one("phone", "13812345679")
    assert one("phone", "13812345678") != other("phone", "13812345678")
    assert one("phone", "13812345678") != one("name", "13812345678")
    assert masked("phone", "13812345678", token=one) == f"138****5678 #{one('phone', '13812345678')}"
    assert len(one("name", "张三")) == 12
