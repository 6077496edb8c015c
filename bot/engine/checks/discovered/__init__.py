"""Checks on what only a discovered app has: Services, calls, Ingresses, autoscalers."""
