"""Routes for vehicles: one engine for published test problems and for the rounds of a city, quick or at length."""
