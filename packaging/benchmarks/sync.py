"""How fast offices and the centre exchange: changed rows there and back, a first fill, many offices at once.

packaging/benchmark sync [changes|fill|offices|geodiff …] [--postgres] [--rows N] [--fill N] [--offices N]

The centre is a process of its own behind a socket on this machine, in SQLite or (--postgres) in a PostgreSQL that is
started for it; offices are real workspaces. Times are of the clock; processor seconds of offices and centre stand beside.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import IO, cast

import httpx
import shapely

from twin.central.database import Database
from twin.central.register import Account
from twin.central.service import Service
from twin.model.changes import Change
from twin.model.places import Bin
from twin.store import Store
from twin.sync import device_state
from twin.sync.city import PlainCity, Touch
from twin.sync.commit import Commit, Row, Stamp
from twin.sync.device import Device
from twin.sync.exchange import Exchanged, exchange_task
from twin.sync.http import HttpCentre
from twin.sync.log_store import Taken
from twin.sync.mutation import digest
from twin.sync.package.keys import OwnKey
from twin.sync.workspace import device_of
from twin.task import finish

STREETS = ("Harbour Road", "Mill Lane", "中山路", "解放大道", "Station Street", "Rosenweg", "Quai Nord", "人民东路")
ROOT = Path(__file__).resolve().parents[2]
FIELDS = 3
"""How many fields of each row are changed."""


def main() -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(
        prog="packaging/benchmark sync", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="changes, fill, offices, geodiff; all without any")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--fill", type=int, default=1_000_000)
    parser.add_argument("--offices", type=int, default=1_000)
    options = parser.parse_args()
    for part in options.parts or list(PARTS):
        folder = Path(tempfile.mkdtemp(prefix="citytwin-sync-"))
        try:
            PARTS[part](folder, options)
        finally:
            shutil.rmtree(folder)


class Centre:
    """The centre of one measurement: a database and a process that serves it."""

    def __init__(self, url: str) -> None:
        self.service = Service(Database(url), lambda: datetime.now(UTC), Random(1))
        self.service.found()
        self.service.register.add(Account("ada", "admin"))
        self._ring = tempfile.TemporaryDirectory(prefix="citytwin-centre-")
        command = [
            sys.executable, "-c", "from ui.cli import main; main()", "central", "serve", "--port", "0", "--database", url,
            "--keys", self._ring.name,
        ]  # fmt: skip
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        log = cast("IO[str]", self.process.stderr)
        self.url = f"http://127.0.0.1:{json.loads(log.readline())['port']}"
        self.errors = 0
        self._reader = threading.Thread(target=self._read, args=[log])
        self._reader.start()

    def _read(self, log: IO[str]) -> None:
        """Count the answers that are errors, so that the log never fills its pipe."""
        for line in log:
            self.errors += json.loads(line).get("status", 200) >= 400

    def meet(self, name: str, random: Random, transport: httpx.BaseTransport | None = None) -> HttpCentre:
        """Enrol a new computer."""
        centre = HttpCentre(self.url, OwnKey.new(name), random, transport=transport)
        self.service.register.invite("ada", name, datetime.now(UTC) + timedelta(days=1))
        centre.enrol(name)
        return centre

    @property
    def cpu_s(self) -> float:
        """Processor seconds of the centre's process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()
        self._reader.join()
        self.service.database.close()


@contextmanager
def centre_database(folder: Path, *, postgres: bool) -> Iterator[str]:
    """Give the address of an empty database."""
    if not postgres:
        yield f"sqlite:///{folder / 'central.db'}"
        return
    begun = subprocess.run(
        [ROOT / "packaging" / "postgres", "start"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    try:
        yield f"postgresql://citytwin@/citytwin?host={begun}"
    finally:
        subprocess.run([ROOT / "packaging" / "postgres", "stop", begun], check=True)


@contextmanager
def centre_in(folder: Path, options: argparse.Namespace) -> Iterator[Centre]:
    """Give a centre in SQLite or PostgreSQL."""
    with centre_database(folder, postgres=options.postgres) as url:
        centre = Centre(url)
        try:
            yield centre
        finally:
            centre.stop()


class Counting(httpx.HTTPTransport):
    """A line that counts the bytes of bodies as they travel."""

    sent = heard = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        answer = super().handle_request(request)
        content = b"".join(answer.stream)  # type: ignore[arg-type] # of a line that answers at once
        self.sent += len(request.content)
        self.heard += len(content)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(content))


class Clock:
    """Seconds of the clock and of processors since it was made."""

    def __init__(self, centre: Centre) -> None:
        self._centre, self._wall, self._own, self._other = centre, time.perf_counter(), _own_s(), centre.cpu_s

    def __str__(self) -> str:
        wall, own, other = time.perf_counter() - self._wall, _own_s() - self._own, self._centre.cpu_s - self._other
        return f"{wall:7.2f} s  (processor: office {own:.2f} s, centre {other:.2f} s)"


def _own_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def require(is_so: bool, what: str) -> None:
    """Refuse to report a measurement of something that did not happen."""
    if not is_so:
        raise SystemExit(f"This is not so: {what}.")


def exchanged(store: Store, centre: HttpCentre, key: OwnKey) -> Exchanged:
    """Exchange everything new, and refuse to count what was not whole."""
    device = device_of(store, sign=key.sign)
    done = finish(exchange_task(device, centre))
    if done.refusals or device.status.pending or device.status.conflicts:
        raise SystemExit(f"not whole: {done} {device.status}")
    return done


def bins(store: Store, count: int) -> list[Bin]:
    """Return made-up bins."""
    random = Random(7)
    return [
        Bin(
            id=store.ids(),
            geometry=shapely.Point(121.4 + random.random() / 5, 31.1 + random.random() / 5),
            source="benchmark",
            source_id=str(number),
            name=f"Bin {number}",
            capacity_l=240.0,
        )
        for number in range(count)
    ]


def changed(item: Bin, random: Random) -> Bin:
    """Return a bin with three other values, no two rows alike."""
    values = {"capacity_l": round(random.uniform(60, 1100), 1), "fill_level": round(random.random(), 4)}
    return replace(item, **values, name=f"{random.choice(STREETS)} {random.randint(1, 999)}")


def changes(folder: Path, options: argparse.Namespace) -> None:
    """Measure rows that are changed in one office, pushed, and pulled by another."""
    with centre_in(folder, options) as centre, Store.create(folder / "a.twin") as a, Store.create(folder / "b.twin") as b:
        line_a, line_b = Counting(), Counting()
        to_a, to_b = centre.meet("office a", Random(1), line_a), centre.meet("office b", Random(2), line_b)
        some, random = bins(a, options.rows), Random(3)
        a.write([Change(None, item) for item in some], title="Add")
        exchanged(a, to_a, to_a.key)
        exchanged(b, to_b, to_b.key)
        a.write([Change(item, changed(item, random)) for item in some], title="Change")
        line_a.sent = line_b.heard = 0
        both = Clock(centre)
        exchanged(a, to_a, to_a.key)
        pushed = str(both)
        pull = Clock(centre)
        exchanged(b, to_b, to_b.key)
        print(f"{options.rows:,} changed rows, {FIELDS} fields each, {_kind(options)}")
        print(f"  pushed           {pushed}")
        print(f"  pulled           {pull}")
        print(f"  both             {both}   wanted < 2 s for 10,000")
        fields = options.rows * FIELDS
        sizes = f"{line_a.sent / fields:.1f} there, {line_b.heard / fields:.1f} back"
        print(f"  bytes a field    {sizes}   wanted <= 60")
        require(b.find("bin") == a.find("bin"), "both offices have the same bins")
        to_a.close()
        to_b.close()


def fill(folder: Path, options: argparse.Namespace) -> None:
    """Measure the first fill of an office with a large city."""
    with centre_in(folder, options) as centre, Store.create(folder / "a.twin") as store:
        put_rows(centre.service, bins(store, options.fill))
        to = centre.meet("office", Random(1))
        clock = Clock(centre)
        done = exchanged(store, to, to.key)
        print(f"first fill of {done.rows:,} rows, {_kind(options)}")
        print(f"  filled           {clock}   wanted < 60 s for 1,000,000")
        require(store.counts()["bin"] == options.fill, "the office has every bin")
        to.close()


def put_rows(service: Service, some: list[Bin]) -> None:
    """Put rows into the centre as one commit of an office that is not here, without saying them to it."""
    from twin.model.codec import entity_to_json

    head_hash, by = digest("", b"benchmark"), Stamp(1, "x")
    with service.store.writing():
        for start in range(0, len(some), 20_000):
            rows = []
            for item in some[start : start + 20_000]:
                fields = entity_to_json(item)
                kind, key = fields.pop("kind"), fields.pop("id")
                rows.append(Row(kind, key, True, by, fields, dict.fromkeys(fields, by)))
            service.store.save_rows(rows)
        service.store.append([Taken(Commit(1, "x", 1, "", 0, ()), head_hash, head_hash, head_hash)])
        service.store.save_head(replace(service.store.lock_head(), seq=1, chain=head_hash))


def offices(folder: Path, options: argparse.Namespace) -> None:
    """Measure many offices that send a hundred edits each, eight at any moment."""
    edits = 100
    with centre_in(folder, options) as centre:
        to = [centre.meet(f"office {number}", Random(number)) for number in range(options.offices)]
        clock = Clock(centre)
        with ThreadPoolExecutor(8) as pool:
            taken = sum(pool.map(_edit_and_push, to, range(options.offices), [edits] * options.offices))
        print(f"{options.offices:,} offices, {edits} edits each, {_kind(options)}")
        print(f"  sent             {clock}   {taken:,} taken, {centre.errors} errors   wanted 0")
        facts = centre.service.facts()
        require(facts["commits"] == facts["rows"] == taken == options.offices * edits, "the centre has every edit once")
        for one in to:
            one.close()


def _edit_and_push(centre: HttpCentre, number: int, edits: int) -> int:
    db = sqlite3.connect(":memory:", isolation_level=None)
    device_state.create(db)
    city = PlainCity(db)
    random = Random(number)
    device = Device(city, lambda: f"{random.getrandbits(128):032x}", lambda: 0, sign=centre.key.sign)
    plain = {"geometry": shapely.to_wkb(shapely.Point(121.5, 31.2)).hex(), "source": "", "source_id": "", "source_hash": ""}
    for edit in range(edits):
        city.act("", 0, [Touch("bin", f"{number}-{edit}", None, {**plain, "name": f"Bin {edit}", "capacity_l": 240.0})])
    answer = centre.push(device.push(edits))
    db.close()
    return int(getattr(answer, "last", 0))


def geodiff(folder: Path, options: argparse.Namespace) -> None:
    """Measure the same change by pygeodiff, file against file, where it is installed."""
    try:
        import pygeodiff
    except ModuleNotFoundError:
        print("pygeodiff is not installed: pip install pygeodiff")
        return
    with Store.create(folder / "a.twin") as store:
        some, random = bins(store, options.rows), Random(3)
        store.write([Change(None, item) for item in some], title="Add")
        finish(store.export_geopackage(folder / "before.gpkg"))
        store.write([Change(item, changed(item, random)) for item in some], title="Change")
        finish(store.export_geopackage(folder / "after.gpkg"))
    tool = pygeodiff.GeoDiff()
    tool.set_maximum_logger_level(0)
    before, after, diff = (str(folder / name) for name in ("before.gpkg", "after.gpkg", "diff"))
    began = time.perf_counter()
    tool.create_changeset(before, after, diff)
    made_s = time.perf_counter() - began
    began = time.perf_counter()
    tool.apply_changeset(before, diff)
    applied_s = time.perf_counter() - began
    import zstandard

    size = len(zstandard.ZstdCompressor(level=3).compress(Path(diff).read_bytes()))
    print(f"pygeodiff, the same {options.rows:,} rows from file to file: no server, no merge, no rights")
    print(f"  made {made_s:.2f} s, applied {applied_s:.2f} s, {size / (options.rows * FIELDS):.1f} bytes a field compressed")


def _kind(options: argparse.Namespace) -> str:
    return "PostgreSQL" if options.postgres else "SQLite"


PARTS = {"changes": changes, "fill": fill, "offices": offices, "geodiff": geodiff}


if __name__ == "__main__":
    main()
