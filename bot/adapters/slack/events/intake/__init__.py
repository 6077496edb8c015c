"""What comes in: written down before it is acknowledged, read with its files and what was said before."""
