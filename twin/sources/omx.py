"""OMX: matrices of trips in HDF5, as transport models exchange them (Open Matrix, version 0.2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twin.errors import DataError
from twin.sources.base import Item, ReadOptions
from twin.sources.files import head
from twin.sources.od_matrix import check_size, square
from twin.task import Progress

_MAGIC = b"\x89HDF\r\n\x1a\n"
_ADVICE = "Export it again as an Open Matrix file (.omx)."


class OmxSource:
    """Open Matrix files."""

    name = "omx"
    label = "Open Matrix (OMX)"
    extensions = (".omx",)

    def sniff(self, path: Path) -> bool:
        """Return whether the file is HDF5."""
        return path.suffix.lower() == ".omx" or head(path, 8) == _MAGIC

    def read(self, path: Path, options: ReadOptions) -> Iterator[Item]:
        """Give the trips of one matrix: that named by ``layer``, or the only one."""
        yield Progress("Reading the file", 0, 0)
        labels, trips = read_omx(path, options.layer)
        yield square(path.name, labels, trips)


def read_omx(path: Path, name: str | None = None) -> tuple[list[str], NDArray[np.float64]]:
    """Return the names of the zones and the matrix of a name ``(z, z)``.

    Zones are named by the file's lookup; without one, 1, 2, 3 …. Raises ``DataError`` when the file is damaged or does
    not tell which matrix is meant.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            matrices = _group(file, "data")
            chosen = _chosen(path, sorted(matrices), name)
            trips = _numbers(path, matrices[chosen])
            labels = _labels(path, _group(file, "lookup"), len(trips))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path.name} is not a whole Open Matrix file: {error}.", _ADVICE) from error
    return labels, trips


def _numbers(path: Path, found: Any) -> NDArray[np.float64]:
    """Return the numbers of a data set. Raises ``DataError`` for what is no matrix of real numbers, or too large a one."""
    if getattr(found, "ndim", 0) != 2 or found.dtype.kind not in "iuf":
        raise DataError(f"{path.name}: {found.name!r} is no matrix of numbers.", _ADVICE)
    check_size(path.name, max(found.shape))
    return np.asarray(found[()], np.float64)


def _group(file: Any, name: str) -> dict[str, Any]:
    return dict(file[name]) if name in file else {}


def _chosen(path: Path, names: Sequence[str], asked: str | None) -> str:
    if asked is not None and asked in names:
        return asked
    if asked is None and len(names) == 1:
        return names[0]
    if not names:
        raise DataError(f"{path.name} holds no matrix.", _ADVICE)
    found = ", ".join(names)
    if asked is not None:
        raise DataError(f"{path.name} has no matrix {asked!r}; its matrices: {found}.", "Name one of them with --layer.")
    raise DataError(f"{path.name} holds several matrices: {found}.", "Name one of them with --layer.")


def _labels(path: Path, lookups: dict[str, Any], size: int) -> list[str]:
    for name in sorted(lookups):
        values = [value.decode() if isinstance(value, bytes) else value for value in lookups[name][()].tolist()]
        if len(values) != size:
            raise DataError(f"{path.name} names {len(values)} zones and has a matrix of {size} rows.", _ADVICE)
        return [str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in values]
    return [str(number) for number in range(1, size + 1)]


def write_omx(path: Path, labels: Sequence[str], matrices: dict[str, NDArray[np.float64]]) -> None:
    """Write matrices ``(z, z)`` and the names of their zones. Raises ``DataError`` when the file cannot be written."""
    import h5py

    try:
        with h5py.File(path, "w") as file:
            file.attrs["OMX_VERSION"] = np.bytes_("0.2")
            file.attrs["SHAPE"] = np.array([len(labels), len(labels)], np.int32)
            data = file.create_group("data")
            for name, trips in matrices.items():
                data.create_dataset(name, data=trips, compression="gzip", compression_opts=1)
            file.create_group("lookup").create_dataset("zone", data=[label.encode() for label in labels])
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error}.", "Choose another place.") from error
