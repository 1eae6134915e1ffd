"""Masks: how personal data is shown to those who may know that it is there, and not what it is.

No national pattern exists; these are the usual ones, of two the stricter. Where rows about one person must be joined, a
``Tokeniser`` adds a token: equal values have equal tokens, and only who has the department's key can make them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping

from twin.access.detection import findings
from twin.model.entity import Personal

Tokeniser = Callable[[Personal, str], str]

IDENTIFYING: frozenset[Personal] = frozenset({"name", "phone", "id_number", "plate", "email", "bank_card"})
"""Kinds of personal data that say who somebody is; withheld they are not there, while places and texts lose their details."""

_STREET = re.compile(r"^.*?(?:大道|大街|街道|路|街|巷|弄|胡同)")
_LATIN_NUMBER = re.compile(r"\b[0-9]+\w*\b[,\s]*")
_LETTERS = re.compile(r"[A-Za-zÀ-ɏ]")


def tokeniser(key: bytes) -> Tokeniser:
    """Return what makes tokens with a department's key: 60 bits of HMAC-SHA-256 (RFC 2104) over the kind and the plain value."""

    def token(personal: Personal, value: str) -> str:
        digest = hmac.new(key, f"{personal}\0{_normal(personal, value)}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest)[:12].decode().lower()

    return token


def masked(personal: Personal, value: str, *, known: Iterable[str] = (), token: Tokeniser | None = None) -> str:
    """Return a value as those see it who may not know it.

    ``known`` are values that must not stand in a free text either: the name of the complainant in the same row.
    """
    if not value or not personal:
        return value
    if personal == "text":
        return masked_text(value, known)
    hidden = _MASKS[personal](value)
    return f"{hidden} #{token(personal, value)}" if token and personal in IDENTIFYING else hidden


def withheld(personal: Personal, value: str, *, known: Iterable[str] = ()) -> str:
    """Return what is left of a value for those who may not even know that it is there."""
    return "" if personal in IDENTIFYING else masked(personal, value, known=known)


def masked_text(text: str, known: Iterable[str] = ()) -> str:
    """Return a free text with everything personal in it masked."""
    for value in sorted({item for item in known if len(item) > 1}, key=len, reverse=True):
        text = text.replace(value, "*" * len(value))
    parts, end = [], 0
    for found in findings(text):
        value = text[found.start : found.end]
        parts += [text[end : found.start], "***" if found.personal == "address" else _MASKS[found.personal](value)]
        end = found.end
    return "".join([*parts, text[end:]])


def _phone(value: str) -> str:
    digits = _digits(value)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) == 11 else "*" * max(len(value), 4)


def _digits(value: str) -> str:
    """Return the digits of a value, also full-width ones, as plain ones."""
    return "".join(str(int(sign)) for sign in value if sign.isdecimal())


def _name(value: str) -> str:
    if _LETTERS.search(value):
        return " ".join(f"{part[0]}***" for part in value.split())
    if len(value) <= 2:
        return value[:1] + "*"
    return value[0] + "*" * (len(value) - 2) + value[-1] if len(value) == 3 else value[0] + "*" * (len(value) - 1)


def _plate(value: str) -> str:
    return f"{value[:2]}·****{value[-1]}" if len(value) >= 7 else "****"


def _email(value: str) -> str:
    user, at, domain = value.partition("@")
    return f"{user[:1]}***@{domain}" if at else "***"


def _bank_card(value: str) -> str:
    digits = _digits(value)
    return f"****{digits[-4:]}" if len(digits) >= 12 else "****"


def _address(value: str) -> str:
    street = _STREET.match(value)
    if street is not None:
        return masked_text(street.group())
    if _LETTERS.search(value):
        return _LATIN_NUMBER.sub("", value).strip(" ,")
    return "***"


def _all(value: str) -> str:
    return "*" * len(value)


_MASKS: Mapping[Personal, Callable[[str], str]] = {
    "name": _name,
    "phone": _phone,
    "id_number": _all,
    "plate": _plate,
    "email": _email,
    "bank_card": _bank_card,
    "address": _address,
    "text": masked_text,
}


def _normal(personal: Personal, value: str) -> str:
    """Return a value in the one way of writing in which equal ones are equal."""
    plain = "".join(value.split()).casefold()
    return "".join(sign for sign in plain if sign.isalnum())[-11:] if personal == "phone" else plain
