"""Triage: names the root cause of a Kubernetes incident and shows its evidence. ARCHITECTURE.md has the map."""
