"""Things in words, in the language in use: 'Yangtze Bridge and 2 more'."""

from __future__ import annotations

from collections.abc import Iterable

from twin.model.catalogue import HISTORY_OF, KIND_OF
from twin.model.entity import Entity
from twin.model.network import ROAD_CLASSES
from twin.model.snapshot import Snapshot
from ui.language import language, mark, number, tr, tr_choice

_ROAD_LABELS = {item.name: item.label for item in ROAD_CLASSES}
_RESULT_LABELS = {
    "cell": mark("Hexagon"),
    "route": mark("Route"),
    "stop": mark("Stop"),
    "new_bin": mark("New bin"),
    "desire": mark("Desire line"),
    "day": mark("Day"),
}
LISTED_NAMES = 2  # names said before "and n more"


def kind_label(kind: str, count: int = 1) -> str:
    """Return what things of a kind are called, those of results included."""
    record_type = KIND_OF.get(kind) or HISTORY_OF.get(kind)
    if record_type is not None:
        return tr(record_type.label if count == 1 else record_type.label_plural)
    return tr(_RESULT_LABELS.get(kind, kind))


def counted(kind: str, count: int) -> str:
    """Return how many things of a kind: '3 roads'."""
    label = kind_label(kind, count)
    return tr("{count} {things}", count=number(count), things=label.lower() if language() == "en" else label)


def name_of(snapshot: Snapshot, kind: str, key: str) -> str:
    """Return the name of a thing as people say it; one without a name is called by what it is."""
    frame = snapshot.frames.get(kind)
    row = frame.row_of.get(key) if frame is not None else None
    if frame is None or row is None:
        return f"{kind_label(kind)} {key}"
    values = {column: str(frame[column][row]) for column in ("name", "name_en", "road_class", "use") if column in frame.columns}
    return _called(kind, values)


def name_of_entity(entity: Entity) -> str:
    """Return the name of one thing as people say it; one without a name is called by what it is."""
    values = {column: str(getattr(entity, column, "")) for column in ("name", "name_en", "road_class", "use")}
    return _called(entity.kind, values)


def _called(kind: str, values: dict[str, str]) -> str:
    order = ("name_en", "name") if language() == "en" else ("name", "name_en")
    for column in order:
        if values.get(column):
            return values[column]
    if values.get("road_class"):
        return tr(_ROAD_LABELS[values["road_class"]])
    if values.get("use"):
        return tr("{kind} ({use})", kind=kind_label(kind), use=tr_choice(values["use"]))
    return kind_label(kind)


def names_in_words(snapshot: Snapshot, kind: str, ids: Iterable[str]) -> str:
    """Return the names of some things, each once: the first few, and how many more there are."""
    keys = list(ids)
    names = list(dict.fromkeys(name_of(snapshot, kind, key) for key in keys[:200]))
    if not names:
        return ""
    if len(names) == 1:
        return names[0] if len(keys) == 1 else tr("{name} ({count} pieces)", name=names[0], count=number(len(keys)))
    said = tr(", ").join(names[:LISTED_NAMES])
    more = len(names) - LISTED_NAMES
    return tr("{names} and {count} more", names=said, count=number(more)) if more > 0 else said
