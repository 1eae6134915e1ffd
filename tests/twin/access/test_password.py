"""Passwords and one-time codes, against the vectors of their standards."""

from __future__ import annotations

import hashlib

import pytest

from twin.access import one_time_code, password
from twin.access.password import COST, Cost, hashed, is_dated, is_right, require_good
from twin.errors import AccessError

QUICK = Cost(4, 8, 1)
SALT = b"0123456789abcdef"


def test_the_hash_is_that_of_rfc_7914():
    """RFC 7914, section 12: scrypt("password", "NaCl", N=1024, r=8, p=16)."""
    expected = "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
    found = hashlib.scrypt(b"password", salt=b"NaCl", n=1024, r=8, p=16, dklen=64, maxmem=1 << 26)
    assert found.hex() == expected
    assert password._derived("password", b"NaCl", Cost(10, 8, 16)).hex() == expected[:64]


def test_the_right_password_and_no_other():
    kept = hashed("correct horse battery", SALT, QUICK)
    assert is_right("correct horse battery", kept)
    assert not is_right("correct horse batterY", kept)
    assert "horse" not in kept
    assert hashed("correct horse battery", b"f" * 16, QUICK) != kept
    with pytest.raises(ValueError, match="16 bytes"):
        hashed("x", b"short", QUICK)


def test_the_cost_is_the_stated_one_and_older_hashes_are_made_anew():
    assert (COST.log_n, COST.r, COST.p) == (17, 8, 1)
    assert is_dated(hashed("correct horse battery", SALT, QUICK))
    kept = hashed("correct horse battery", SALT)
    assert not is_dated(kept)
    assert is_right("correct horse battery", kept)


@pytest.mark.parametrize("wrong", ["", "short", "aaaaaaaaaaaabb", "my name is WANG today", "x" * 257])
def test_poor_passwords_are_refused(wrong):
    with pytest.raises(AccessError):
        require_good(wrong, "wang")


def test_good_passwords_are_not():
    require_good("四个不相干的词语连成一句话吧", "wang")
    require_good("correct horse battery", "wang")


@pytest.mark.parametrize(
    ("at_s", "expected"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(at_s, expected):
    """RFC 6238, appendix B, SHA-1."""
    assert one_time_code.code(b"12345678901234567890", one_time_code.counter_at(at_s), 8) == expected


@pytest.mark.parametrize(("counter", "expected"), list(enumerate(["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"])))  # fmt: skip
def test_codes_are_those_of_rfc_4226(counter, expected):
    """RFC 4226, appendix D."""
    assert one_time_code.code(b"12345678901234567890", counter) == expected


def test_a_code_counts_once_and_for_a_minute_and_a_half():
    secret = b"12345678901234567890"
    step = one_time_code.counter_at(1_000_000)
    given = one_time_code.code(secret, step)
    assert one_time_code.accepted(secret, given, 1_000_000) == step
    assert one_time_code.accepted(secret, f" {given[:3]} {given[3:]} ", 1_000_000 + 30) == step
    assert one_time_code.accepted(secret, given, 1_000_000 - 30) == step
    assert one_time_code.accepted(secret, given, 1_000_000 + 60) is None
    assert one_time_code.accepted(secret, given, 1_000_000, last=step) is None
    assert one_time_code.accepted(secret, "", 1_000_000) is None
    assert one_time_code.accepted(secret, "一二三四五六", 1_000_000) is None


def test_the_address_for_authenticators():
    assert one_time_code.address(b"12345678901234567890", "王", "City Twin") == (
        "otpauth://totp/City%20Twin:%E7%8E%8B?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=City%20Twin&algorithm=SHA1&digits=6&period=30"
    )
