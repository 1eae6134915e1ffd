"""How fast a large offline package is written, verified and read, and how much memory that needs."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from twin.sync.package.keys import KeyRing
from twin.sync.package.manifest import Contents
from twin.sync.package.reading import open_package
from twin.sync.package.writing import Letter, Source, write_package
from twin.task import finish

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PIECE = 1 << 20


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark package", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1200, help="plain size; a third of it does not compress")
    parser.add_argument("--folder", type=Path, help="where to write, such as a stick")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        ring = KeyRing(folder / "keys")
        card = ring.make("office").card
        letter = Letter(id="p", purpose="city", recipients=[card], created_at=NOW, expires_at=NOW + timedelta(days=1))
        part = Source("blobs/large", "blob", pieces(options.megabytes))
        before = peak_mb()
        task = write_package(folder / "x.ctpkg", letter, Contents(city_id="c", city_name="City"), [part], ring.own)
        written = told("write, fsync, read back", options.megabytes, lambda: finish(task))
        opened = open_package(folder / "x.ctpkg", ring, NOW)
        told("verify every byte", options.megabytes, lambda: finish(opened.verify_task()))
        print(f"{options.megabytes:,} MB in a file of {written.size / 1e6:,.0f} MB")
        print(f"memory: {before:,.0f} MB before, {peak_mb():,.0f} MB at most")


def pieces(count: int) -> Iterator[bytes]:
    """Yield bytes of which a third does not compress."""
    chance = Random(1)
    for number in range(count):
        yield (
            chance.randbytes(PIECE)
            if number % 3 == 0
            else (b'{"kind":"bin","id":"%d","fill_level":0.%d}\n' % (number, number)) * (PIECE // 42)
        )


def told(what: str, megabytes: int, action):  # noqa: ANN001, ANN201  any action's value
    """Do something, print how long it took, and return its value."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = action()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{what:26s}{wall:8.1f} s wall {cpu:8.1f} s of processor {megabytes / cpu:8.0f} MB/s of processor", flush=True)
    return value


def peak_mb() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
