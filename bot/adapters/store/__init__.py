"""Keeps everything that must survive a restart, in SQLite or Postgres. Imports nothing of the other adapters."""
