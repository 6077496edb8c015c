"""Presses and forms that a language model has a part in."""
