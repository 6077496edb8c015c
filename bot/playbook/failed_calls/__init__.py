"""How to read failed calls: what clients print, as data. `rules.py` loads the YAML files of this folder."""
