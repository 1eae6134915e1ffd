"""Read published vehicle-routing problems: CVRPLIB, the Finnish bins, and Kim's waste collection."""

from __future__ import annotations

from pathlib import Path

from twin.errors import DataError
from twin.model.routing_instance import RoutingInstance
from twin.sources.bins_inp import read_bins
from twin.sources.cvrplib import read_cvrp
from twin.sources.waste_stops import read_waste_stops

_ADVICE = "Give a CVRPLIB file (.vrp), Finnish bins (bins_*.inp) or waste stops (*_stop.txt)."


def read_routing_instance(path: Path) -> RoutingInstance:
    """Read a problem by what its file is called.

    Raises ``DataError`` when the file cannot be read, is of no known kind, or its numbers make no sense.
    """
    match path.suffix.lower():
        case ".vrp":
            return read_cvrp(path)
        case ".inp":
            return read_bins(path)
        case ".txt":
            return read_waste_stops(path)
    raise DataError(f"{path.name} is of no known kind of routing problem.", _ADVICE)
