"""How good the forecast of the next hour is: back-test on counts against naive forecasts.

Of a workspace (WORKSPACE.twin) with counts, else of the hourly counts of Helsinki beside the checkout, typical days of the years
2011 to 2016. Half of these repeat the number of the year before to the vehicle: the second table leaves such hours out.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from sim.forecast.backtest import OWN, BackTest, tried_out
from sim.forecast.series import Series, series_of
from twin.task import finish
from ui.session import Session

HELSINKI = Path(__file__).resolve().parents[3] / "shared" / "data" / "traffic" / "helsinki_hourly_counts_2011_2016.csv"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="packaging/benchmark forecast", description=__doc__)
    parser.add_argument("workspace", nargs="?", type=Path, help="a city with counts; otherwise those of Helsinki")
    parser.add_argument("--test-share", type=float, default=0.4)
    options = parser.parse_args()
    series = counted(options.workspace) if options.workspace else helsinki()
    print(f"{len(series.station)} series, {len(series.day)} days")
    for skip in (False, True):
        test = finish(tried_out(series, options.test_share, skip_repeated=skip))
        print()
        print("hours whose count differs from the same hour before" if skip else "all hours")
        tell(test)


def counted(path: Path) -> Series:
    """Return the counts of a workspace."""
    with Session.open(path, writable=False) as session:
        return series_of(session.store.snapshot(("counter",), histories=("traffic_count",)).histories["traffic_count"])


def helsinki() -> Series:
    """Return the counts of Helsinki: a typical day of each year, hours and, in the peaks, quarters of hours."""
    with HELSINKI.open(encoding="iso-8859-1", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    minutes = np.array([int(row["aika"]) // 100 * 60 + int(row["aika"]) % 100 for row in rows])
    _, of, count = np.unique(
        np.array(
            [f"{row['piste']} {row['suunta']} {row['vuosi']} {minute // 60}" for row, minute in zip(rows, minutes, strict=True)]
        ),
        return_inverse=True,
        return_counts=True,
    )
    year = np.array([np.datetime64(row["vuosi"], "s") for row in rows])
    return series_of(
        {
            "subject_id": np.array([row["piste"] for row in rows], dtype=object),
            "direction": np.array([row["suunta"] for row in rows], dtype=object),
            "at": year + minutes.astype("timedelta64[m]"),
            "duration_s": 3600.0 / count[of],
            "total": np.array([float(row["autot"]) for row in rows]),
        }
    )


def tell(test: BackTest) -> None:
    """Print one table."""
    print(f"{test.hours} hours of {test.days} days; {100 * test.repeated:.1f} % repeat the same hour before")
    print(f"{'':12}{'MAE veh/h':>11}{'RMSE veh/h':>12}{'GEH median':>12}{'GEH < 5':>9}{'skill':>8}")
    for score in test.scores:
        skill = "" if score.name == OWN else f"{test.skill(score.name):8.3f}"
        print(
            f"{score.name:12}{score.mae_vph:11.1f}{score.rmse_vph:12.1f}{score.median_geh:12.2f}{100 * score.geh_under_5:8.1f}%{skill}"
        )
    print(f"95 % intervals hold {100 * test.coverage:.1f} % of the counts; learned: {test.method}")


if __name__ == "__main__":
    main()
