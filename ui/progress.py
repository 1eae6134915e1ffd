"""Progress of long work in words and in a bar."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar

from twin.task import Progress
from ui.language import percent, tr, tr_sentence
from ui.worker import Work


def in_words(work: Work) -> str:
    """Return what is being done, and what exactly just now."""
    now = tr_sentence(work.progress.message)
    detail = f" {work.progress.detail}" if work.progress.detail else ""
    label = tr(work.label)
    return label if now == label and not detail else tr(": ").join([label, now + detail])


def show_in(bar: QProgressBar, progress: Progress) -> None:
    """Show progress in a bar; one without a known end moves to and fro."""
    fraction = progress.fraction
    if fraction is None:
        bar.setRange(0, 0)
        return
    bar.setRange(0, 1000)
    bar.setValue(round(fraction * 1000))
    bar.setFormat(percent(fraction))
