"""The rules of the lint, by subject. Each rule takes the whole set and yields problems."""
