"""Every error that CityTwin raises by name.

* CityTwinError
  x KnownError      the world's fault: shown to the user, exit status 1
    - DataError       a file or a row is not what it should be
    - StorageError    the disk or the workspace refuses
    - ScenarioError   an edit or a run that makes no sense on this city
    - KeyringError    a key is missing, not trusted or not readable
    - PackageError    an offline package is refused
    - AccessError     an account, a device or a code is not what it should be, or may not do that
    - SyncError       the centre, a package or a message refuses or cannot be read
    - CancelledError       the user said stop
  x BugError        our fault: a crash report

A message says what was asked, what was found and what to do. ``advice`` is that last part,
kept apart so that the window can show it as a hint and the command line on a second line.
"""

from __future__ import annotations


class CityTwinError(Exception):
    """Anything that CityTwin raises on purpose."""


class KnownError(CityTwinError):
    """A condition of the world: a bad file, a full disk, a wrong name.

    ``message`` says what was asked and what was found, ``advice`` what to do.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        """Return message and advice as one text."""
        return f"{self.message} {self.advice}".strip()


class DataError(KnownError):
    """A file, a column or a row is not what it should be."""


class StorageError(KnownError):
    """The workspace or the disk under it refuses: held, read-only, full, damaged."""


class ScenarioError(KnownError):
    """An edit, a parameter or a run that makes no sense on this city."""


class KeyringError(KnownError):
    """A key of this office or of another one is missing, not trusted or not readable."""


class PackageError(KnownError):
    """An offline package is refused; nothing of it was written.

    ``refusal`` is one word for scripts: not_a_package, newer, torn, damaged, forged, unknown_sender, wrong_recipient,
    wrong_sender, expired, too_large, other_city, gap.
    """

    def __init__(self, refusal: str, message: str, advice: str = "") -> None:
        super().__init__(message, advice)
        self.refusal = refusal


class AccessError(KnownError):
    """An account, a password, a code, a device or a token is refused, or has no right to what was asked."""


class SyncError(KnownError):
    """The centre, a package or a message between offices refuses, or cannot be read."""


class CancelledError(KnownError):
    """Long work was stopped by its user; nothing of it was kept."""


class BugError(CityTwinError):
    """A broken promise inside CityTwin; shown as a crash report, never as advice."""
