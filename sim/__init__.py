"""What-if simulations: generators over the model, with no files, no window and no database."""

from sim.base import Simulation
from sim.cleanup import Cleanup

SIMULATIONS: tuple[Simulation, ...] = (Cleanup(),)
"""Every kind of what-if, in the order of the menus. Heavy modules are imported when one runs, never here."""
