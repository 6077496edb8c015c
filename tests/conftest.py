"""What all tests share: the profile of generated tests that `make fuzz` runs for long."""

from hypothesis import settings

from tests.databases import database, empty_file, own_database, postgres, store

__all__ = ["database", "empty_file", "own_database", "postgres", "store"]

settings.register_profile("long", max_examples=2000, print_blob=True)
