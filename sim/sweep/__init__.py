"""Sweeps: many scenarios of one city, measured alike and ranked. Pure: who runs them, and on how many cores, is not known here."""
