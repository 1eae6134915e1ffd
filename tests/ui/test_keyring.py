"""Where the keys of an office lie: in the operating system's keyring, in a real one where it is installed, else in a file."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringLocked

from twin.errors import KeyringError
from twin.sync.package.keys import KeyRing
from ui.keyring import SystemVault, system_vault, user_keyring

ROOT = Path(__file__).resolve().parents[2]


class Drawer(KeyringBackend):
    """A keyring as a plug-in of the library, for what a real one does not do when asked."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept, self.is_locked = {}, False

    def get_password(self, service, username):
        if self.is_locked:
            raise KeyringLocked("no prompt")
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.is_locked:
            raise KeyringLocked("no prompt")
        self.kept[service, username] = password


@pytest.fixture
def drawer():
    before = keyring.get_keyring()
    made = Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_no_secret_is_in_any_file_where_the_system_has_a_keyring(drawer, tmp_path):
    ring = KeyRing(tmp_path / "keys", system_vault())
    own = ring.make("North")
    ring.trust(own.card)
    assert KeyRing(tmp_path / "keys", SystemVault()).own == own
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["trusted.json"]
    assert own.signing in next(iter(drawer.kept.values()))
    newer = ring.make("North 2", replace=True)
    assert ring.own_keys() == (newer, own)


def test_a_key_that_was_in_a_file_stays_there(drawer, tmp_path):
    before = KeyRing(tmp_path).make("North")
    ring = KeyRing(tmp_path, system_vault())
    assert ring.own == before
    ring.make("North 2", replace=True)
    assert drawer.kept == {}
    assert stat.S_IMODE((tmp_path / "own.json").stat().st_mode) == 0o600


def test_a_keyring_that_does_not_open_is_told(drawer, tmp_path):
    drawer.is_locked = True
    ring = KeyRing(tmp_path, system_vault())
    with pytest.raises(KeyringError, match="does not open"):
        ring.own_keys()
    with pytest.raises(KeyringError, match="does not take"):
        SystemVault().write("x")


def test_without_a_keyring_and_in_a_named_folder_keys_are_files(drawer, tmp_path):
    named = user_keyring(str(tmp_path / "named"))
    named.make("North")
    assert drawer.kept == {}
    assert (tmp_path / "named" / "own.json").is_file()
    keyring.set_keyring(NoKeyring())
    assert system_vault() is None


REAL = """
import sys
from pathlib import Path
from ui.keyring import system_vault
from twin.sync.package.keys import KeyRing
vault = system_vault()
assert vault is not None, "no vault"
ring = KeyRing(Path(sys.argv[1]), vault)
own = ring.make("North")
assert KeyRing(Path(sys.argv[1]), system_vault()).own == own
assert not Path(sys.argv[1]).exists() or list(Path(sys.argv[1]).iterdir()) == []
print("kept")
"""


def test_a_real_secret_service_keeps_the_key(tmp_path):
    if not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")):
        pytest.skip("dbus-run-session and gnome-keyring-daemon are not installed")
    script = tmp_path / "keep.py"
    script.write_text(REAL, encoding="utf-8")
    inside = f"echo -n secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec {sys.executable} {script} {tmp_path / 'keys'}"
    home = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    seen = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", inside], env={**os.environ, **home}, capture_output=True, text=True, check=False
    )
    assert seen.stdout.strip().endswith("kept"), seen.stderr
