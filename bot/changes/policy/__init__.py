"""Who may change what, where, how far and when: a YAML file, strictly read, and pure decisions by it.

Called by `bot.changes` and by `triage policy`. Whatever is missing, broken, unknown or unclear is refused.
"""
