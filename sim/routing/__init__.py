"""Routes for vehicles: one engine for published test problems, later for the rounds of a city."""
