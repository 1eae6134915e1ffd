"""The second factor: time-based one-time codes (TOTP, RFC 6238) as every authenticator application shows them."""

from __future__ import annotations

import base64
import hmac

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
"""As many as the hash of HMAC-SHA-1 has (RFC 4226, section 4, requirement 6)."""

_LATE_STEPS = (0, -1, 1)


def code(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """Return the code of one step: HOTP, RFC 4226, section 5.3."""
    digest = hmac.digest(secret, counter.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    value = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(value % 10**digits).zfill(digits)


def counter_at(at_s: float) -> int:
    """Return the number of the step at a Unix time."""
    return int(at_s // STEP_S)


def accepted(secret: bytes, given: str, at_s: float, last: int = -1) -> int | None:
    """Return the step whose code was given, None when it is that of no step near now.

    A code of the step before and after is taken as well (RFC 6238, section 5.2), one that was used (``last``) is not.
    """
    plain = "".join(given.split())
    now = counter_at(at_s)
    found = None
    for late in _LATE_STEPS:
        counter = now + late
        if counter > last and counter >= 0 and hmac.compare_digest(code(secret, counter).encode(), plain.encode()):
            found = counter
    return found


def secret_text(secret: bytes) -> str:
    """Return a secret as people type it: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, account: str, issuer: str) -> str:
    """Return the address that an authenticator reads from a QR code (key URI format)."""
    return (
        f"otpauth://totp/{_quoted(issuer)}:{_quoted(account)}?secret={secret_text(secret)}&issuer={_quoted(issuer)}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_S}"
    )


def _quoted(text: str) -> str:
    """Return a text as an address may hold it (RFC 3986, section 2.1)."""
    plain = "-._~"
    return "".join(
        sign if sign in plain or (sign.isascii() and sign.isalnum()) else "".join(f"%{byte:02X}" for byte in sign.encode())
        for sign in text
    )
