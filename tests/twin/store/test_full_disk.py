"""A disk that really is full: a small file system of its own, where this machine lets us mount one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shapely import Point

from twin.model.changes import Change
from twin.model.network import Node
from twin.store import Store

ROOT = Path(__file__).resolve().parents[3]

ON_A_FULL_DISK = """
import sys
from pathlib import Path
from shapely import Point
from twin.errors import StorageError
from twin.model.changes import Change
from twin.model.network import Node
from twin.store import Store
folder = Path(sys.argv[1])
with Store.open(folder, writable=False) as store:
    print(store.version, store.counts()["node"])
try:
    with Store.open(folder) as store:
        store.write([Change(None, Node(id=store.ids(), geometry=Point(8, 47)))], title="more")
except StorageError as error:
    print("full" in error.message, bool(error.advice))
try:
    Store.create(folder.with_name("new.twin"))
except StorageError as error:
    print("full" in error.message, folder.with_name("new.twin").exists())
with Store.open(folder, writable=False) as store:
    from twin.task import finish
    try:
        finish(store.export_geopackage(folder.with_name("city.gpkg")))
    except StorageError as error:
        print(bool(error.advice))
print(sorted(path.name for path in folder.parent.iterdir()), (folder / "holder.json").exists())
"""


@pytest.mark.parametrize("left_kb", [0, 12, 40])
def test_a_full_disk_is_said_and_can_still_be_read(tmp_path, left_kb):
    unshare = shutil.which("unshare")
    probe = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=4m tmpfs "$0"', str(tmp_path)]
    if unshare is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    city, disk = tmp_path / "a.twin", tmp_path / "disk"
    disk.mkdir()
    with Store.create(city) as store:
        store.write([Change(None, Node(id=store.ids(), geometry=Point(8, 47)))], title="whole")
    script = (
        'mount -t tmpfs -o size=4m tmpfs "$1" && cp -r "$0" "$1" && '
        f'dd if=/dev/zero of="$1/rest" bs=1024 count=$(($(df -k --output=avail "$1" | tail -1) - {left_kb})) 2>/dev/null; '
        f'"{sys.executable}" -c "$2" "$1/a.twin"'
    )
    seen = subprocess.run(
        ["unshare", "-m", "sh", "-c", script, str(city), str(disk), ON_A_FULL_DISK],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert seen.returncode == 0, seen.stderr
    assert seen.stdout.splitlines() == ["1 1", "True True", "True False", "True", "['a.twin', 'rest'] False"]
