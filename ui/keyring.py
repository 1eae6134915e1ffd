"""Where the keys of this computer's user lie: in the operating system's keyring where there is one, else in a file of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from twin.errors import KeyringError
from twin.sync.package.keys import KeyRing, Vault

SERVICE, ENTRY = "citytwin", "keys of this office"


def user_keyring(folder: str = "") -> KeyRing:
    """Return the key ring in a folder, by default that of this computer's user.

    A folder that is named holds everything in files: it may be carried elsewhere.
    """
    if folder:
        return KeyRing(Path(folder))
    return KeyRing(user_config_path("citytwin", appauthor=False) / "keys", system_vault())


def system_vault() -> Vault | None:
    """Return the operating system's keyring, None where there is none that keeps secrets from others."""
    import keyring
    from keyring.errors import KeyringError as SystemError_

    found = keyring.get_keyring()
    try:
        return SystemVault() if found.priority >= 1 else None
    except (RuntimeError, SystemError_):  # how a keyring says that it cannot be used here
        return None


@dataclass(frozen=True)
class SystemVault:
    """One text in the operating system's keyring."""

    def read(self) -> str | None:
        """Return what is kept. Raises ``KeyringError`` when the keyring is locked and nobody opens it."""
        import keyring
        from keyring.errors import KeyringError as SystemError_

        try:
            return keyring.get_password(SERVICE, ENTRY)
        except SystemError_ as error:
            raise KeyringError(f"The system's keyring does not open: {error}.", "Unlock it, and try again.") from error

    def write(self, text: str) -> None:
        """Keep a text. Raises ``KeyringError`` when the keyring does not take it."""
        import keyring
        from keyring.errors import KeyringError as SystemError_

        try:
            keyring.set_password(SERVICE, ENTRY, text)
        except SystemError_ as error:
            raise KeyringError(f"The system's keyring does not take the key: {error}.", "Unlock it, and try again.") from error
