"""Near misses: saved views that a careless rule calls a fault, or calls healthy, with the right answer."""
