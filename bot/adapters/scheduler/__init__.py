"""Runs jobs at their times, on the one replica that leads."""
