"""The audit log: any one flipped byte is found, by number and place; so are rows left out, put in and cut off."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from twin.access.audit import GENESIS, AuditEntry, Head, chained, entry_after, examined, head_of

KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)


def verify(data, signature):
    try:
        KEY.public_key().verify(signature, data)
    except InvalidSignature:
        return False
    return True


def chain(count):
    entries, previous = [], GENESIS
    for number in range(1, count + 1):
        told = {"at": f"2026-03-02T08:00:{number:02d}Z", "who": "王", "what": "look", "about": f"case-{number}"}
        entries.append(entry_after(number, previous, told))
        previous = entries[-1].hash
    return entries


LOG = chain(12)
HEADS = [head_of(LOG[n - 1], "2026-03-02T09:00:00Z", KEY.sign) for n in (4, 8, 12)]


def test_a_whole_log_has_no_fault():
    found = examined(LOG, HEADS, verify)
    assert (found.entries, found.heads, found.faults, found.newest) == (12, 3, (), LOG[-1].hash)
    assert examined([], [], verify).faults == ()
    assert LOG[0].told["about"] == "case-1"


@given(st.integers(0, 11), st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=20)
def test_one_flipped_byte_of_an_entry_is_found_and_what_stood_there(at, place, flip):
    entry = LOG[at]
    place %= len(entry.record)
    record = bytearray(entry.record)
    record[place] ^= flip
    found = examined([*LOG[:at], replace(entry, record=bytes(record)), *LOG[at + 1 :]], HEADS, verify)
    (fault,) = found.faults
    assert (fault.number, fault.byte, fault.was) == (entry.number, place, chr(entry.record[place]))
    assert "entry" in fault.what


@given(st.integers(0, 11), st.integers(0, 63), st.sampled_from("0123456789abcdefXé"))
@settings(max_examples=20)
def test_one_flipped_sign_of_a_hash_is_found(at, place, sign):
    entry = LOG[at]
    if entry.hash[place] == sign:
        return
    changed = replace(entry, hash=entry.hash[:place] + sign + entry.hash[place + 1 :])
    (fault,) = examined([*LOG[:at], changed, *LOG[at + 1 :]], HEADS, verify).faults
    assert (fault.number, fault.byte, fault.was) == (entry.number, place, entry.hash[place])
    assert "hash" in fault.what


def test_an_entry_that_was_rewritten_is_found():
    forged = replace(LOG[5], record=LOG[5].record.replace(b"look", b"gone"))
    (fault,) = examined([*LOG[:5], forged, *LOG[6:]], HEADS, verify).faults
    assert (fault.number, fault.byte) == (6, -1)


@pytest.mark.parametrize("gone", [1, 5, 8])
def test_an_entry_that_was_left_out_is_found(gone):
    found = examined([entry for entry in LOG if entry.number != gone], HEADS, verify)
    assert found.faults[0].number == gone
    assert "missing" in found.faults[0].what


def test_a_log_cut_short_is_found_by_its_heads():
    found = examined(LOG[:6], HEADS, verify)
    assert {fault.number for fault in found.faults} == {8, 12}


def test_a_chain_made_anew_without_the_key_is_found_by_its_heads():
    forged, previous = [], GENESIS
    for entry in LOG:
        record = entry.record.replace(b"look", b"walk")
        forged.append(AuditEntry(entry.number, record, chained(previous, record)))
        previous = forged[-1].hash
    faults = examined(forged, HEADS, verify).faults
    assert {fault.number for fault in faults} == {4, 8, 12}
    other = Ed25519PrivateKey.generate()
    resigned = [head_of(forged[n - 1], "2026-03-02T09:00:00Z", other.sign) for n in (4, 8, 12)]
    assert {fault.what for fault in examined(forged, resigned, verify).faults} == {
        "the signature of the head is not the centre's"
    }


def test_a_head_says_when():
    later = replace(HEADS[0], at="2027-01-01T00:00:00Z")
    assert examined(LOG, [later, *HEADS[1:]], verify).faults[0].number == 4
    assert examined(LOG, [Head(4, LOG[3].hash, "", "no hexadecimal digits")], verify).faults
