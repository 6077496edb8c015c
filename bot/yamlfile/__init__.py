"""Strict YAML for people: one way to read a file, to say what is wrong with it and where, and to keep it up to date.

Playbooks, policy, monitors, redaction rules and the settings file are all read by `recipe`; `reloading` follows the
files of a directory. Knows nothing of what any of them says.
"""
