"""Texts that follow the language: said once, said again whenever the language changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import shiboken6
from PySide6.QtCore import QObject

from ui import language

_sayings: WeakSet[QObject] = WeakSet()


def say(setter: Callable[[str], Any], text: Callable[[], str]) -> None:
    """Give a widget or an action a text now and again after every change of language.

    ``setter`` is a bound method (``button.setText``); ``text`` asks for the text, usually
    ``lambda: tr("Run")``. Nothing is kept once the widget is gone.
    """
    owner: QObject = setter.__self__  # type: ignore[attr-defined] # a bound method has one; Callable cannot say so
    say_again(owner, lambda: setter(text()))


def say_again(owner: QObject, speak: Callable[[], Any]) -> None:
    """Call ``speak`` now and after every change of language, as long as ``owner`` lives."""
    # The list lives on its owner, so that a closure over the owner is a cycle the collector can free.
    owner.__dict__.setdefault("_sayings", []).append(speak)
    _sayings.add(owner)
    speak()


def _repeat(*_: object) -> None:
    for owner in list(_sayings):
        if shiboken6.isValid(owner):
            for speak in owner.__dict__["_sayings"]:
                speak()


language.language_changed.connect(_repeat)
