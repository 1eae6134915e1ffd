"""Disks that refuse: full, pulled out, read-only; nothing half-written is left, and an older package stays."""

from __future__ import annotations

import errno
import io
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.offices import NOW, packed
from twin.errors import CancelledError, PackageError, StorageError
from twin.sync.package.reading import open_package
from twin.sync.package.writing import Source
from twin.task import finish

ROOT = Path(__file__).resolve().parents[4]
LARGE = Random(1).randbytes(5 << 20)


def large():
    return [Source("a", "blob", [LARGE[at : at + 65536] for at in range(0, len(LARGE), 65536)])]


def fault_of(action):
    """Return the error that an action ends with, None without any."""
    try:
        action()
    except StorageError as error:
        return error
    return None


class Failing(io.FileIO):
    """A file whose calls of one kind fail as the system would, from the one on that ``calls`` has no turn for."""

    def __init__(self, path, mode, fault, call, calls):
        super().__init__(path, mode)
        self._fault, self._call, self._calls = fault, call, calls

    def _count(self, call):
        if call == self._call and next(self._calls, None) is None:
            raise OSError(self._fault, os.strerror(self._fault))

    def write(self, data):
        self._count("write")
        return super().write(data)

    def read(self, size=-1):
        self._count("read")
        return super().read(size)


@pytest.fixture
def failing(monkeypatch):
    """Return a function after which files that are opened as ``mode`` fail at the ``nth`` call."""
    real = Path.open

    def begin(fault, call, nth, ending):
        calls = iter(range(nth))

        def opened(self, mode="r", *rest, **named):
            if self.name.endswith(ending) and "b" in mode:
                return Failing(self, mode.replace("b", ""), fault, call, calls)
            return real(self, mode, *rest, **named)

        monkeypatch.setattr(Path, "open", opened)

    return begin


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.ENODEV, errno.EFBIG, errno.EROFS])
def test_a_write_that_fails_leaves_the_older_package_and_nothing_else(tmp_path, rings, failing, monkeypatch, fault):
    path = tmp_path / "north.ctpkg"
    packed(path, rings["north"], [rings["centre"]])
    before = path.read_bytes()
    writes = 0
    for nth in range(12):
        failing(fault, "write", nth, ".partial")
        error = fault_of(lambda: packed(path, rings["north"], [rings["centre"]], large()))
        monkeypatch.undo()
        if error is None:
            break
        writes += 1
        assert ("could not be written" in error.message, bool(error.advice)) == (True, True)
        assert (path.read_bytes() == before, [item.name for item in tmp_path.iterdir()]) == (True, ["north.ctpkg"])
    assert writes == 9  # the place of the header, five frames and a rest, the manifest, the header: each failed in its turn


def test_a_stick_that_is_pulled_out_while_it_is_read_is_named(package, rings, failing, monkeypatch):
    for nth in range(100):
        failing(errno.EIO, "read", nth, ".ctpkg")
        error = fault_of(lambda: finish(open_package(package, rings["centre"], NOW).verify_task()))
        monkeypatch.undo()
        if error is None:
            break
        assert error.message == "'north.ctpkg' could not be read: the disk failed or was taken out."
    assert 10 < nth < 99  # each read failed in its turn, until there was none left


def test_what_is_read_back_differently_is_not_kept(tmp_path, rings, monkeypatch):
    real = os.fsync

    def losing(handle):
        real(handle)
        if stat.S_ISREG(os.fstat(handle).st_mode):
            os.pwrite(handle, b"\0" * 8, os.fstat(handle).st_size // 2)

    monkeypatch.setattr(os, "fsync", losing)
    with pytest.raises(PackageError, match="not what was written"):
        packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_to_is_named(tmp_path, rings):
    if os.geteuid() == 0:
        with pytest.raises(StorageError, match="could not be written"):
            packed(Path("/proc/x.ctpkg"), rings["north"], [rings["centre"]])
        return
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="you may not write there"):
        packed(tmp_path / "x.ctpkg", rings["north"], [rings["centre"]])


def test_a_stopped_writing_leaves_nothing(tmp_path, rings):
    from tests.offices import CONTENTS
    from twin.sync.package.writing import Letter, write_package

    letter = Letter(id="p", purpose="push", recipients=[rings["centre"].own.card], created_at=NOW, expires_at=NOW)
    for steps in range(0, 90, 10):
        task = write_package(tmp_path / "x.ctpkg", letter, CONTENTS, large(), rings["north"].own)
        asked = iter(range(steps))
        with pytest.raises(CancelledError):
            finish(task, is_cancelled=lambda asked=asked: next(asked, None) is None)
        assert list(tmp_path.iterdir()) == []


LIMITED = """
import sys
from pathlib import Path
from tests.offices import packed
from twin.errors import StorageError
from twin.sync.package.keys import KeyRing
from twin.sync.package.writing import Source
keys, path = Path(sys.argv[1]), Path(sys.argv[2])
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
try:
    packed(path, KeyRing(keys / "north"), [KeyRing(keys / "centre")], [Source("a", "blob", [bytes(range(256)) * 40])] * 1)
except StorageError as error:
    print(error.message)
print(sorted(item.name for item in path.parent.iterdir()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are those of POSIX")
@pytest.mark.parametrize("most", [100, 700, 1500])
def test_a_file_system_that_takes_no_larger_file_is_named(tmp_path, rings, most):
    assert resource.RLIMIT_FSIZE is not None
    out = tmp_path / "stick"
    out.mkdir()
    words = [sys.executable, "-c", LIMITED, str(rings["north"].folder.parent), str(out / "x.ctpkg"), str(most)]
    seen = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert seen.returncode == 0, seen.stderr
    assert seen.stdout.splitlines() == ["'x.ctpkg' could not be written: its file system takes no file of that size.", "[]"]
