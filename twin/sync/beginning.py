"""An office begins: a package with the city becomes a workspace, which is a device of the centre from its first moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from twin.errors import StorageError
from twin.store import Store
from twin.store import workspace as folders
from twin.store.files import StoredFile, read_pieces
from twin.sync.courier import Arrival, import_task, require_purpose
from twin.sync.device import Device
from twin.sync.package.manifest import Manifest, PartKind
from twin.sync.package.reading import Package, require_space
from twin.sync.package.writing import Source
from twin.sync.server import pin
from twin.sync.workspace import WorkspaceCity
from twin.task import Progress, Task


def begin_task(path: Path, package: Package, manifest: Manifest, now: Callable[[], datetime]) -> Task[Arrival]:
    """Make a workspace of a package that was verified; one that is stopped or fails leaves nothing behind.

    It is made beside ``path`` and gets its name when it is whole: a process that is killed leaves something that no
    one takes for a city, and that the next try clears away.

    Raises ``PackageError`` for a package that is no city, ``StorageError`` when there is something at ``path`` already.
    """
    require_purpose(manifest, package, "city")
    if path.exists():
        raise StorageError(f"'{path.name}' exists already in {path.parent}.", "Choose another name, or import into it.")
    require_space(path.parent, manifest.size)
    unfinished = path.with_name(f"{path.stem}.unfinished{path.suffix}")
    folders.remove(unfinished)
    try:
        with Store.create(unfinished, name=manifest.contents.city_name, now=now) as store:
            origin = manifest.contents.scope.get("origin")
            if origin:
                store.set_origin(*origin)
            device = Device(WorkspaceCity(store), lambda: manifest.contents.target, store.now_ms)
            arrival = yield from import_task(package, manifest, device)
            yield from _adopt(store, package, manifest)
        pin(unfinished, package.sender)
        unfinished.rename(path)
    except BaseException:
        folders.remove(unfinished)
        raise
    return arrival


def file_parts(store: Store) -> Iterator[Source]:
    """Yield the histories and the terrain of a workspace as parts of a package."""
    for file in store.files():
        kind: PartKind = "terrain" if file.kind == "terrain" else "history"
        about = {"kind": file.kind, **file.as_json()}
        yield Source(f"files/{file.name}", kind, read_pieces(store.path / file.name), about)


def _adopt(store: Store, package: Package, manifest: Manifest) -> Task[None]:
    for part in manifest.parts:
        if part.kind in ("history", "terrain"):
            yield Progress("Taking over the city's files", detail=part.name)
            about = part.about
            file = StoredFile(
                part.name, str(about["kind"]), int(about["rows"]), about["first"], about["last"], str(about["sha256"])
            )
            with store.reception("Files of the city") as transaction:
                transaction.adopt(file, package.pieces(part))
