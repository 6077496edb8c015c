"""Embedded stand-ins for Slack and Kubernetes, on loopback addresses only; used by `triage run` and by the tests."""
