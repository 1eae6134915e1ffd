"""Who travels where by which roads: from a city to the network, the trips and the equilibrium that simulations start from."""
