"""Mutation: one action of one person as it travels, numbered within its device, chained by hashes, signed.

A mutation is never changed after it was made; what its author had seen is part of it (``Op.base``). So it may be
sent any number of times, by any carrier, in any order: the centre takes each once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from twin.sync import wire

GENESIS = ""
"""Hash before the first mutation of a device, and before the first commit of the centre."""

Key = tuple[str, str]
"""Kind and id: what a row is found by."""

Fields = Mapping[str, Any]
"""Values of fields by name, each as JSON has it (``twin.model.codec``)."""

Sign = Callable[[bytes], bytes]
"""Returns the signature of some bytes with a device's private key."""

Verify = Callable[[str, bytes, bytes], bool]
"""Returns whether a signature of some bytes is that of a device: ``verify(device, data, signature)``."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(data: Any) -> bytes:
    """Return the one way in which JSON data is written where its bytes are hashed."""
    return _ENCODER.encode(data).encode()


def digest(previous: str, data: bytes) -> str:
    """Return the next hash of a chain: SHA-256 over the previous one and these bytes, in hexadecimal digits."""
    return hashlib.sha256(bytes.fromhex(previous) + data).hexdigest()


@dataclass(frozen=True)
class Op:
    """What a mutation does to one row.

    ``alive`` True adds the row (``fields`` are then all of it), False removes it, None sets some fields. ``base`` is
    the newest commit that the author had seen of these fields: the centre accepts what nobody else changed since.
    ``was`` are the values that the author saw, for people who decide a conflict.
    """

    kind: str
    id: str
    fields: Fields = field(default_factory=dict)
    alive: bool | None = None
    base: int = 0
    was: Fields = field(default_factory=dict)

    @property
    def key(self) -> Key:
        """Kind and id."""
        return self.kind, self.id


@dataclass(frozen=True)
class Mutation:
    """One action: the ops that happen together, who did it, when, and what came before it on this device.

    ``number`` counts from 1 within ``device``; ``previous`` is the hash of the mutation before. ``epoch`` is the
    centre's life in which ``Op.base`` counts. ``at`` is a hybrid logical clock, for display alone. ``resolves`` names
    conflicts that this action decides. ``origin`` is the hash of the mutation that this one repeats under a new
    device id, after the device or the centre was restored from a backup: the centre takes only one of the two.
    """

    device: str
    number: int
    previous: str
    ops: tuple[Op, ...]
    user: str
    at: int
    epoch: str
    schema_version: int
    title: str = ""
    resolves: tuple[str, ...] = ()
    origin: str = ""
    signature: str = ""

    @cached_property
    def body(self) -> bytes:
        """The bytes that are hashed and signed: everything but the previous hash and the signature."""
        data = wire.write(self)
        data.pop("previous", None)
        data.pop("signature", None)
        return canonical(data)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the previous hash and the body, in hexadecimal digits."""
        return digest(self.previous, self.body)

    @property
    def identity(self) -> str:
        """What says that two mutations are one action: the hash under which it was made first."""
        return self.origin or self.hash

    def signed(self, sign: Sign) -> Mutation:
        """Return the mutation with its signature."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        made = Mutation(**{**values, "signature": sign(bytes.fromhex(self.hash)).hex()})
        made.__dict__.update(body=self.body, hash=self.hash)  # the signature is in neither: they need not be made again
        return made

    def is_signed(self, verify: Verify) -> bool:
        """Whether the signature is that of the device."""
        return verify(self.device, bytes.fromhex(self.hash), bytes.fromhex(self.signature))


def unsigned(data: bytes) -> bytes:  # noqa: ARG001  a Sign like any other
    """Sign nothing: for a device that has no key, with a centre that asks for none."""
    return b""


def unverified(device: str, data: bytes, signature: bytes) -> bool:  # noqa: ARG001  a Verify like any other
    """Take any signature: for a centre that asks for none."""
    return True
