"""Recognition: a paste is decoded, cleaned and searched for known errors. No I/O, no clock; linear in the paste."""
