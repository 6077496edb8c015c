"""The tables as this program needs them, and the triggers on the audit table."""
