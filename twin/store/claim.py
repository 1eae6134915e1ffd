"""Who may write in a workspace: one thread at a time, and who has to wait for whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from twin.errors import StorageError

LONGEST_WAIT_S = 60.0  # for what comes from the centre, or until it has come: each step is short


class Holder(NamedTuple):
    """Who writes now: the words for it, its thread, and whether it is done in a moment."""

    title: str
    thread: int
    is_brief: bool


class Claim:
    """The right to write. What is done in a moment waits for everybody, and everybody waits for it.

    Only a change that another change is in the way of is refused at once: nobody knows how long an import takes.
    """

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._holder: Holder | None = None

    @property
    def is_mine(self) -> bool:
        """Whether this thread holds it."""
        holder = self._holder
        return holder is not None and holder.thread == threading.get_ident()

    @contextmanager
    def held(self, title: str, *, is_brief: bool, longest_s: float | None = LONGEST_WAIT_S) -> Iterator[None]:
        """Hold it in the block. Raises ``StorageError`` when it is not to be had; ``longest_s=None`` waits for ever."""
        with self._free:
            self._free.wait_for(lambda: self._holder is None or self._is_hopeless(is_brief), longest_s)
            if self._holder is not None:
                raise StorageError(
                    f"'{title}' has to wait: '{self._holder.title}' is being written.", "Wait until it is done, or cancel it."
                )
            self._holder = Holder(title, threading.get_ident(), is_brief)
        try:
            yield
        finally:
            with self._free:
                self._holder = None
                self._free.notify_all()

    def _is_hopeless(self, is_brief: bool) -> bool:
        return self._holder is not None and (self.is_mine or not (is_brief or self._holder.is_brief))
