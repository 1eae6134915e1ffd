"""The language that people read: texts, numbers and dates, switched while the program runs.

Texts in the code are English and are their own keys. The one catalogue, ``assets/translations/zh_CN.po``,
is read as it is (nothing to compile). Values are put in after translation, so a translation may order
them as its language likes.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from psygnal import Signal

from twin.errors import KnownError

LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""Languages that there are, each by its own name."""

TRANSLATIONS = Path(__file__).resolve().parents[1] / "assets" / "translations"

_MIN_LITERAL = 6  # letters a sentence must share with a template before the template is believed to be its source


class _Language:
    """The language in use."""

    changed = Signal(str)

    def __init__(self) -> None:
        self.code = "en"


_current = _Language()

language_changed = _current.changed
"""Emitted with the new code after the language was switched."""


def language() -> str:
    """Return the code of the language in use: 'en' or 'zh_CN'."""
    return _current.code


def set_language(code: str) -> None:
    """Switch the language of every text from now on and tell who listens. Raises ``ValueError`` for an unknown code."""
    if code not in LANGUAGES:
        raise ValueError(f"there is no language {code!r}; known: {', '.join(LANGUAGES)}")
    if code != _current.code:
        _current.code = code
        language_changed.emit(code)


def language_for(wish: str) -> str:
    """Return the language nearest to a wish such as 'zh-Hans', 'zh_TW.UTF-8' or 'de': Chinese or else English."""
    return "zh_CN" if wish.replace("-", "_").lower().split("_")[0].split(".")[0] in ("zh", "chinese") else "en"


def tr(text: str, /, **values: Any) -> str:
    """Translate an English text, then put ``values`` into its ``{name}`` places."""
    translated = catalogue(_current.code).get(text, text)
    return translated.format(**values) if values else translated


def mark(text: str) -> str:
    """Return the text as it is; marks a text for the catalogue that is translated later, where it is shown."""
    return text


def tr_choice(choice: str) -> str:
    """Translate a code word such as 'fallen_tree'; in English it becomes plain words."""
    translated = catalogue(_current.code).get(choice)
    return translated if translated is not None else choice.replace("_", " ")


def tr_sentence(sentence: str) -> str:
    """Translate a finished sentence that was made elsewhere, with its numbers and names already inside.

    The catalogue has its template ('The edit '{0}' names {1} object(s) …'); what stands at the places is
    carried over, translated itself where it is a known text. An unknown sentence comes back as it is.
    """
    known = catalogue(_current.code)
    if sentence in known or not known:
        return known.get(sentence, sentence)
    for pattern, names, translated in _templates(_current.code):
        match = pattern.fullmatch(sentence)
        if match is not None:
            values = [_known_words(value, known) for value in match.groups()]
            return _fill(translated, dict(zip(names, values, strict=True)))
    return sentence


def _known_words(value: str, known: Mapping[str, str]) -> str:
    """Translate a value inside a sentence where it is a known text, or a list of them."""
    if value in known:
        return known[value]
    parts = value.split(", ")
    return "、".join(known[part] for part in parts) if len(parts) > 1 and all(part in known for part in parts) else value


def error_texts(error: KnownError) -> tuple[str, str]:
    """Return message and advice of an error in the language in use."""
    return tr_sentence(error.message), tr_sentence(error.advice)


def number(value: float, digits: int | None = None) -> str:
    """Return a number with grouped thousands; ``digits`` after the point, or as many as are there (three at most)."""
    from babel.numbers import format_decimal

    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  NaN is the value unlike itself
        return "–"
    pattern = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(value, format=pattern, locale=_current.code)
    return text.replace("-", "−") if any(sign in text for sign in "123456789") else text.replace("-", "")


def percent(share: float, digits: int = 0) -> str:
    """Return a share 0-1 as a percentage."""
    return number(share * 100, digits) + "%"


def date_text(day: date) -> str:
    """Return a day, as 23 Nov 2026 or 2026年11月23日."""
    from babel.dates import format_date

    return format_date(day, format="d MMM y" if _current.code == "en" else "y年M月d日", locale=_current.code)


def time_text(at: datetime, zone: tzinfo | None = None, *, seconds: bool = False) -> str:
    """Return day and time of day in ``zone``, or in the time zone of this machine."""
    local = at.astimezone(zone)
    return f"{date_text(local.date())} {local:%H:%M:%S}" if seconds else f"{date_text(local.date())} {local:%H:%M}"


@cache
def catalogue(code: str) -> Mapping[str, str]:
    """Return the texts of a language by their English; empty for English itself."""
    path = TRANSLATIONS / f"{code}.po"
    if code == "en" or not path.exists():
        return {}
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        messages = read_po(file, locale=code)
    return {str(item.id): str(item.string) for item in messages if item.id and item.string}


def placeholders(text: str) -> list[str]:
    """Return the names in a text's ``{name}`` places, in order; empty when its braces are not places."""
    try:
        return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return []


@cache
def _templates(code: str) -> list[tuple[re.Pattern[str], list[str], str]]:
    """Return the texts with places as patterns, those with the most fixed letters first."""
    found = []
    for text, translated in catalogue(code).items():
        names = placeholders(text)
        literal = re.sub(r"\{[^{}]*\}", "", text)
        if not names or len(re.findall(r"\w", literal)) < _MIN_LITERAL or len(set(names)) != len(names):
            continue
        parts = [re.escape(part) for part, _, _, _ in string.Formatter().parse(text)]
        tail = "(.+?)" if text.endswith("}") else ""
        pattern = "(.+?)".join(parts) + (tail if len(parts) == len(names) else "")
        found.append((len(literal), re.compile(pattern, re.DOTALL), names, translated))
    found.sort(key=lambda item: -item[0])
    return [item[1:] for item in found]


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Put texts into a template's places by name, numbered ones too, whatever their format says."""
    return re.sub(r"\{([^{}:!]*)[^{}]*\}", lambda match: values.get(match[1], match[0]), template)
