"""Keys of an office: what it signs with, what opens what is meant for it, and whom it trusts.

A ``Card`` is the public half: it is handed to the other offices, who compare its fingerprint by telephone before
they trust it. Signatures are Ed25519 (RFC 8032), encryption is age with X25519 recipients.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from twin.errors import KeyringError
from twin.store.files import force_to_disk

CARD_FORMAT = "citytwin card 1"
NAME_LIMIT = 80
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""What a passphrase is made of: nothing that is mistaken for something else on the telephone."""


@dataclass(frozen=True)
class Card:
    """The public half of an office's keys: ``signer`` is its Ed25519 key (32 bytes), ``recipient`` its age address."""

    name: str
    signer: bytes
    recipient: str

    @cached_property
    def id(self) -> str:
        """The first 128 bits of the SHA-256 of both keys, in hexadecimal digits: what packages name an office by."""
        return hashlib.sha256(self.signer + self.recipient.encode()).hexdigest()[:32]

    @property
    def fingerprint(self) -> str:
        """The id in groups of four, to be read out on the telephone."""
        return " ".join(self.id[at : at + 4] for at in range(0, len(self.id), 4))

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Whether this office signed the data."""
        try:
            Ed25519PublicKey.from_public_bytes(self.signer).verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def as_json(self) -> dict[str, str]:
        """Return the card as JSON has it, without a signature."""
        signer = base64.b64encode(self.signer).decode()
        return {"format": CARD_FORMAT, "name": self.name, "signer": signer, "recipient": self.recipient}


@dataclass(frozen=True)
class OwnKey:
    """Both halves of an office's keys, as base64 and age text; never written anywhere but into the key ring."""

    name: str
    signing: str
    opening: str

    @classmethod
    def new(cls, name: str) -> OwnKey:
        """Make new keys from the operating system's randomness. Raises ``KeyringError`` for a name that no list can show."""
        name = name.strip()
        if not name or len(name) > NAME_LIMIT or not name.isprintable():
            raise KeyringError(
                f"A key needs a name of 1 to {NAME_LIMIT} printable signs.", "Name the office, such as 'Field office North'."
            )
        signing = base64.b64encode(Ed25519PrivateKey.generate().private_bytes_raw()).decode()
        return cls(name, signing, str(pyrage.x25519.Identity.generate()))

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.signing))

    @cached_property
    def identity(self) -> Any:
        """What opens packages for this office."""
        return pyrage.x25519.Identity.from_str(self.opening)

    @cached_property
    def card(self) -> Card:
        """The public half."""
        return Card(self.name, self._signer.public_key().public_bytes_raw(), str(self.identity.to_public()))

    def sign(self, data: bytes) -> bytes:
        """Return the signature of the data, 64 bytes."""
        return self._signer.sign(data)

    def invitation(self, passphrase: str) -> bytes:
        """Return both halves encrypted under a passphrase: for an office that begins from a stick and has no key yet."""
        return bytes(pyrage.passphrase.encrypt(json.dumps(vars_of(self)).encode(), passphrase))

    @classmethod
    def invited(cls, content: bytes, passphrase: str) -> OwnKey:
        """Return the keys of an invitation. Raises ``KeyringError`` for another passphrase and for anything else."""
        try:
            own = cls(**json.loads(pyrage.passphrase.decrypt(content, passphrase)))
            own.card  # noqa: B018  both halves must make sense before anybody keeps them
        except (pyrage.DecryptError, pyrage.IdentityError, ValueError, TypeError) as error:
            raise KeyringError(
                "The invitation cannot be opened with this passphrase.",
                "Type it as it was told you, or ask for a new invitation.",
            ) from error
        return own

    def card_text(self) -> str:
        """Return the card as the text of a file, signed by itself so that a damaged one is noticed."""
        data = self.card.as_json()
        signature = base64.b64encode(self.sign(_canonical(data))).decode()
        return json.dumps({**data, "signature": signature}, ensure_ascii=False, indent=1) + "\n"


def card_from_text(text: str) -> Card:
    """Return the card that ``OwnKey.card_text`` wrote. Raises ``KeyringError`` for anything else."""
    try:
        data = json.loads(text)
        signature = base64.b64decode(data.pop("signature"), validate=True)
        card = _card(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise KeyringError(
            "This is no card of an office.", "Ask that office for the file that 'package key show' writes."
        ) from error
    if not card.verifies(signature, _canonical(data)):
        raise KeyringError(f"The card of '{card.name}' was changed after it was made.", "Ask that office for it again.")
    return card


def _card(data: Mapping[str, Any]) -> Card:
    if data.keys() != {"format", "name", "signer", "recipient"} or data["format"] != CARD_FORMAT:
        raise ValueError(data.get("format"))
    card = Card(str(data["name"]), base64.b64decode(data["signer"], validate=True), str(data["recipient"]))
    Ed25519PublicKey.from_public_bytes(card.signer)
    try:
        pyrage.x25519.Recipient.from_str(card.recipient)
    except pyrage.RecipientError as error:
        raise ValueError(card.recipient) from error
    return card


def _canonical(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class Vault(Protocol):
    """Where the operating system keeps secrets: one text."""

    def read(self) -> str | None:
        """Return what is kept, None when nothing is."""

    def write(self, text: str) -> None:
        """Keep a text in place of what was kept."""


class KeyRing:
    """The keys of one office on one computer: its own in the system's vault, or in ``own.json`` that nobody else may read.

    Trusted cards are no secrets and lie beside it.
    """

    def __init__(self, folder: Path, vault: Vault | None = None) -> None:
        self.folder = folder
        self._vault = vault
        self._own_path, self._trusted_path = folder / "own.json", folder / "trusted.json"

    def own_keys(self) -> tuple[OwnKey, ...]:
        """Return every key this office has had, the one in use first; older ones still open older packages."""
        kept = self._read(self._own_path)
        if self._vault is not None and not kept:  # a file of before there was a vault stays what counts
            text = self._vault.read()
            kept = [] if text is None else list(json.loads(text))
        return tuple(OwnKey(**item) for item in kept)

    @property
    def own(self) -> OwnKey:
        """The key in use. Raises ``KeyringError`` when none was made."""
        found = self.own_keys()
        if not found:
            raise KeyringError(
                "This computer has no key for packages yet.", "Make one: citytwin package key new 'Name of your office'."
            )
        return found[0]

    def make(self, name: str, *, replace: bool = False) -> OwnKey:
        """Make a key and use it from now on. Raises ``KeyringError`` when there is one and it is not to be replaced."""
        self._require_room(replace=replace)
        made = OwnKey.new(name)
        self.adopt(made, replace=True)
        return made

    def adopt(self, key: OwnKey, *, replace: bool = False) -> None:
        """Use a key from now on. Raises ``KeyringError`` when there is another one and it is not to be replaced."""
        kept = self.own_keys()
        if key in kept[:1]:
            return
        self._require_room(replace=replace)
        content = [vars_of(item) for item in (key, *kept)]
        if self._vault is not None and not self._own_path.exists():
            self._vault.write(json.dumps(content, ensure_ascii=False))
        else:
            self._write(self._own_path, content)

    def _require_room(self, *, replace: bool) -> None:
        kept = self.own_keys()
        if kept and not replace:
            raise KeyringError(
                f"This computer has the key of '{kept[0].name}' already.",
                "Use it, or replace it; the other offices must then trust the new one.",
            )

    def trusted(self) -> tuple[Card, ...]:
        """Return the cards of the offices whose packages are taken, by name."""
        return tuple(sorted((_card(item) for item in self._read(self._trusted_path)), key=lambda card: (card.name, card.id)))

    def trust(self, card: Card) -> None:
        """Take packages from this office from now on."""
        others = [item for item in self.trusted() if item.id != card.id]
        self._write(self._trusted_path, [item.as_json() for item in (*others, card)])

    def distrust(self, card: Card) -> None:
        """Take no more packages from this office."""
        self._write(self._trusted_path, [item.as_json() for item in self.trusted() if item.id != card.id])

    def known(self, key: str) -> Card | None:
        """Return the card with this id, an own one or a trusted one."""
        cards = (*(item.card for item in self.own_keys()), *self.trusted())
        return next((card for card in cards if card.id == key), None)

    def find(self, word: str) -> Card:
        """Return the one trusted card of this name, or whose fingerprint begins so.

        Raises ``KeyringError`` when there is none, or more than one.
        """
        start = word.replace(" ", "").lower()
        cards = self.trusted()
        found = [card for card in cards if card.name == word] or [
            card for card in cards if len(start) >= 4 and card.id.startswith(start)
        ]
        if len(found) == 1:
            return found[0]
        names = ", ".join(card.name for card in cards) or "–"
        if found:
            raise KeyringError(f"There are {len(found)} trusted offices '{word}'.", "Give the fingerprint in place of the name.")
        raise KeyringError(
            f"No office '{word}' is trusted; trusted are: {names}.", "Trust its card first: citytwin package key trust."
        )

    def _read(self, path: Path) -> list[dict[str, str]]:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (OSError, ValueError) as error:
            raise KeyringError(f"The key ring's '{path.name}' cannot be read.", "Restore it from a backup.") from error
        return list(found)

    def _write(self, path: Path, content: list[dict[str, str]]) -> None:
        """Write all or nothing, readable by this user alone from the first byte on."""
        beside = path.with_suffix(".new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside.unlink(missing_ok=True)
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123  its rights from birth
                json.dump(content, file, ensure_ascii=False, indent=1)
            force_to_disk(beside)
            beside.replace(path)
            force_to_disk(self.folder)
        except OSError as error:
            why = error.strerror or str(error)
            raise KeyringError(
                f"The key ring could not be written: {why}.", "Free some space, or ask for the right to write."
            ) from error


def new_passphrase() -> str:
    """Return six groups of four letters and digits, 118 bits of the operating system's randomness."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(6))


def vars_of(key: OwnKey) -> dict[str, str]:
    """Return a key's three texts by name."""
    return {"name": key.name, "signing": key.signing, "opening": key.opening}
