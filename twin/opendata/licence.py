"""Under which terms data may be given away: that is for its owners to say, and some have said it already."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from twin.errors import DataError


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms with their SPDX name; ``share_alike`` data made of it must be given away under the same terms."""

    name: str
    title: str
    path: str
    share_alike: bool = False


LICENCES: tuple[Licence, ...] = (
    Licence("CC0-1.0", "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    Licence("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
    Licence("ODbL-1.0", "Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", share_alike=True),
    Licence("ODC-By-1.0", "Open Data Commons Attribution 1.0", "https://opendatacommons.org/licenses/by/1-0/"),
)
OF_SOURCE = {"osm": "ODbL-1.0"}
"""Sources whose owners have settled the terms of what is made of them."""


def licence_for(sources: Collection[str], *, synthetic: bool, wanted: str = "") -> Licence:
    """Return the terms of a city's open data.

    Raises ``DataError`` when its owners must say them and have not, and when a source has settled others.
    """
    settled = sorted({OF_SOURCE[source] for source in sources if source in OF_SOURCE})
    if settled and wanted not in ("", settled[0]):
        raise DataError(
            f"The city holds data under {settled[0]}, which must be given away under the same terms, not under '{wanted}'.",
            f"Leave the licence out, or give {settled[0]}.",
        )
    name = settled[0] if settled else wanted or ("CC0-1.0" if synthetic else "")
    known = {licence.name: licence for licence in LICENCES}
    if name in known:
        return known[name]
    names = ", ".join(known)
    if not name:
        raise DataError(
            "Nobody has said under which terms this city's data may be given away.", f"Give its owner's licence: {names}."
        )
    raise DataError(f"'{name}' is no licence that is known here.", f"Known are: {names}.")
