"""What all tests share: the profile of generated tests that `make fuzz` runs for long."""

from hypothesis import settings

settings.register_profile("long", max_examples=2000, print_blob=True)
