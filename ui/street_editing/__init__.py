"""Editing streets on the map: tools for the mouse, the strip beside what was clicked, and answers while one works."""
