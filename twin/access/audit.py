"""The audit log: a chain of SHA-256 hashes with signed heads, in which one flipped byte is found.

An entry's hash is over the hash before it and the entry's bytes, so nothing before a signed head can be changed, left out
or put in without the key that signed it; heads that were carried elsewhere (in packages) also show a log cut short.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64
HEAD_EVERY = 64
_PURPOSE = b"citytwin audit head\n"

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]
"""Returns whether a signature (second) of some bytes (first) is the centre's."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry as it is kept: ``record`` is JSON, ``hash`` the hash of the chain up to it."""

    number: int
    record: bytes
    hash: str

    @property
    def told(self) -> Mapping[str, Any]:
        """What the entry says."""
        found: Mapping[str, Any] = json.loads(self.record)
        return found


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain at one moment, signed."""

    number: int
    hash: str
    at: str
    signature: str

    @property
    def signed(self) -> bytes:
        """The bytes that are signed."""
        return _PURPOSE + json.dumps([self.number, self.hash, self.at]).encode()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: the entry's number, the byte in its record or hash (-1: not one byte), what was there."""

    number: int
    what: str
    byte: int = -1
    was: str = ""


@dataclass(frozen=True)
class Examination:
    """What came of looking through a log."""

    entries: int
    heads: int
    faults: tuple[Fault, ...]
    newest: str


def entry_after(number: int, previous: str, told: Mapping[str, Any]) -> AuditEntry:
    """Return the next entry. ``told`` says when, who, what and about what; nothing of it may be personal data."""
    record = json.dumps({"number": number, **told}, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return AuditEntry(number, record, chained(previous, record))


def chained(previous: str, record: bytes) -> str:
    """Return the hash of the chain after a record."""
    return hashlib.sha256(previous.encode() + record).hexdigest()


def head_of(entry: AuditEntry, at: str, sign: Sign) -> Head:
    """Return the signed head of a chain that ends with an entry."""
    plain = Head(entry.number, entry.hash, at, "")
    return Head(entry.number, entry.hash, at, sign(plain.signed).hex())


def examined(entries: Iterable[AuditEntry], heads: Iterable[Head], verify: Verify) -> Examination:
    """Look through a whole log, oldest first, and name every place where it is not what was written."""
    wanted = {head.number: head for head in heads}
    forged = [head.number for head in wanted.values() if not _is_signed(head, verify)]
    faults = [Fault(number, "the signature of the head is not the centre's") for number in forged]
    previous, number, checked = GENESIS, 0, 0
    followed = list(_with_next(entries))
    for entry, after in followed:
        if entry.number != number + 1:
            faults.append(Fault(number + 1, f"entries are missing before number {entry.number}"))
        found = _fault(previous, entry, after)
        good = entry.hash
        if found is not None:
            faults.append(found[0])
            good = found[1]
        head = wanted.get(entry.number)
        if head is not None:
            checked += 1
            if head.hash != good:
                faults.append(Fault(entry.number, "the chain up to here is not the one that was signed"))
        previous, number = good, entry.number
    faults += [Fault(head.number, "the log ends before this signed head") for head in wanted.values() if head.number > number]
    return Examination(len(followed), checked, tuple(sorted(faults, key=lambda fault: fault.number)), previous)


def _fault(previous: str, entry: AuditEntry, after: AuditEntry | None) -> tuple[Fault, str] | None:
    """Return what is wrong with an entry and the hash with which the chain goes on; None when nothing is."""
    computed = chained(previous, entry.record)
    if computed == entry.hash:
        return None
    place = _one_byte(previous, entry)
    if place is not None:
        byte, was = place
        return Fault(entry.number, "one byte of the entry was changed", byte, was), entry.hash
    if after is None or chained(computed, after.record) == after.hash:
        differing = [i for i, (one, other) in enumerate(zip(entry.hash, computed, strict=False)) if one != other]
        if len(differing) == 1 and len(entry.hash) == len(computed):
            return Fault(entry.number, "one byte of the hash was changed", differing[0], computed[differing[0]]), computed
        if after is not None:
            return Fault(entry.number, "the hash was changed"), computed
    return Fault(entry.number, "the entry was changed in several places, or another stood before it"), entry.hash


def _one_byte(previous: str, entry: AuditEntry) -> tuple[int, str] | None:
    """Return the byte of a record that was changed, and what was there: the one change with which the hash is right again."""
    head = hashlib.sha256(previous.encode())
    for place, found in enumerate(entry.record):
        rest = entry.record[place + 1 :]
        for value in range(256):
            attempt = head.copy()
            attempt.update(bytes((value,)) + rest)
            if value != found and attempt.hexdigest() == entry.hash:
                return place, chr(value)
        head.update(entry.record[place : place + 1])
    return None


def _is_signed(head: Head, verify: Verify) -> bool:
    try:
        return verify(head.signed, bytes.fromhex(head.signature))
    except ValueError:
        return False


def _with_next(entries: Iterable[AuditEntry]) -> Iterator[tuple[AuditEntry, AuditEntry | None]]:
    before: AuditEntry | None = None
    for entry in entries:
        if before is not None:
            yield before, entry
        before = entry
    if before is not None:
        yield before, None
