"""Keys that are unique without asking anybody: UUID version 7 (RFC 9562, section 5.7)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random


@dataclass
class IdFactory:
    """Makes UUIDv7 keys from a clock and a source of randomness that are given, never read.

    ``now_ms`` returns milliseconds since 1970 UTC. Keys of one factory are strictly increasing,
    so rows written later sort later. The same clock and seed give the same keys.
    """

    now_ms: Callable[[], int]
    random: Random
    _last_ms: int = field(default=-1, init=False)
    _count: int = field(default=0, init=False)

    def __call__(self) -> str:
        """Return the next key in its canonical text form (36 characters)."""
        now_ms = max(self.now_ms(), self._last_ms)
        self._count = self._count + 1 if now_ms == self._last_ms else 0
        if self._count >= 1 << 12:  # rand_a is 12 bits: borrow the next millisecond
            now_ms, self._count = now_ms + 1, 0
        self._last_ms = now_ms
        value = (now_ms << 80) | (0x7 << 76) | (self._count << 64) | (0b10 << 62) | self.random.getrandbits(62)
        return str(uuid.UUID(int=value))
