"""Whose error a symptom of a paste is: a step of its own between matching and answering. Pure."""
