"""Where the keys of this computer's user lie."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_config_path

from twin.sync.package.keys import KeyRing


def user_keyring(folder: str = "") -> KeyRing:
    """Return the key ring in a folder, by default that of this computer's user."""
    return KeyRing(Path(folder) if folder else user_config_path("citytwin", appauthor=False) / "keys")
