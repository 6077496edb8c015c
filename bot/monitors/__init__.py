"""Monitors: what is looked at without being asked, and what becomes of what is found."""
