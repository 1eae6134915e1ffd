"""Personal data in free text: telephones, identity cards, plates, e-mail, bank cards, names and house numbers.

The description of a case is where leaks happen. What looks like personal data counts as such: hiding too much is the
lesser mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from twin.model.entity import Personal

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖"
    "贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申"
)
_COMPOUND_SURNAMES = "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|端木"
_WHO = "联系人|投诉人|举报人|当事人|来电人|报案人|申请人|反映人|业主|居民|市民|住户|户主|店主|司机|车主|姓名"
_TITLES = "先生|女士|小姐|师傅|同志|老师|大爷|大妈|阿姨"
_FULL_WIDTH = {sign + 0xFEE0: sign for sign in range(0x21, 0x7F)}

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Finding:
    """A piece of text that is personal data, from ``start`` up to ``end``."""

    personal: Personal
    start: int
    end: int


def is_id_number(text: str) -> bool:
    """Whether a text is an identity card number: 18 signs, a birthday and the check sign of GB 11643-1999 (ISO 7064 MOD 11-2)."""
    return _looks_like_id(text) and text[17].upper() == id_check(text)


def id_check(text: str) -> str:
    """Return the check sign of the first 17 digits."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(text, _ID_WEIGHTS, strict=False)) % 11]


def _looks_like_id(text: str) -> bool:
    """Whether there is a birthday where an identity card has one: a number with one wrong digit is a person's, too."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", text):
        return False
    try:
        return 1850 <= date(int(text[6:10]), int(text[10:12]), int(text[12:14])).year <= 2100
    except ValueError:
        return False


def _is_card(text: str) -> bool:
    """Whether a number is a bank card's by its last digit (ISO/IEC 7812-1, annex B)."""
    digits = [int(sign) for sign in text if sign.isdigit()]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return 16 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _any(_text: str) -> bool:
    return True


_Pattern = tuple[Personal, re.Pattern[str], Callable[[str], bool]]

_PATTERNS: tuple[_Pattern, ...] = (
    ("email", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), _any),
    ("id_number", re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])"), _looks_like_id),
    ("id_number", re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])"), is_id_number),
    ("bank_card", re.compile(r"(?<![0-9])[3-6][0-9]{3}(?:[ -]?[0-9]{4}){3}(?:[ -]?[0-9]{1,3})?(?![0-9])"), _is_card),
    ("phone", re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])"), _any),
    ("phone", re.compile(r"(?<![0-9])(?:\+?86[ -]?)?1[ .-]?[3-9](?:[ .-]?[0-9]){9}(?![0-9])"), _any),
    ("phone", re.compile(r"(?<![0-9])0[0-9]{2,3}[) -]{0,2}[1-9][0-9]{6,7}(?![0-9])"), _any),
    ("phone", re.compile(r"\+[1-9][0-9]{0,2}(?:[ -]?[0-9]{2,4}){2,5}(?![0-9])"), _any),
    ("phone", re.compile(r"[一幺][三四五六七八九][〇零一幺二两三四五六七八九]{9}"), _any),
    ("plate", re.compile(rf"[{_PROVINCES}][A-Za-z][·•\. -]?[A-HJ-NP-Za-hj-np-z0-9]{{6}}(?![A-Za-z0-9])"), _any),
    ("plate", re.compile(rf"[{_PROVINCES}][A-Za-z][·•\. -]?[A-HJ-NP-Za-hj-np-z0-9]{{4}}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳]"), _any),
    ("name", re.compile(rf"(?:{_WHO})(?:姓名|名叫)?[为是叫::\s]{{0,3}}(?P<it>(?:{_COMPOUND_SURNAMES}|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}})"), _any),
    ("name", re.compile(rf"(?P<it>(?:{_COMPOUND_SURNAMES}|[{_SURNAMES}])[\u4e00-\u9fff]{{1,2}})(?={_TITLES})"), _any),
    ("name", re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+(?P<it>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)"), _any),
    ("name", re.compile(r"\b(?i:name|complainant|caller|contact|resident|driver)(?:\s+is|\s*[::])\s*(?P<it>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+)*)"), _any),
    ("address", re.compile(r"(?<=[路街道巷弄里村苑园])(?P<it>[0-9]+号?(?:院|楼|栋|幢|座|单元|层|室|房|户|[0-9A-Za-z-])*(?:院|楼|栋|幢|座|单元|层|室|房|户|号))"), _any),
    ("address", re.compile(r"(?P<it>[0-9A-Za-z]+(?:栋|幢|座|号楼|单元)[0-9A-Za-z栋幢座楼单元层室房号-]*)"), _any),
)  # fmt: skip


def findings(text: str) -> Iterator[Finding]:
    """Yield what in a text is personal data, in order and without overlap; of two that overlap the longer one."""
    plain = text.translate(_FULL_WIDTH)
    found = [
        Finding(personal, *match.span("it" if "it" in pattern.groupindex else 0))
        for personal, pattern, is_one in _PATTERNS
        for match in pattern.finditer(plain)
        if is_one(match.group())
    ]
    end = 0
    for item in _without_overlap(found):
        if item.start >= end:
            yield item
            end = item.end


def _without_overlap(found: list[Finding]) -> list[Finding]:
    kept: list[Finding] = []
    for item in sorted(found, key=lambda item: (item.start - item.end, item.start)):
        if all(item.end <= other.start or item.start >= other.end for other in kept):
            kept.append(item)
    return sorted(kept, key=lambda item: item.start)
