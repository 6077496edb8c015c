"""Presses and forms of changes."""
