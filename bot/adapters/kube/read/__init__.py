"""Reads a cluster for a diagnosis: bounded lists first, then details (logs, health answers). Never writes."""
