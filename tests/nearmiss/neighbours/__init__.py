"""Near misses beside the given ones: for each that is no fault the neighbouring state that is one, and the reverse.

The right answers were written down before the first run.
"""
