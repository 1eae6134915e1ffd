"""What-if simulations: generators over the model, with no files, no window and no database."""

from sim.base import Simulation
from sim.cleanup import Cleanup
from sim.congestion import Congestion
from sim.crews import Crews
from sim.flows import Flows
from sim.forecast import Forecast
from sim.hot_spots import HotSpots
from sim.isochrone import Isochrone
from sim.queues import Queues
from sim.siting import BinSiting
from sim.snow_clearing import SnowClearing
from sim.street_cleaning import StreetCleaning
from sim.travel.kept import KeptCity

_CITY = KeptCity()
"""The city as it was last solved: one for all simulations on its roads, so that each need not solve it again."""

SIMULATIONS: tuple[Simulation, ...] = (
    Congestion(_CITY),
    Cleanup(_CITY),
    Isochrone(_CITY),
    Flows(_CITY),
    Forecast(_CITY),
    Queues(_CITY),
    HotSpots(),
    StreetCleaning(),
    SnowClearing(),
    Crews(),
    BinSiting(),
)
"""Every kind of what-if, in the order of the menus. Heavy modules are imported when one runs, never here."""
