"""An office begins: a package with the city becomes a workspace, which is a device of the centre from its first moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from twin.errors import StorageError
from twin.store import Store
from twin.store import workspace as folders
from twin.sync.courier import Arrival, import_task, require_purpose
from twin.sync.device import Device
from twin.sync.package.manifest import Manifest
from twin.sync.package.reading import Package, require_space
from twin.sync.workspace import WorkspaceCity
from twin.task import Task


def begin_task(path: Path, package: Package, manifest: Manifest, now: Callable[[], datetime]) -> Task[Arrival]:
    """Make a workspace of a package that was verified; one that is stopped or fails leaves nothing behind.

    Raises ``PackageError`` for a package that is no city, ``StorageError`` when there is something at ``path`` already.
    """
    require_purpose(manifest, package, "city")
    if path.exists():
        raise StorageError(f"'{path.name}' exists already in {path.parent}.", "Choose another name, or import into it.")
    require_space(path.parent, manifest.size)
    try:
        with Store.create(path, name=manifest.contents.city_name, now=now) as store:
            device = Device(WorkspaceCity(store), lambda: manifest.contents.target, store.now_ms)
            return (yield from import_task(package, manifest, device))
    except BaseException:
        folders.remove(path)
        raise
