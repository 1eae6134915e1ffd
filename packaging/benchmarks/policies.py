"""Collection policies over many seeds: cost and overflow with paired intervals, and the cost at equal overflow.

On the demo city, with ``--malaga`` on the 14,346 real containers of Málaga on generated streets, or on a workspace.
Settings are tuned on other seeds than those reported. What was measured is kept in ``out/policies``: a run that was broken off
goes on, as long as neither the city nor the code of the simulation changes. ``--write`` puts the short table into the README.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from pathlib import Path

from cities.contest import Case, run, standings
from cities.malaga import malaga
from cities.standing_tables import markdown, text

from sim.cleanup import Cleanup
from sim.cleanup.front import CONTENDERS, TUNING
from sim.cleanup.params import CleanupParams
from sim.cleanup.simulation import COLLECTION
from sim.digest import input_hash
from twin.model.scenario import baseline
from twin.model.snapshot import Snapshot
from twin.task import finish

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
MARK = "<!-- policies, {}: written by packaging/benchmark policies -->"
END = "<!-- policies: end -->"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark policies", description=__doc__)
    parser.add_argument("--malaga", action="store_true")
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--tuning-seeds", type=int, default=4)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--reference-days", type=int, default=3, help="the rounds that policies are compared with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--logs", type=Path, default=ROOT / "out" / "policies")
    parser.add_argument("--write", action="store_true", help="put the short table between its marks in README.md")
    options = parser.parse_args()
    started, snapshot = time.perf_counter(), city(options.malaga, options.workspace)
    params = CleanupParams(days=options.days, replications=options.seeds, period_days=options.reference_days)
    sets = ((options.seed + TUNING, options.tuning_seeds), (options.seed, options.seeds))
    options.logs.mkdir(parents=True, exist_ok=True)
    log = options.logs / f"{fingerprint(snapshot, params)}.jsonl"
    cases = [
        Case(contender, seed, number) for seed, count in sets for number in range(count) for contender in range(len(CONTENDERS))
    ]
    done = run(snapshot, params, cases, log, options.processes)
    tuning, found = (standings(done, seed, count) for seed, count in sets)
    head = f"{snapshot.name}: {len(snapshot['bin']):,} bins, {len(snapshot['node']):,} junctions"
    print(f"{head}; {options.days} days after {params.warm_up_days} of warm-up")
    for line in text(found, tuning, options.reference_days):
        print(line)
    if options.write:
        what = f"{head}, {options.days} days, {options.seeds} seeds:\n\n"
        write("Málaga" if options.malaga else "demo", what + "\n".join(markdown(found, tuning, options.reference_days)))
    print(f"{time.perf_counter() - started:.0f} s")


def fingerprint(snapshot: Snapshot, params: CleanupParams) -> str:
    """Return a digest of the city, the parameters and the code of the simulation."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(finish(input_hash(snapshot, COLLECTION, ("fill_reading",), baseline())).encode())
    digest.update(repr(params).encode())
    for path in sorted([*(ROOT / "sim" / "cleanup").glob("*.py"), *(ROOT / "sim" / "routing").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def write(name: str, table: str) -> None:
    """Replace what stands between a city's marks in the README."""
    before, after = README.read_text("utf-8").split(MARK.format(name))
    README.write_text(f"{before}{MARK.format(name)}\n{table}\n{END}{after.partition(END)[2]}", "utf-8")


def city(is_malaga: bool, workspace: Path | None) -> Snapshot:
    """Return the city that was asked for, by default the demo."""
    from twin.store import Store

    if is_malaga:
        return malaga()
    with tempfile.TemporaryDirectory() as folder:
        if workspace is None:
            from ui.cli import main as citytwin

            citytwin(["demo", "--headless", "--out", folder])
            [workspace] = list(Path(folder).rglob("*.twin"))
        with Store.open(workspace, writable=False) as store:
            return store.snapshot(Cleanup.kinds, histories=Cleanup.histories)


if __name__ == "__main__":
    main()
