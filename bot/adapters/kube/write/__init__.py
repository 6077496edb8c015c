"""Applies the steps of a remedy in somebody's name, each write once, and says what became of it."""
