"""Terrain on disk: one compressed array of heights with its place in the city's metres."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np

from twin.model.snapshot import Terrain
from twin.store.faults import whole

KIND = "terrain"
_MEMBERS = ("heights_m.npy", "grid.npy")


def write(path: Path, terrain: Terrain) -> None:
    """Write heights as an .npz archive; its members carry a fixed time, so that the same heights give the same bytes."""
    arrays = (np.asarray(terrain.heights_m, dtype=np.float32), np.array([terrain.x0_m, terrain.y0_m, terrain.step_m]))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in zip(_MEMBERS, arrays, strict=True):
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(name), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def read(path: Path) -> Terrain:
    """Read the heights back."""
    with (
        whole(path, "Restore that file from a backup, or take back the import that it came from (citytwin undo)."),
        path.open("rb") as file,
        np.load(file, allow_pickle=False) as archive,
    ):
        x0_m, y0_m, step_m = archive["grid"].tolist()
        return Terrain(x0_m, y0_m, step_m, archive["heights_m"])
