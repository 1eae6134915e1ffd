"""The Chinese map datums: GCJ-02 (most Chinese map services) and BD-09 (Baidu) to and from WGS 84.

GCJ-02 shifts places in China by 300-700 m with a formula that was never published; this is the
reverse-engineered one that the field uses. It differs from the official plug-in by up to about 2 m,
so it is for reading other people's data and for display, never for surveying. Outside China the
shift is zero, as the services have it.

All functions take and return ``(n, 2)`` arrays of longitude, latitude in degrees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from twin.geo import FloatArray

# Krasovsky 1940, the ellipsoid of the shift.
_A_M = 6378245.0
_E2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_ROUNDS = 3  # measured: 2 rounds leave 1 cm, 3 leave 0.04 mm, 4 leave nothing


def in_china(lon_lat: FloatArray) -> NDArray[np.bool_]:
    """Return which points lie in the box around China in which the services shift."""
    lon, lat = lon_lat[:, 0], lon_lat[:, 1]
    return (lon > 72.004) & (lon < 137.8347) & (lat > 0.8293) & (lat < 55.8271)


def wgs84_to_gcj02(lon_lat: FloatArray) -> FloatArray:
    """Shift WGS 84 to GCJ-02."""
    return np.where(in_china(lon_lat)[:, None], lon_lat + _shift(lon_lat), lon_lat)


def gcj02_to_wgs84(lon_lat: FloatArray) -> FloatArray:
    """Take the GCJ-02 shift back, to better than 1 mm of the formula's own inverse."""
    found = lon_lat.copy()
    for _ in range(_ROUNDS):
        found -= found + _shift(found) - lon_lat
    return np.where(in_china(found)[:, None] & in_china(lon_lat)[:, None], found, lon_lat)


def gcj02_to_bd09(lon_lat: FloatArray) -> FloatArray:
    """Shift GCJ-02 to Baidu's BD-09."""
    return np.where(in_china(lon_lat)[:, None], _to_baidu(lon_lat), lon_lat)


def bd09_to_gcj02(lon_lat: FloatArray) -> FloatArray:
    """Take Baidu's second shift back."""
    found = lon_lat - (0.0065, 0.006)
    for _ in range(_ROUNDS):
        found -= _to_baidu(found) - lon_lat
    return np.where(in_china(found)[:, None] & in_china(lon_lat)[:, None], found, lon_lat)


def wgs84_to_bd09(lon_lat: FloatArray) -> FloatArray:
    """Shift WGS 84 to Baidu's BD-09."""
    return gcj02_to_bd09(wgs84_to_gcj02(lon_lat))


def bd09_to_wgs84(lon_lat: FloatArray) -> FloatArray:
    """Take both shifts of BD-09 back."""
    return gcj02_to_wgs84(bd09_to_gcj02(lon_lat))


def _to_baidu(lon_lat: FloatArray) -> FloatArray:
    x, y = lon_lat[:, 0], lon_lat[:, 1]
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def _shift(lon_lat: FloatArray) -> FloatArray:
    """Return the shift in degrees."""
    x, y = lon_lat[:, 0] - 105.0, lon_lat[:, 1] - 35.0
    east_m, north_m = _east(x, y), _north(x, y)
    latitude = np.radians(lon_lat[:, 1])
    m = 1.0 - _E2 * np.sin(latitude) ** 2
    east_radius_m = _A_M / np.sqrt(m) * np.cos(latitude)
    north_radius_m = _A_M * (1.0 - _E2) / (m * np.sqrt(m))
    return np.column_stack([np.degrees(east_m / east_radius_m), np.degrees(north_m / north_radius_m)])


def _east(x: FloatArray, y: FloatArray) -> FloatArray:
    short = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    middle = 20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)
    long = 150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)
    plane = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    return np.asarray(plane + (short + middle + long) * 2.0 / 3.0)


def _north(x: FloatArray, y: FloatArray) -> FloatArray:
    short = 20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)
    middle = 20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)
    long = 160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)
    plane = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    return np.asarray(plane + (short + middle + long) * 2.0 / 3.0)
