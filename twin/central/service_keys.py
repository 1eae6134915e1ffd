"""The service's own secrets, in a file beside no backup of the database: what signs audit heads, what seals other secrets.

Whoever has the database alone can neither sign a chain that they made up nor read the secrets of one-time codes.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from twin.errors import KeyringError
from twin.store.files import force_to_disk

_NONCE = 12


@dataclass(frozen=True)
class ServiceKeys:
    """An Ed25519 key for audit heads and a 256-bit key for AES-GCM; ``random`` makes the nonces."""

    signing: bytes
    sealing: bytes
    random: Callable[[int], bytes]

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    @property
    def public(self) -> bytes:
        """The public half of the signing key (32 bytes): what auditors keep elsewhere."""
        return self._signer.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """Return the signature of some bytes."""
        return self._signer.sign(data)

    def sealed(self, data: bytes, purpose: str) -> bytes:
        """Return bytes that only this key opens, and only for the same purpose."""
        nonce = self.random(_NONCE)
        return nonce + AESGCM(self.sealing).encrypt(nonce, data, purpose.encode())

    def opened(self, data: bytes, purpose: str) -> bytes:
        """Return what was sealed. Raises ``KeyringError`` when it was sealed with another key, or for something else."""
        try:
            return AESGCM(self.sealing).decrypt(data[:_NONCE], data[_NONCE:], purpose.encode())
        except InvalidTag as error:
            raise KeyringError(
                "The keys of the service are not those with which its database was written.", "Restore the file of keys that belongs to it."
            ) from error  # fmt: skip


def made(random: Callable[[int], bytes]) -> ServiceKeys:
    """Return new keys."""
    return ServiceKeys(random(32), random(32), random)


def kept(path: Path, random: Callable[[int], bytes]) -> ServiceKeys:
    """Return the keys of a file, which is made at the first time, readable by its owner alone.

    Raises ``KeyringError`` for a file that others may read, or that is none.
    """
    try:
        return _read(path, random)
    except FileNotFoundError:
        keys = made(random)
        content = {name: base64.b64encode(getattr(keys, name)).decode() for name in ("signing", "sealing")}
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file)
        force_to_disk(path)
        return keys


def _read(path: Path, random: Callable[[int], bytes]) -> ServiceKeys:
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise KeyringError(f"Others may read the keys of the service, '{path.name}'.", f"Forbid it: chmod 600 {path}")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return ServiceKeys(base64.b64decode(content["signing"]), base64.b64decode(content["sealing"]), random)
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringError(f"'{path.name}' holds no keys of the service.", "Restore it from a backup.") from error


def verifier(public: bytes) -> Callable[[bytes, bytes], bool]:
    """Return what says whether a signature (second) of some bytes (first) was made with the key of this public half."""
    key = Ed25519PublicKey.from_public_bytes(public)

    def verify(data: bytes, signature: bytes) -> bool:
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True

    return verify
