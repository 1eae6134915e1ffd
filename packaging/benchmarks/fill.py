"""How well fill levels are forecast on real bins: the model against naive forecasts, by Brier, CRPS and MAE."""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np

from sim.cleanup.backtest import HORIZONS, Levels, back_test
from twin.task import finish

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bins" / "wyndham_smartbin_daily_2018_2021.csv"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark fill", description=__doc__)
    parser.add_argument("readings", type=Path, nargs="?", default=DATA, help="a table as Wyndham publishes it")
    parser.add_argument(
        "--from", dest="first", default="2020-07-01", help="first day that is forecast; all before is for learning"
    )
    parser.add_argument("--full", type=float, default=0.8, help="the level whose reaching is forecast")
    options = parser.parse_args()
    first_date, levels = read(options.readings)
    began = time.process_time()
    first_day = int((np.datetime64(options.first) - first_date).astype(int))
    scores = finish(back_test(levels, first_day, options.full))
    print(f"{options.readings.name}: {len(levels.level)} bins, {int((~np.isnan(levels.level)).sum())} readings")
    print(f"forecast from {options.first} on, {scores[0].cases} days of a bin, {time.process_time() - began:.1f} s of processor")
    heads = "".join(f"  Brier {days} d" for days in HORIZONS)
    print(f"{'':22s}{heads}     CRPS  MAE median  MAE mean")
    for score in scores:
        briers = "".join(f"{score.brier[days]:11.4f}" for days in HORIZONS)
        print(f"{score.name:22s}{briers}{score.crps:9.4f}{score.mae_median:12.4f}{score.mae_mean:10.4f}")


def read(path: Path) -> tuple[np.datetime64, Levels]:
    """Return the first date of a table and its levels by bin and day."""
    with path.open() as file:
        rows = [
            (row["serialNumber"], np.datetime64(row["timestamp"]), int(row["latestFullness"])) for row in csv.DictReader(file)
        ]
    keys = {key: place for place, key in enumerate(sorted({key for key, _, _ in rows}))}
    first = min(day for _, day, _ in rows)
    last = max(day for _, day, _ in rows)
    level = np.full((len(keys), int((last - first).astype(int)) + 1), np.nan)
    for key, day, tenths in rows:
        level[keys[key], int((day - first).astype(int))] = tenths / 10
    weekday = (np.arange(level.shape[1]) + first.astype("datetime64[D]").astype(int) + 3) % 7
    steps = np.diff(np.unique(level[~np.isnan(level)]))
    return first, Levels(level, weekday.astype(np.intp), float(steps.min()))


if __name__ == "__main__":
    main()
