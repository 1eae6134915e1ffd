"""Passwords: kept as scrypt hashes (RFC 7914), never as they are.

Parameters N = 2^17, r = 8, p = 1 (128 MiB and some tenths of a second for each guess) are the first of OWASP's for scrypt;
they are written beside each hash, so that later ones do not lock anybody out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from twin.errors import AccessError

SHORTEST, LONGEST = 12, 256
_DIFFERENT = 5
_KEY_BYTES = 32
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear a guess is: 128 · 2^``log_n`` · ``r`` bytes of memory, ``p`` times."""

    log_n: int = 17
    r: int = 8
    p: int = 1


COST = Cost()


def hashed(password: str, salt: bytes, cost: Cost = COST) -> str:
    """Return what is kept of a password: the parameters, the salt (16 random bytes, given) and the hash."""
    if len(salt) != _SALT_BYTES:
        raise ValueError("a salt has 16 bytes")
    return f"scrypt${cost.log_n}${cost.r}${cost.p}${_text(salt)}${_text(_derived(password, salt, cost))}"


def is_right(password: str, kept: str) -> bool:
    """Whether a password is the one of which this was kept; takes equally long whatever is wrong with it."""
    _, log_n, r, p, salt, key = kept.split("$")
    found = _derived(password, base64.b64decode(salt), Cost(int(log_n), int(r), int(p)))
    return hmac.compare_digest(found, base64.b64decode(key))


def is_dated(kept: str, cost: Cost = COST) -> bool:
    """Whether a hash was made with other parameters than today's, and is made anew at the next sign-in."""
    return not kept.startswith(f"scrypt${cost.log_n}${cost.r}${cost.p}$")


def require_good(password: str, account: str) -> None:
    """Raise ``AccessError`` for a password that is too short, too plain or the account's own name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccessError(
            f"The password has {len(password)} signs; it needs {SHORTEST} to {LONGEST}.",
            "Take some words that only you put together.",
        )
    if len(set(password)) < _DIFFERENT:
        raise AccessError(
            f"The password has fewer than {_DIFFERENT} different signs.", "Take some words that only you put together."
        )
    if account and account.casefold() in password.casefold():
        raise AccessError("The password contains the name of the account.", "Leave the name out of it.")


def _derived(password: str, salt: bytes, cost: Cost) -> bytes:
    n = 1 << cost.log_n
    memory = 128 * n * cost.r + 128 * cost.r * cost.p + (1 << 20)
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=cost.r, p=cost.p, maxmem=memory, dklen=_KEY_BYTES)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
