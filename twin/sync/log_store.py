"""What the centre keeps, as its rule needs it: one small interface over any database with transactions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from twin.sync.commit import Commit, Row
from twin.sync.mutation import GENESIS, Key


@dataclass(frozen=True)
class Head:
    """Where the log stands: its newest commit and the hash of all commits up to it.

    The log reaches back to ``oldest`` (commits before it were compacted away); commits up to ``durable`` are in backups.
    """

    epoch: str
    seq: int = 0
    chain: str = GENESIS
    oldest: int = 1
    durable: int = 0


@dataclass(frozen=True)
class DeviceRecord:
    """How far a device's mutations have come: the number and hash of the newest that was taken."""

    device: str
    last: int = 0
    last_hash: str = GENESIS


@dataclass(frozen=True)
class Taken:
    """A commit as the log keeps it: also its mutation's hash and identity, and the hash of the log up to it."""

    commit: Commit
    hash: str
    identity: str
    chain: str


class LogStore(Protocol):
    """The centre's tables. All that is read and written between entering and leaving a block is one transaction.

    ``writing`` commits when it is left and takes everything back when it is left with an exception; several may be
    open at once and must then behave as if one came after the other. That is cheap to hold: after ``lock_head`` no
    other writer reads rows or counts commits before this one is done.
    """

    def writing(self) -> AbstractContextManager[None]:
        """Open a transaction that writes."""

    def reading(self) -> AbstractContextManager[None]:
        """Open a transaction that sees one state."""

    def lock_device(self, device: str) -> DeviceRecord | None:
        """Return a device's record and hold it until the end; None for one that is not known."""

    def save_device(self, record: DeviceRecord) -> None:
        """Write a device's record; a new one is added."""

    def head(self) -> Head:
        """Return where the log stands, without waiting for anybody."""

    def lock_head(self) -> Head:
        """Return where the log stands and hold its counter until the end, so that numbers become visible in their order."""

    def save_head(self, head: Head) -> None:
        """Write where the log stands."""

    def common(self, epoch: str) -> int | None:
        """Return up to which commit an epoch's log is also that of the current one; None for an epoch that is not known."""

    def begin_epoch(self, epoch: str, common: int) -> None:
        """Make a new epoch; what every earlier one has in common with it is at most ``common``."""

    def rows(self, keys: Collection[Key]) -> Mapping[Key, Row]:
        """Return the rows of these keys that are there, tombstones too."""

    def save_rows(self, rows: Collection[Row]) -> None:
        """Write rows whole."""

    def rows_after(self, key: Key, limit: int) -> list[Row]:
        """Return the next rows after a key, tombstones too, in the order of kind and id compared as bytes."""

    def append(self, taken: Iterable[Taken]) -> None:
        """Add commits to the log."""

    def commits(self, after: int, to: int, limit: int) -> list[Commit]:
        """Return the commits after one up to another, the oldest of them until they have ``limit`` entries together."""

    def open_conflicts(self, to: int) -> list[Commit]:
        """Return the commits up to ``to`` with those of their entries that wait for a decision (``Entry.conflict``).

        An entry waits until a commit's ``resolves`` names it; it is kept also where the log was compacted.
        """

    def chain(self, seq: int) -> str | None:
        """Return the hash of the log up to a commit, ``GENESIS`` for 0; None where there is no such commit."""

    def chains(self, after: int, to: int) -> list[str]:
        """Return the hash of the log up to each of the commits after one up to another."""

    def hash(self, device: str, number: int) -> str | None:
        """Return the hash of a device's mutation by its number; None for one that was not taken."""

    def seen(self, identities: Collection[str]) -> Collection[str]:
        """Return which of these identities were taken."""

    def newest(self, device: str, to: int) -> tuple[int, str]:
        """Return number and hash of a device's newest mutation among the commits up to ``to``; 0 and ``GENESIS`` without any."""

    def compact(self, oldest: int) -> None:
        """Forget the entries of commits before ``oldest`` and the fields of what they removed.

        Hashes and identities stay, and that a row was removed is never forgotten.
        """
