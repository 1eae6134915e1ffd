"""From places that a siting proposes to the edit that puts bins there."""

from __future__ import annotations

import shapely

from twin.errors import ScenarioError
from twin.model.edits import AddBins
from twin.model.results import Result


def sited_bins(result: Result) -> AddBins:
    """Return the edit that adds one bin at each proposed place, of the kind and capacity that were asked for.

    Raises ``ScenarioError`` when the result proposes none.
    """
    table = result.tables.get("new_bin")
    if table is None or table.geometry is None or not len(table.ids):
        raise ScenarioError("This result proposes no bins.", "Run 'Where to put bins' again, for more bins or another kind.")
    at_m = tuple((x, y) for x, y in shapely.get_coordinates(table.geometry).tolist())
    return AddBins(at_m=at_m, waste_kind=str(result.params["waste_kind"]), capacity_l=float(result.params["capacity_l"]))
