"""A question from being asked to being answered: kept until then, whatever process does it."""
