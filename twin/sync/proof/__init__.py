"""The proof of sync: a simulated world whose seed is its whole schedule, and a reference that shares no code with it."""
