"""All that a planner may change in a scenario. A new edit is one class and one line here."""

from __future__ import annotations

from twin.model.edits.base import PART, Edit, pieces
from twin.model.edits.collection import (
    POLICIES,
    AddBins,
    MoveBins,
    RemoveBins,
    ResizeBins,
    ScaleFill,
    SetCollectionDays,
    SetFleet,
    SetPolicy,
    bins_beside,
)
from twin.model.edits.demand import AddEvent, ScaleDemand, SetZoneDemand
from twin.model.edits.directions import SetDirection
from twin.model.edits.junctions import BanTurn, SetSignal
from twin.model.edits.new_link import AddLink
from twin.model.edits.roads import (
    BanTrucks,
    BlockLanes,
    CloseLinks,
    OpenLinks,
    SetBuses,
    SetCapacity,
    SetLanes,
    SetSpeed,
    SetToll,
)
from twin.model.edits.yards import AddDisposalSite, CloseDisposalSites

EDITS: tuple[type[Edit], ...] = (
    CloseLinks,
    OpenLinks,
    SetLanes,
    SetSpeed,
    SetCapacity,
    SetDirection,
    AddLink,
    BanTurn,
    SetSignal,
    SetToll,
    BanTrucks,
    SetBuses,
    BlockLanes,
    ScaleDemand,
    SetZoneDemand,
    AddEvent,
    SetFleet,
    SetPolicy,
    SetCollectionDays,
    ScaleFill,
    AddBins,
    MoveBins,
    RemoveBins,
    ResizeBins,
    AddDisposalSite,
    CloseDisposalSites,
)

__all__ = [
    "EDITS",
    "PART",
    "POLICIES",
    "AddBins",
    "AddDisposalSite",
    "AddEvent",
    "AddLink",
    "BanTrucks",
    "BanTurn",
    "BlockLanes",
    "CloseDisposalSites",
    "CloseLinks",
    "Edit",
    "MoveBins",
    "OpenLinks",
    "RemoveBins",
    "ResizeBins",
    "ScaleDemand",
    "ScaleFill",
    "SetBuses",
    "SetCapacity",
    "SetCollectionDays",
    "SetDirection",
    "SetFleet",
    "SetLanes",
    "SetPolicy",
    "SetSignal",
    "SetSpeed",
    "SetToll",
    "SetZoneDemand",
    "bins_beside",
    "pieces",
]
