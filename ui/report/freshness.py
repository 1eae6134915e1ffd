"""How old and how many the records are that a report's numbers rest on."""

from __future__ import annotations

from twin.model.catalogue import KIND_OF
from twin.model.snapshot import Snapshot
from ui.language import number, time_text, tr
from ui.timing import newest_by_kind


def freshness(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return pairs of label and text: the city's version, the records of each kind, the newest moment known."""
    facts = [(tr("City"), snapshot.name), (tr("Version of the city"), number(snapshot.version))]
    newest = newest_by_kind(snapshot)
    for kind, frame in snapshot.frames.items():
        if not len(frame):
            continue
        text = number(len(frame))
        if kind in newest:
            text = tr("{count}, newest {time}", count=text, time=time_text(newest[kind]))
        facts.append((tr(KIND_OF[kind].label_plural), text))
    if snapshot.sources:
        facts.append((tr("Sources"), ", ".join(sorted(snapshot.sources))))
    return facts
