"""What anybody may read of a package: who wrote it for whom, until when, and the digest of all that follows.

A file is ``MAGIC``, the length of the header (4 bytes, big-endian), the header as JSON padded with spaces, an Ed25519
signature of everything before it (64 bytes), then the encrypted frames. One flipped bit anywhere is refused: up to
the signature by the signature, after it by the digest that the header holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal, get_args

from twin.errors import PackageError

MAGIC = b"\x89CTPKG\n\x1a"
FORMAT = 1
SIGNATURE_BYTES = 64
LONGEST_BYTES = 256 << 10
_LENGTH_BYTES = 4
_PLACE_FOR_NUMBERS = 10**15

Purpose = Literal["city", "changes", "push"]
"""What a package is for: the city for an office that begins, news from the centre, edits for the centre."""


@dataclass(frozen=True, kw_only=True)
class Header:
    """The header: ``sender`` and ``recipients`` are ids of cards, times aware UTC.

    ``size`` is that of all frames in bytes, ``manifest_at`` where among them the manifest begins, ``sha256`` the digest
    of the frames in hexadecimal digits.
    """

    id: str
    purpose: Purpose
    sender: str
    recipients: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    size: int = _PLACE_FOR_NUMBERS
    manifest_at: int = _PLACE_FOR_NUMBERS
    sha256: str = "0" * 64

    def text(self) -> bytes:
        """Return the header as JSON."""
        data = asdict(self)
        data |= {"format": FORMAT, "created_at": self.created_at.isoformat(), "expires_at": self.expires_at.isoformat()}
        return json.dumps(data, sort_keys=True, separators=(",", ":")).encode()

    @property
    def start(self) -> int:
        """Where the frames begin in the file, of a header that still has place for its numbers."""
        return len(MAGIC) + _LENGTH_BYTES + len(self.text()) + SIGNATURE_BYTES

    def written(self, start: int, sign: Callable[[bytes], bytes]) -> bytes:
        """Return the first ``start`` bytes of the file."""
        length = start - SIGNATURE_BYTES - _LENGTH_BYTES - len(MAGIC)
        signed = MAGIC + length.to_bytes(_LENGTH_BYTES, "big") + self.text().ljust(length)
        return signed + sign(signed)


@dataclass(frozen=True)
class RawHeader:
    """A header as it was read, with what its signature is about; nothing of it is believed yet."""

    header: Header
    signed: bytes
    signature: bytes

    @property
    def start(self) -> int:
        """Where the frames begin in the file."""
        return len(self.signed) + len(self.signature)


def read_header(file: BinaryIO, name: str) -> RawHeader:
    """Read the header at the beginning of a file. Raises ``PackageError`` when there is none that this program can read."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if magic and MAGIC.startswith(magic):
            raise torn(name)
        raise PackageError("not_a_package", f"'{name}' is no CityTwin package.", "Choose a file whose name ends in .ctpkg.")
    prefix = file.read(_LENGTH_BYTES)
    length = int.from_bytes(prefix, "big")
    if len(prefix) < _LENGTH_BYTES:
        raise torn(name)
    if length > LONGEST_BYTES:
        raise damaged(name)
    text, signature = file.read(length), file.read(SIGNATURE_BYTES)
    if len(text) < length or len(signature) < SIGNATURE_BYTES:
        raise torn(name)
    return RawHeader(_parsed(text, name), magic + prefix + text, signature)


def torn(name: str) -> PackageError:
    """Return the refusal of a file whose end is missing."""
    return PackageError("torn", f"The package '{name}' is not whole: its end is missing.", "Copy it again from where it came.")


def damaged(name: str) -> PackageError:
    """Return the refusal of a file whose bytes are not those that were written."""
    return PackageError("damaged", f"The package '{name}' is damaged.", "Copy it again from where it came.")


def require_known(version: object, known: int, name: str) -> None:
    """Raise ``PackageError`` for a header or manifest of a format that comes after the known one."""
    if isinstance(version, int) and version > known:
        raise PackageError(
            "newer", f"The package '{name}' was written by a newer CityTwin (format {version}).", "Update this program."
        )


def _parsed(text: bytes, name: str) -> Header:
    try:
        data: dict[str, Any] = json.loads(text)
        version = data.pop("format")
        require_known(version, FORMAT, name)
        data |= {key: datetime.fromisoformat(data[key]).astimezone(UTC) for key in ("created_at", "expires_at")}
        header = Header(**data | {"recipients": tuple(data["recipients"])})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise damaged(name) from error
    _require_types(header, name)
    return header


def _require_types(header: Header, name: str) -> None:
    texts = (header.id, header.sender, header.sha256, *header.recipients)
    numbers = (header.size, header.manifest_at)
    is_sound = all(isinstance(text, str) for text in texts) and all(type(number) is int for number in numbers)
    if not is_sound or header.purpose not in get_args(Purpose) or not 0 <= header.manifest_at <= header.size:
        raise damaged(name)
