"""Fixes of an incident: what is offered, asked for and followed up."""
