"""Undo and redo in words, for the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twin.model.changes import PassedOver, Step
from ui.language import mark, number, tr, tr_sentence

UNDONE, REDONE = mark("Taken back: {title}."), mark("Done again: {title}.")
NOTHING_TO_UNDO, NOTHING_TO_REDO = mark("There is nothing to take back."), mark("There is nothing to do again.")
MOST_NAMED = 3
"""How many entries that were passed over a message of the window names."""


def title_in_words(title: str) -> str:
    """Return the title of an entry in the language in use; that of an undo or redo names what was taken back."""
    for word in ("Undo", "Redo"):
        if title.startswith(f"{word}: "):
            return tr(": ").join([tr(word), title_in_words(title.removeprefix(f"{word}: "))])
    return tr_sentence(title)


def passed_in_words(item: PassedOver) -> str:
    """Return which entry stays, and why."""
    return tr("'{title}' stays: {why}.", title=title_in_words(item.title), why=tr_sentence(item.why))


def hint(step: Step, nothing: str) -> str:
    """Return what a button would do, with what it would pass over; ``nothing`` (English) where there is nothing to do."""
    return "\n".join([tr(nothing) if step.title is None else title_in_words(step.title), *passed(step)])


def lines(step: Step, done: str, nothing: str) -> list[str]:
    """Return what was done, and a line for each entry that was passed over; ``done`` (English) has a place for the title."""
    first = tr(nothing) if step.title is None else tr(done, title=title_in_words(step.title))
    return [first, *map(passed_in_words, step.passed_over)]


def as_json(step: Step) -> Mapping[str, Any]:
    """Return a step as the command line prints it as JSON."""
    return {
        "done": step.title is not None,
        "title": step.title,
        "touched": {kind: len(ids) for kind, ids in step.effects.items()},
        "passed_over": [{"title": item.title, "why": item.why} for item in step.passed_over],
    }


def told(step: Step, done: str, nothing: str) -> str:
    """Return what was done in one message; ``done`` (English) has a place for the title."""
    return " ".join([lines(step, done, nothing)[0], *passed(step)])


def passed(step: Step) -> list[str]:
    """Return a sentence for each of the first entries that were passed over, and how many more there are."""
    named = [passed_in_words(item) for item in step.passed_over[:MOST_NAMED]]
    rest = len(step.passed_over) - MOST_NAMED
    return [*named, tr("{count} more stay.", count=number(rest))] if rest > 0 else named
