"""What CityTwin remembers between two starts: declared once, checked when read, kept in one small file."""

from __future__ import annotations

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from twin.errors import KnownError
from twin.model.entity import attribute, attributes

RECENT_COUNT = 8


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What the user chooses; the settings dialog is made from these fields."""

    language: str = attribute("Language", "auto", choices=("auto", "zh_CN", "en"), definition="'auto' follows the computer.")
    theme: str = attribute("Appearance", "auto", choices=("auto", "dark", "light"), definition="'auto' follows the computer.")
    text_scale: float = attribute("Text size", 1.0, low=0.8, high=2.0, definition="1 is the size that the computer chooses.")
    author: str = attribute("Your name", "", definition="Written into the journal beside every change that you make.")
    moving_traffic: str = attribute(
        "Moving traffic", "auto", choices=("auto", "on", "off"), definition="'auto' lets it move where a graphics card draws."
    )
    reopen_last: bool = attribute("Reopen the last workspace at start", True)


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What the window notes for itself; texts of base64 where Qt gives bytes."""

    last_workspace: str = attribute("Last workspace", "")
    recent_workspaces: tuple[str, ...] = attribute("Recent workspaces", ())
    last_folder: str = attribute("Last folder", "")
    window_geometry: str = attribute("Window geometry", "")
    window_state: str = attribute("Window state", "")


SETTINGS: tuple[type[Any], ...] = (Preferences, Remembered)
"""The settings there are, by group. A new setting is one field in one of them."""


class Settings:
    """The settings of one person on one computer, kept as JSON at ``path``.

    A file that cannot be read is set aside with the ending ``.broken`` and the defaults are used:
    ``notice`` then says so. Unknown names in it are left as they are, for a newer CityTwin.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or user_config_path("citytwin", appauthor=False) / "settings.json"
        self.notice = ""
        self._stored = self._read()
        self.preferences: Preferences = _checked(Preferences, self._stored)
        self.remembered: Remembered = _checked(Remembered, self._stored)

    def change(self, **values: Any) -> None:
        """Set the named settings and write the file. Raises ``KnownError`` when a value is not allowed."""
        self.preferences = _replaced(self.preferences, values)
        self.remembered = _replaced(self.remembered, values)
        unknown = values.keys() - attributes(Preferences).keys() - attributes(Remembered).keys()
        if unknown:
            raise KnownError(f"There is no setting named {', '.join(sorted(unknown))}.")
        self._stored |= dataclasses.asdict(self.preferences) | dataclasses.asdict(self.remembered)
        self._write()

    def note_workspace(self, path: Path) -> None:
        """Put a workspace at the head of the recent ones."""
        text = str(path.resolve())
        others = [item for item in self.remembered.recent_workspaces if item != text]
        self.change(last_workspace=text, recent_workspaces=(text, *others)[:RECENT_COUNT], last_folder=str(path.resolve().parent))

    def recent_workspaces(self) -> list[Path]:
        """Return the recent workspaces that are still there, newest first."""
        return [path for path in map(Path, self.remembered.recent_workspaces) if path.is_dir()]

    def _read(self) -> dict[str, Any]:
        try:
            stored = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            self._set_aside(str(error))
            return {}
        return stored if isinstance(stored, dict) else {}

    def _set_aside(self, reason: str) -> None:
        broken = self.path.with_suffix(".broken")
        self.notice = f"The settings could not be read ({reason}); the defaults are used."
        try:
            self.path.replace(broken)
        except OSError:
            return  # unreadable and unmovable: the notice says what happened, the defaults hold

    def _write(self) -> None:
        """Write all or nothing: a crash in between leaves the old file. A read-only disk loses only comfort."""
        beside = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(self._stored, indent=2, ensure_ascii=False), "utf-8")
            os.replace(beside, self.path)  # noqa: PTH105  says that an existing file is replaced, on every system
        except OSError as error:
            self.notice = f"The settings could not be written: {error}."


def _checked(group: type[Any], stored: dict[str, Any]) -> Any:
    """Build a group from what was stored, leaving out every value that is no longer allowed."""
    good = {}
    for name, facts in attributes(group).items():
        if name in stored and not _complaint(facts, stored[name]):
            good[name] = tuple(stored[name]) if facts.type is tuple else stored[name]
    return group(**good)


def _replaced(group: Any, values: dict[str, Any]) -> Any:
    own = attributes(type(group))
    for name, value in values.items():
        if name in own and (complaint := _complaint(own[name], value)):
            raise KnownError(f"The setting '{name}' cannot be {value!r}: {complaint}.")
    return dataclasses.replace(group, **{name: value for name, value in values.items() if name in own})


def _complaint(facts: Any, value: Any) -> str:
    """Return why a value is not allowed, or ''."""
    if facts.type is tuple:
        return "" if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value) else "a list is expected"
    if facts.type is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not facts.type:
        return f"{facts.type.__name__} is expected"
    if facts.choices and value not in facts.choices:
        return f"expected one of {', '.join(facts.choices)}"
    if (facts.low is not None and value < facts.low) or (facts.high is not None and value > facts.high):
        return f"expected {facts.low:g}-{facts.high:g}"
    return ""
