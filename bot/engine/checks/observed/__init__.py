"""What logs say about the calls along a route: which fail now, which were answered, which the called one fails."""
