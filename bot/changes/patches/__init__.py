"""A write as data: which fields it changes, its fingerprint, its way back, and who else has a say in those fields."""
