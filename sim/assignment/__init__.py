"""User equilibrium on a network of links: the engine, which knows arrays and no city."""
