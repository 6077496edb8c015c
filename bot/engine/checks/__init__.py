"""Checks on a bound app: pure questions to the view, each with a sentence, a kubectl command and typed facts.

`every.run_checks` asks all of them.
"""
