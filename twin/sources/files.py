"""Files as the world gives them: missing, empty, forbidden, packed, or packed to do harm."""

from __future__ import annotations

import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

from twin.errors import DataError

MEMBER_LIMIT = 1000
RATIO_LIMIT = 200  # deflate reaches 1032 on zeros; elevation of open sea, the emptiest honest data, stays below 150
SMALL = 1 << 20  # a file this small may be packed as tightly as it likes
_CHUNK = 1 << 20
# What Python raises for an archive whose bytes are not what they were.
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, struct.error)


def check_readable(path: Path) -> None:
    """Make sure that ``path`` is a file with something in it.

    Raises ``DataError`` saying what is wrong and what to do.
    """
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder.", "Name one file in it.")
        if not path.exists():
            raise DataError(f"There is no file {path}.", "Check the name and the folder.")
        if path.stat().st_size == 0:
            raise DataError(f"{path.name} is empty.", "Get the file again: 0 bytes were found.")
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}.", "Ask its owner for the right to read it, or copy it."
        ) from error


def head(path: Path, size: int = 512) -> bytes:
    """Return the first bytes of a file; none when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def is_zip(path: Path) -> bool:
    """Return whether the file begins as a zip archive does."""
    return head(path, 4) == b"PK\x03\x04"


def members(path: Path) -> list[zipfile.ZipInfo]:
    """Return the files in an archive, in order, without folders and what operating systems add.

    Raises ``DataError`` when it is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise DataError(f"{path.name} is not a whole zip archive: {error}.", "Get the file again.") from error
    return [info for info in infos if not info.is_dir() and not info.filename.startswith("__MACOSX/")]


def check_archive(path: Path, size_limit: int) -> list[zipfile.ZipInfo]:
    """Refuse an archive that would fill the disk or write outside its folder, before anything is unpacked.

    Returns its files. Raises ``DataError``.
    """
    infos = members(path)
    if not infos:
        raise DataError(f"{path.name} holds no file.", "Get the archive again.")
    if len(infos) > MEMBER_LIMIT:
        raise DataError(f"{path.name} holds {len(infos)} files; at most {MEMBER_LIMIT} are unpacked.", "Unpack it yourself.")
    total = sum(info.file_size for info in infos)
    packed = max(1, path.stat().st_size)
    if total > size_limit or (total > SMALL and total / packed > RATIO_LIMIT):
        raise DataError(
            f"{path.name} would unpack from {packed:,} to {total:,} bytes and looks like a zip bomb; nothing was unpacked.",
            "Unpack it yourself if you trust it, and import the file inside.",
        )
    for info in infos:
        _check_member(path, info)
    return infos


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    is_link = (info.external_attr >> 16) & 0o170000 == 0o120000
    if name.startswith(("/", "\\")) or ".." in parts or PureWindowsPath(name).drive or is_link:
        raise DataError(f"{path.name} holds {name!r}, which points outside the archive.", "Do not trust this file.")
    if info.flag_bits & 1:
        raise DataError(f"{path.name} is protected by a password.", "Unpack it yourself and import the file inside.")


@contextmanager
def unpacked(path: Path, size_limit: int) -> Iterator[Path]:
    """Unpack an archive into a temporary folder, all files side by side, and take the folder away afterwards.

    The sizes are checked before and counted while unpacking, so a header that lies does not help.

    Raises ``DataError`` for archives that are damaged or refused.
    """
    infos = check_archive(path, size_limit)
    folder = Path(tempfile.mkdtemp(prefix="citytwin-"))
    try:
        _unpack_all(path, infos, folder, size_limit)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unpack_all(path: Path, infos: list[zipfile.ZipInfo], folder: Path, size_limit: int) -> None:
    names = [PurePosixPath(info.filename.replace("\\", "/")).name for info in infos]
    twice = next((name for name in names if names.count(name) > 1 and name), "")
    if twice:
        raise DataError(f"{path.name} holds {twice!r} in more than one folder.", "Unpack it and import the file you mean.")
    try:
        left = size_limit
        with zipfile.ZipFile(path) as archive:
            for info, name in zip(infos, names, strict=True):
                left = _unpack(archive, info, folder / name, left)
    except DAMAGE as error:
        raise DataError(
            f"{path.name} cannot be unpacked: {error}.", "Get the file again, and see that the disk has room."
        ) from error


def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left: int) -> int:
    with archive.open(info) as packed, target.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise DataError(f"{info.filename} unpacks to more than it says.", "Do not trust this archive.")
            file.write(chunk)
    return left
