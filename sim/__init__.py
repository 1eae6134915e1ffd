"""What-if simulations: generators over the model, with no files, no window and no database."""

from sim.base import Simulation
from sim.cleanup import Cleanup
from sim.congestion import Congestion

SIMULATIONS: tuple[Simulation, ...] = (Congestion(), Cleanup())
"""Every kind of what-if, in the order of the menus. Heavy modules are imported when one runs, never here."""
