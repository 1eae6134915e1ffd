"""Two offices that trust each other, a stranger, and a small package from one to the other."""

from __future__ import annotations

import pytest

from tests.offices import packed, rings_of


@pytest.fixture(scope="session")
def rings(tmp_path_factory):
    return rings_of(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def package(tmp_path, rings):
    """Return the path of a package from the office to the centre."""
    path = tmp_path / "north.ctpkg"
    packed(path, rings["north"], [rings["centre"]])
    return path
