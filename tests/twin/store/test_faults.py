"""What the world does to a workspace: full disks, damaged files, read-only folders, killed and rival processes."""

from __future__ import annotations

import errno
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
from shapely import Point

from twin.errors import StorageError
from twin.model.changes import Change
from twin.model.network import Node
from twin.store import Store, files

ROOT = Path(__file__).resolve().parents[3]


def nodes(store, count):
    return [Change(None, Node(id=store.ids(), geometry=Point(8 + i / 1000, 47))) for i in range(count)]


def in_another_process(code, *arguments):
    """Start a program of ours beside this one."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


HOLD = """
import sys
from pathlib import Path
from twin.store import Store
with Store.open(Path(sys.argv[1])) as store:
    print("open", flush=True)
    sys.stdin.readline()
"""

WRITE_UNTIL_KILLED = """
import sys
import numpy as np
from pathlib import Path
from shapely import Point
from twin.model.changes import Change
from twin.model.network import Node
from twin.store import Store
with Store.open(Path(sys.argv[1])) as store:
    store.write([Change(None, Node(id=store.ids(), geometry=Point(8, 47)))], title="whole")
    with store.transaction("half") as transaction:
        day = np.array(["2026-01-01"], dtype="datetime64[s]")
        transaction.write(Change(None, Node(id=store.ids(), geometry=Point(8, 47))) for _ in range(20000))
        transaction.append_history("fill_reading", {"subject_id": ["b"], "at": day, "fill_level": [0.5]})
        transaction.finish()
        print("writing", flush=True)
        sys.stdin.readline()
"""


def test_a_process_killed_while_it_writes_leaves_the_last_whole_state(store, folder):
    store.write(nodes(store, 3), title="before")
    store.close()
    process = in_another_process(WRITE_UNTIL_KILLED, folder)
    assert process.stdout.readline() == "writing\n"
    assert len(list((folder / "history").iterdir())) == 1
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    with Store.open(folder) as after:
        assert (after.version, after.counts()["node"], after.counts()["fill_reading"]) == (2, 4, 0)
        assert [entry.title for entry in after.journal()] == ["whole", "before"]
        assert list((folder / "history").iterdir()) == []
        after.undo()
        assert len(after.snapshot(["node"])["node"]) == 3


def test_two_processes_cannot_write_but_one_may_read(store, folder):
    store.write(nodes(store, 1), title="t")
    store.close()
    process = in_another_process(HOLD, folder)
    try:
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StorageError, match=rf"open for writing in CityTwin \(process {process.pid}, since 20") as caught:
            Store.open(folder)
        assert caught.value.advice == "Close it there, or open it here for reading."
        with Store.open(folder, writable=False) as reader:
            assert reader.counts()["node"] == 1
            with pytest.raises(StorageError, match="open for reading only"):
                reader.write([], title="t")
    finally:
        process.communicate("\n")
    Store.open(folder).close()


def test_a_reader_sees_what_another_process_commits(store, folder):
    with Store.open(folder, writable=False) as reader:
        store.write(nodes(store, 2), title="t")
        assert (reader.version, reader.counts()["node"]) == (1, 2)


def test_threads_read_the_last_whole_state_while_one_writes(store):
    store.write(nodes(store, 2), title="before")
    seen = []
    with store.transaction("long") as transaction:
        transaction.write(nodes(store, 5))
        transaction.flush()
        thread = threading.Thread(target=lambda: seen.append((store.version, len(store.snapshot(["node"])["node"]))))
        thread.start()
        thread.join()
        assert store.counts()["node"] == 7
    assert seen == [(1, 2)]


def test_a_read_only_disk(store, folder):
    """Somebody else's folder without the right to write is what a read-only disk looks like to a program."""
    store.write(nodes(store, 2), title="t")
    store.close()
    with tempfile.TemporaryDirectory() as outside:
        copy = Path(outside) / "copy.twin"
        shutil.copytree(folder, copy)
        before = contents(copy)
        for path in [*copy.rglob("*"), copy]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        Path(outside).chmod(0o755)
        code = """
import os
import sys
from pathlib import Path
from twin.errors import StorageError
from twin.store import Store
if os.geteuid() == 0:
    os.seteuid(65534)  # root may write anywhere
with Store.open(Path(sys.argv[1]), writable=False) as store:
    print(store.counts()["node"], len(store.snapshot()["node"]))
try:
    Store.open(Path(sys.argv[1]))
except StorageError as error:
    print(error)
"""
        out, _ = in_another_process(code, copy).communicate()
        assert out.splitlines() == [
            "2 2",
            "The workspace 'copy.twin' could not be used: you may not write there. Choose a folder of your own or ask for the right to write.",
        ]
        assert contents(copy) == before
        copy.chmod(0o755)
        for path in copy.rglob("*"):
            path.chmod(0o755)


def test_a_full_disk_in_the_middle_of_a_write(store):
    store.write(nodes(store, 10), title="before")
    db = store._connections.writer
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + 5}")
    with pytest.raises(StorageError, match="the disk is full") as caught:
        store.write(nodes(store, 5000), title="too much")
    assert "nothing of this change was kept" in caught.value.advice
    assert (store.version, store.counts()["node"]) == (1, 10)
    db.execute("PRAGMA max_page_count = 1000000")
    store.write(nodes(store, 5000), title="now it fits")
    assert store.counts()["node"] == 5010
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("step", ["force_to_disk", "register"])
def test_a_full_disk_while_a_history_is_written(store, folder, monkeypatch, step):
    def fails(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, step, fails)
        with pytest.raises(StorageError, match="the disk is full"), store.transaction("t") as transaction:  # noqa: PT012  the block is what fails
            transaction.write(nodes(store, 1))
            day = np.array(["2026-01-01"], dtype="datetime64[s]")
            transaction.append_history("fill_reading", {"subject_id": ["b"], "at": day, "fill_level": [0.5]})
    assert list((folder / "history").iterdir()) == []
    assert (store.version, store.counts()["node"]) == (0, 0)


def test_somebody_elses_error_is_not_the_stores(store):
    def source():
        yield nodes(store, 1)[0]
        raise FileNotFoundError("roads.osm")

    with pytest.raises(FileNotFoundError):
        store.write(source(), title="t")
    assert store.version == 0


def test_what_is_no_workspace(tmp_path, folder):
    with pytest.raises(StorageError, match=r"There is no workspace 'city.twin'"):
        Store.open(folder)
    folder.mkdir()
    with pytest.raises(StorageError, match=r"it has no store\.db"):
        Store.open(folder)
    (folder / "store.db").write_bytes(b"this is no database, however long it may be" * 100)
    for writable in (True, False):
        with pytest.raises(StorageError, match="no database"):
            Store.open(folder, writable=writable)
    (folder / "store.db").unlink()
    sqlite3.connect(folder / "store.db").execute("CREATE TABLE x (y)").connection.close()
    with pytest.raises(StorageError, match="another program's"):
        Store.open(folder, writable=False)


def test_a_damaged_database_is_reported(store, folder):
    store.write(nodes(store, 2000), title="t")
    store.close()
    size = (folder / "store.db").stat().st_size
    with (folder / "store.db").open("r+b") as file:
        for page in range(4, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    with pytest.raises(StorageError, match=r"damaged|no database") as caught, Store.open(folder, writable=False) as damaged:
        damaged.snapshot()
    assert "backup" in caught.value.advice


def test_creating_where_something_is_or_nothing_can_be(store, folder, tmp_path):
    with pytest.raises(StorageError, match=r"'city.twin' exists already"):
        Store.create(folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be used"):
        Store.create(tmp_path / "file" / "new.twin")


def test_a_workspace_that_could_not_be_made_is_removed(folder, monkeypatch):
    def fails(*_):
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("twin.store.migrations.registers", fails)
    monkeypatch.setattr("twin.store.migrations.MIGRATIONS", (fails,))
    fails.__name__ = "fails"
    with pytest.raises(StorageError):
        Store.create(folder)
    assert not folder.exists()


def test_a_closed_store_says_so(store):
    store.close()
    store.close()
    with pytest.raises(StorageError, match="is closed"):
        store.counts()


def test_a_lock_whose_note_cannot_be_written_is_given_back(store, folder, monkeypatch):
    store.close()

    def fails(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", fails)
        with pytest.raises(StorageError, match="the disk is full"):
            Store.open(folder)
    Store.open(folder).close()


def test_a_workspace_whose_log_cannot_be_written_back_keeps_it(store, folder):
    store.write(nodes(store, 10), title="t")
    reader = sqlite3.connect(folder / "store.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM node").fetchone()  # pins the log, so that it cannot be written back whole
    store.write(nodes(store, 10), title="t")
    store.close()
    reader.close()
    with Store.open(folder) as again:
        assert again.counts()["node"] == 20
