"""What people say about a scenario or a result; it is stored, synchronised and undone like any other thing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from twin.model.entity import Entity, attribute

SUBJECTS = ("scenario", "result")


@dataclass(frozen=True, kw_only=True)
class Comment(Entity):
    """A remark of one person on a scenario or a result."""

    kind: ClassVar[str] = "comment"
    label: ClassVar[str] = "Comment"
    label_plural: ClassVar[str] = "Comments"

    about_kind: str = attribute("On", "scenario", choices=SUBJECTS)
    about_id: str = attribute("Key", "", definition="Key of the scenario, or name of the stored result.")
    text: str = attribute("Text", "", personal="text")
    author: str = attribute("Author", "")
    department: str = attribute("Department", "", definition="That of what it is on.")
    written_at: datetime | None = attribute("Written", None)
