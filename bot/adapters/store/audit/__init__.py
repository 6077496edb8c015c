"""The audit log: one chain of entries that only grows, its secret key, and its newest entry noted outside."""
