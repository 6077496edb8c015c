"""Benchmarks: they print ratios and counts, and assert nothing about time."""
