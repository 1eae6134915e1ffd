"""Random numbers that belong to a thing, not to an order: the same (seed, bin, day) draws the same everywhere.

So every policy and every scenario sees the same waste, also where bins were removed or moved: the
difference of two runs is the effect of the edit and nothing else (common random numbers).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray

Words = NDArray[np.uint64]


def words_of(ids: NDArray[Any]) -> Words:
    """Return a 64-bit word for each key ``(n,)``."""
    digests = b"".join(hashlib.blake2b(key.encode(), digest_size=8).digest() for key in ids.tolist())
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def mixed(words: Words | np.uint64) -> Words:
    """Return well-mixed words.

    Steele, G. L., Lea, D., Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA,
    453-472. https://doi.org/10.1145/2660193.2660195 (the finaliser of SplitMix64).
    """
    with np.errstate(over="ignore"):
        z = np.asarray(words, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)))


def key_of(*numbers: int) -> np.uint64:
    """Return one word for a few numbers: a seed, a replication, a day, a purpose."""
    word = np.uint64(0)
    for number in numbers:
        word = np.uint64(mixed(np.uint64(int(word) ^ (number & 0xFFFFFFFFFFFFFFFF))))
    return word


def uniform(words: Words | np.uint64, key: np.uint64) -> FloatArray:
    """Return a number strictly between 0 and 1 for each word under a key."""
    return np.asarray(((mixed(words ^ key) >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52)
