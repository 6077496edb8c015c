"""Builds the program from its parts: the only place that knows concrete classes."""
