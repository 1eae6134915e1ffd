"""What can be drawn: each layer kind turns a snapshot into marks, and ``marks`` alone knows VTK."""

from layers.base import Layer
from layers.bins import BinsLayer
from layers.buildings import BuildingsLayer
from layers.cameras import CamerasLayer
from layers.cases import CasesLayer
from layers.congestion import CongestionLayer
from layers.depots import DepotsLayer
from layers.desire import DesireLayer
from layers.districts import DistrictsLayer
from layers.hexes import HexesLayer
from layers.incidents import IncidentsLayer
from layers.labels import LabelsLayer
from layers.land_use import LandUseLayer
from layers.new_bins import NewBinsLayer
from layers.queues import QueuesLayer
from layers.roads import RoadsLayer
from layers.routes import RoutesLayer
from layers.terrain import TerrainLayer

LAYERS: tuple[Layer, ...] = (
    TerrainLayer(),
    LandUseLayer(),
    RoadsLayer(),
    BuildingsLayer(),
    HexesLayer(),
    CongestionLayer(),
    QueuesLayer(),
    DesireLayer(),
    RoutesLayer(),
    DepotsLayer(),
    CamerasLayer(),
    BinsLayer(),
    NewBinsLayer(),
    CasesLayer(),
    IncidentsLayer(),
    DistrictsLayer(),
    LabelsLayer(),
)
"""Every kind of layer, in drawing order. A new kind is one file and one line here."""

WITHOUT_RESULTS = frozenset(
    {"terrain", "land_use", "roads", "buildings", "depots", "cameras", "cases", "incidents", "districts", "labels"}
)
"""Names of the layers that show no numbers of results: they are not drawn anew for them."""
