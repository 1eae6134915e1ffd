"""Read TNTP files: the networks on which traffic assignment is compared in the literature.

The format is described at the TransportationNetworks collection: a head of ``<NAME> value`` lines, then
one link a line (from, to, capacity, length, free-flow time, B, power, speed, toll, type), or for trips
``Origin n`` followed by ``destination : trips;``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twin.errors import DataError
from twin.model.tntp_network import TntpNetwork
from twin.sources.od_matrix import check_size

_TAG = re.compile(r"<([^>]+)>\s*(.*)")
_ENTRY = re.compile(r"([^\s:;]+)\s*:\s*([^\s:;]+)")
_ORIGIN = re.compile(r"\s*([^\s:;]+)")
_ADVICE = "Give the network file first and the trip table second, both as published."
_COLUMNS = 9
_NEEDED = 7
"""Columns up to the power: files without speeds and tolls have no more."""
_MOST_NODES = 10_000_000


def read_tntp(net_path: Path, trips_path: Path) -> TntpNetwork:
    """Read a network and its trips.

    Raises ``DataError`` when a file cannot be read, a number is none, or the numbers make no sense.
    """
    net = read_net(net_path)
    return replace(net, demand=_trips(trips_path, net.zone_count))


def read_net(net_path: Path) -> TntpNetwork:
    """Read a network, with no trips on it. Raises ``DataError`` as ``read_tntp`` does."""
    head, body = _parts(net_path)
    zones, nodes = _count(head, "NUMBER OF ZONES", net_path), _count(head, "NUMBER OF NODES", net_path)
    links = _links(body, net_path)
    if "NUMBER OF LINKS" in head and len(links) != _count(head, "NUMBER OF LINKS", net_path):
        raise DataError(f"{net_path.name} says {head['NUMBER OF LINKS']} links and has {len(links)}.", "Is it cut off?")
    check_size(net_path.name, zones)
    ends = links[:, :2]
    if zones > nodes or ends.min() < 1 or ends.max() > nodes or np.any(ends != ends.astype(int)):
        raise DataError(f"{net_path.name} has links from or to nodes outside 1-{nodes}.", _ADVICE)
    grows = (links[:, 5] > 0) & (links[:, 6] > 0) & (links[:, 4] > 0)
    _refuse(net_path, "capacity", (links[:, 2] < 0) | (grows & (links[:, 2] == 0)))
    _refuse(net_path, "free-flow time", links[:, 4] < 0)
    _refuse(net_path, "B", links[:, 5] < 0)
    _refuse(net_path, "power", links[:, 6] < 0)
    _refuse(net_path, "length", links[:, 3] < 0)
    _refuse(net_path, "toll", links[:, 8] < 0)
    first_through = _count(head, "FIRST THRU NODE", net_path) if "FIRST THRU NODE" in head else 1
    return TntpNetwork(
        name=net_path.stem.removesuffix("_net"),
        zone_count=zones,
        node_count=nodes,
        first_through=min(first_through - 1, nodes),
        tail=(links[:, 0] - 1).astype(np.int32),
        head=(links[:, 1] - 1).astype(np.int32),
        capacity=np.where(links[:, 2] == 0, 1.0, links[:, 2]),  # of no consequence there: the time is constant
        length=links[:, 3].copy(),
        free_time=links[:, 4].copy(),
        b=links[:, 5].copy(),
        power=links[:, 6].copy(),
        toll=links[:, 8].copy(),
        demand=np.zeros((zones, zones)),
    )


def read_trips(path: Path) -> NDArray[np.float64]:
    """Read a trip table ``(zones, zones)`` whose head says how many zones there are. Raises ``DataError`` as ``read_tntp`` does."""
    head, _ = _parts(path)
    return _trips(path, _count(head, "NUMBER OF ZONES", path))


def holds_links(path: Path) -> bool:
    """Return whether a file is a network, and not a trip table."""
    head, _ = _parts(path)
    return "NUMBER OF LINKS" in head


def read_places(path: Path) -> dict[int, tuple[float, float]]:
    """Read the coordinates of nodes by their number from 1; lines that are none are left out."""
    _, body = _parts(path)
    rows = [line.replace(";", " ").split()[:3] for line in body.splitlines()]
    places = {}
    for row in rows:
        try:
            number, x, y = (float(value) for value in row)
        except ValueError:
            continue
        places[int(number)] = (x, y)
    return places


def _parts(path: Path) -> tuple[dict[str, str], str]:
    """Return the head as a mapping and the rest as text."""
    try:
        text = path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.", "Check the path.") from error
    head: dict[str, str] = {}
    body = []
    for line in text.splitlines():
        said = line.partition("~")[0].strip()
        tag = _TAG.match(said)
        if tag:
            head[tag[1].strip().upper()] = tag[2].strip(" \t;")
        elif said.strip("; \t"):
            body.append(said)
    return head, "\n".join(body)


def _count(head: dict[str, str], name: str, path: Path) -> int:
    value = head.get(name, "")
    try:
        number = float(value.replace(",", ""))
    except ValueError:
        number = 0.0
    if not 1.0 <= number < 1e9 or number != int(number):
        raise DataError(f"{path.name} has no sound <{name}> (found {value!r}); it is not a TNTP network.", _ADVICE)
    if number > _MOST_NODES:
        raise DataError(f"{path.name} says <{name}> {value}; at most {_MOST_NODES} can be read.", _ADVICE)
    return int(number)


def _links(body: str, path: Path) -> NDArray[np.float64]:
    rows: list[list[float]] = []
    for line in body.splitlines():
        fields = line.replace(";", " ").split()
        if not rows and not any(character.isdigit() for character in line):
            continue  # names of columns without the sign of a comment
        try:
            row = [float(field) for field in fields[:_COLUMNS]]
        except ValueError:
            row = []
        if len(row) < _NEEDED or not np.all(np.isfinite(row)):
            number = len(rows) + 1
            raise DataError(f"{path.name}: link {number} is not a row of {_NEEDED} or more numbers: {line.strip()!r}.", _ADVICE)
        rows.append(row + [0.0] * (_COLUMNS - len(row)))
    if not rows:
        raise DataError(f"{path.name} has no links.", _ADVICE)
    return np.array(rows)


def _trips(path: Path, zones: int) -> NDArray[np.float64]:
    """Return the trip table; several entries of one pair add up."""
    head, body = _parts(path)
    if "NUMBER OF ZONES" in head and _count(head, "NUMBER OF ZONES", path) != zones:
        raise DataError(f"{path.name} has trips of {head['NUMBER OF ZONES']} zones; the network has {zones}.", _ADVICE)
    check_size(path.name, zones)
    demand = np.zeros((zones, zones))
    before, *blocks = re.split(r"(?i)\borigin\b", body)
    if not blocks or before.strip():
        raise DataError(f"{path.name} is not a TNTP trip table: it does not begin with an origin.", _ADVICE)
    for block in blocks:
        number = _ORIGIN.match(block)
        origin = _zone(number[1] if number else "", zones, path)
        entries = block[number.end() :] if number else ""
        rest = _ENTRY.sub(" ", entries).replace(";", " ").split()
        if rest:
            raise DataError(
                f"{path.name}: trips from zone {origin + 1} are no number of 0 or more: {' '.join(rest)[:60]!r}.", _ADVICE
            )
        for destination, value in _ENTRY.findall(entries):
            try:
                trips = float(value)
            except ValueError:
                trips = np.nan
            if not np.isfinite(trips) or trips < 0:
                raise DataError(
                    f"{path.name}: trips from zone {origin + 1} are no number of 0 or more: {destination} : {value}.", _ADVICE
                )
            demand[origin, _zone(destination, zones, path)] += trips
    return demand


def _zone(text: str, zones: int, path: Path) -> int:
    text = text.strip()
    if not text.isdigit() or not 1 <= int(text) <= zones:
        raise DataError(f"{path.name} names zone {text!r}; the network has zones 1-{zones}.", _ADVICE)
    return int(text) - 1


def _refuse(path: Path, what: str, bad: NDArray[np.bool_]) -> None:
    if bad.any():
        raise DataError(f"{path.name}: link {int(np.flatnonzero(bad)[0]) + 1} has an impossible {what}.", _ADVICE)
